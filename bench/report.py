"""Bring the tables of docs/performance.md up to the last results.

    .venv/bin/python -m bench.report

A table stands between `<!-- begin: part -->` and `<!-- end: part -->`, and is what the
part's `report.table` makes of bench/results/<part>.json: the document cannot say anything
that was not measured.
"""

import re
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from bench.harness import results
from core.environment import BASE_DIR

PARTS = ["turns", "size", "capacity", "page"]
DOCUMENT = BASE_DIR / "docs" / "performance.md"
SECTION = "<!-- begin: {part} -->\n{text}<!-- end: {part} -->"
NOT_YET = "Not measured yet.\n"
OUTDATED = "Measured by an earlier version of the benchmark: measure again.\n"


def main() -> None:
    before = DOCUMENT.read_text(encoding="utf-8")
    after = updated(before)
    DOCUMENT.write_text(after, encoding="utf-8")
    print(f"{DOCUMENT.name}: {'up to date' if after == before else 'new figures'}")


def updated(document: str) -> str:
    """Return the document with every part's table as its results are now."""
    for part in PARTS:
        pattern = re.escape(SECTION).replace(r"\{part\}", part)
        pattern = pattern.replace(r"\{text\}", "(?:.*\n)*?")
        section = SECTION.format(part=part, text=text_of(part))
        document = re.sub(pattern, lambda found, section=section: section, document)
    return document


def text_of(part: str) -> str:
    """Return what stands between the marks of a part, ending in a new line."""
    found = results.read(part)
    if found is None or find_spec(f"bench.{part}") is None:
        return NOT_YET
    try:
        table = import_module(f"bench.{part}.report").table(found)
    except KeyError:
        return OUTDATED
    return "\n".join(filter(None, [origin(found), table.strip()])) + "\n"


def origin(found: dict[str, Any]) -> str:
    """Return when and on what these figures were measured, as a paragraph."""
    if "machine" not in found:
        return ""
    machine, versions = found["machine"], found["versions"]
    names = ("python", "django", "psycopg")
    return (
        f"*{found['date'][:10]}, commit {found['commit']}, {machine['cores']} cores of"
        f" {machine['processor']}, {machine['memory_gb']:.0f} GB,"
        f" {', '.join(f'{name} {versions[name]}' for name in names)}.*\n"
    )


if __name__ == "__main__":
    main()

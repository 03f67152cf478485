"""Results as files, and the table of docs/reliability.md: `python -m faults.report`."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.environment import BASE_DIR
from faults.experiment import Figure

RESULTS = Path(__file__).resolve().parent / "results"
DOCUMENT = BASE_DIR / "docs" / "reliability.md"
BEGIN, END = "<!-- begin: figures -->\n", "<!-- end: figures -->"


def write(
    name: str,
    title: str,
    figures: Sequence[Figure],
    seconds: float,
    circumstances: dict[str, Any],
) -> None:
    """Keep what a full run of an experiment counted."""
    RESULTS.mkdir(exist_ok=True)
    found = circumstances | {
        "experiment": name,
        "title": title,
        "seconds": round(seconds),
        "figures": [figure._asdict() for figure in figures],
    }
    text = json.dumps(found, ensure_ascii=False, indent=1)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def results() -> list[dict[str, Any]]:
    """Return what was kept, E2 before E10."""
    paths = sorted(RESULTS.glob("E*.json"), key=lambda path: int(path.stem[1:]))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def table() -> str:
    """Return the figures of all experiments as Markdown."""
    head = [
        "| | experiment | figure | value | target | |",
        "|---|---|---|---:|---:|---|",
    ]
    rows = [row for found in results() for row in rows_of(found)]
    return "\n".join([*head, *rows]) + "\n"


def rows_of(found: dict[str, Any]) -> Iterator[str]:
    """An experiment is named in its first row alone."""
    name, title = found["experiment"], found["title"]
    for figure in found["figures"]:
        kind = "*control:* " if figure["is_control"] else ""
        yield (
            f"| {name} | {title} | {kind}{figure['name']} | {figure['value']:,} "
            f"| {figure['target']} | {verdict(figure)} |"
        )
        name = title = ""


def verdict(figure: dict[str, Any]) -> str:
    """Tell whether a figure is what it had to be; nothing of one that is only counted."""
    if figure["target"] == "counted":
        return ""
    return "held" if figure["is_held"] else "**missed**"


def updated(document: str) -> str:
    """Return the document with the table as the results are now."""
    pattern = re.escape(BEGIN) + r"(?:.*\n)*?" + re.escape(END)
    section = BEGIN + table() + END
    return re.sub(pattern, lambda found: section, document)


def main() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(updated(document), encoding="utf-8")


if __name__ == "__main__":
    main()

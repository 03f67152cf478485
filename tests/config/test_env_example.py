"""The example of an environment names all that is read from it, and nothing else."""

import re

from core.environment import BASE_DIR

READ = re.compile(
    r"""(?:env\.\w+\(|os\.environ(?:\.get\(|\[))\s*["']([A-Z0-9_]+)["']""", re.VERBOSE
)
# The name of the file itself cannot stand in it.
ELSEWHERE = {"ENV_FILE", "DJANGO_SETTINGS_MODULE"}


FOLDERS = (
    *("accounts", "candidates", "config", "core", "interviews"),
    *("reviews", "vacancies", "voice"),
)


def names_read():
    for folder in FOLDERS:
        for path in (BASE_DIR / folder).rglob("*.py"):
            if path.name != "settings_test.py":
                yield from READ.findall(path.read_text())


def test_example_names_what_is_read():
    example = (BASE_DIR / ".env.example").read_text()
    shown = set(re.findall(r"^([A-Z0-9_]+)=", example, re.MULTILINE))

    assert set(names_read()) - ELSEWHERE == shown

"""docs/security.md: its table is whole, and what it names is there."""

import re
from itertools import groupby

import pytest

from core.environment import BASE_DIR

PAGE = (BASE_DIR / "docs/security.md").read_text()
ROW = re.compile(r"(?m)^\| (\d+\.\d+\.\d+) \| ([12]) \| (.*?) \| (.*?) \|$")
ROWS = ROW.findall(PAGE)
# OWASP ASVS 5.0.0: how many requirements of level 1 and of level 2 each section has, and
# the last number of any level, which tells a made-up id.
SECTIONS = """
1.1 0 2 2, 1.2 5 4 10, 1.3 2 9 12, 1.4 0 3 3, 1.5 1 1 3,
2.1 1 2 3, 2.2 2 1 3, 2.3 1 3 5, 2.4 0 1 2,
3.2 2 0 3, 3.3 1 3 5, 3.4 2 4 8, 3.5 3 2 8, 3.7 0 2 5,
4.1 1 2 5, 4.2 0 1 5, 4.3 0 2 2, 4.4 1 3 4,
5.1 0 1 1, 5.2 2 1 6, 5.3 2 0 3, 5.4 0 3 3,
6.1 1 2 3, 6.2 8 4 12, 6.3 2 2 8, 6.4 2 2 6, 6.5 0 5 8, 6.6 0 3 4, 6.8 0 4 4,
7.1 0 3 3, 7.2 4 0 4, 7.3 0 2 2, 7.4 2 3 5, 7.5 0 2 3, 7.6 0 2 2,
8.1 1 1 4, 8.2 2 1 4, 8.3 1 0 3, 8.4 0 1 2,
9.1 3 0 3, 9.2 1 3 4,
10.1 0 2 2, 10.2 0 2 3, 10.3 0 4 5, 10.4 5 6 16, 10.5 0 5 5, 10.6 0 2 2, 10.7 0 3 3,
11.1 0 2 4, 11.2 0 3 5, 11.3 2 1 5, 11.4 1 3 4, 11.5 0 1 2, 11.6 0 1 2,
12.1 1 2 5, 12.2 2 0 2, 12.3 0 4 5,
13.1 0 1 4, 13.2 0 5 6, 13.3 0 2 4, 13.4 1 4 7,
14.1 0 2 2, 14.2 1 3 8, 14.3 1 2 3,
15.1 1 2 5, 15.2 1 2 5, 15.3 1 6 7,
16.1 0 1 1, 16.2 0 5 5, 16.3 0 4 4, 16.4 0 3 3, 16.5 0 3 4,
17.1 0 1 2, 17.2 0 4 8, 17.3 0 2 2
"""


def expected():
    for entry in SECTIONS.replace("\n", " ").split(","):
        section, first, second, last = entry.split()
        yield section, (int(first), int(second)), int(last)


def section_of(row):
    return row[0].rpartition(".")[0]


def anchor_of(heading):
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_requirement_has_its_row_once():
    ids = [row[0] for row in ROWS]
    found = {
        section: (levels.count("1"), levels.count("2"))
        for section, rows in groupby(ROWS, section_of)
        for levels in [[level for _id, level, *_ in rows]]
    }

    assert len(ids) == len(set(ids)) == 253
    assert [level for _id, level, *_ in ROWS].count("1") == 70
    assert found == {section: counts for section, counts, _last in expected()}
    last = {section: number for section, _counts, number in expected()}
    assert all(int(one.split(".")[2]) <= last[section_of((one,))] for one in ids)


def test_no_row_is_empty_or_failing():
    for number, _level, what, shown in ROWS:
        assert what.strip(), number
        assert (
            "::test_" in shown
            or "](#" in shown
            or (shown.startswith("not applicable: ") and len(shown) > 30)
        ), number
        assert not re.search(r"\b(fails|todo|later|not yet)\b", shown.lower()), number


def test_every_test_that_is_named_exists():
    named = sorted(set(re.findall(r"([\w/]+\.py)::(test_\w+)", PAGE)))
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (path := BASE_DIR / "tests" / file).exists()
        or not re.search(rf"(?m)^def {name}\(", path.read_text())
    ]

    assert len(named) > 150
    assert missing == []


@pytest.mark.parametrize("page", ["security.md", "threat-model.md"])
def test_every_chapter_that_is_named_exists(page):
    text = (BASE_DIR / "docs" / page).read_text()
    anchors = {anchor_of(heading) for heading in re.findall(r"(?m)^#+ (.+)$", text)}
    files = re.findall(r"\]\(([\w-]+\.md)", text)

    assert [
        name for name in re.findall(r"\]\(#([^)]+)\)", text) if name not in anchors
    ] == []
    assert [name for name in files if not (BASE_DIR / "docs" / name).exists()] == []


def test_every_exception_of_the_policy_is_argued():
    """Each source that tests/security/test_headers.py allows beyond the strict policy."""
    for word in ("'unsafe-eval'", "'unsafe-inline'", "blob:", "wss://", "https: http:"):
        assert word in PAGE


def test_threat_model_names_tests_that_exist():
    text = (BASE_DIR / "docs/threat-model.md").read_text()
    named = set(re.findall(r"([\w/]+\.py)::(test_\w+)", text))

    assert len(named) > 15
    assert [
        name
        for file, name in named
        if f"def {name}(" not in (BASE_DIR / "tests" / file).read_text()
    ] == []

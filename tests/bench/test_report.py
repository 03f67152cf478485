"""The document says what was measured."""

import pytest

from bench import report
from bench.harness import chart, results


def test_the_documents_tables_are_those_of_the_results():
    document = report.DOCUMENT.read_text(encoding="utf-8")

    # Otherwise: make bench, or python -m bench.report
    assert report.updated(document) == document


def test_every_part_has_its_place_in_the_document():
    document = report.DOCUMENT.read_text(encoding="utf-8")

    for part in report.PARTS:
        assert document.count(f"<!-- begin: {part} -->") == 1
        assert document.count(f"<!-- end: {part} -->") == 1


def test_new_results_replace_the_table_and_nothing_else(monkeypatch):
    monkeypatch.setattr(report, "text_of", lambda part: f"figures of {part}\n")
    document = "before\n<!-- begin: size -->\nold\n\nolder\n<!-- end: size -->\nafter\n"

    assert report.updated(document) == (
        "before\n<!-- begin: size -->\nfigures of size\n<!-- end: size -->\nafter\n"
    )


def test_results_come_with_their_circumstances(monkeypatch, tmp_path):
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    monkeypatch.setattr(results, "commit", lambda: "abc1234+")

    results.write("part", {"figure": 1})

    found = results.read("part")
    assert found["figure"] == 1
    assert found["commit"] == "abc1234+"
    assert {"date", "command", "machine", "versions"} <= set(found)
    assert results.read("another") is None


def test_a_chart_that_asks_another_machine_is_refused():
    script = '<svg xmlns="http://www.w3.org/2000/svg"><script src="//x"></script></svg>'
    image = '<svg><image href="https://example.com/a.png"/></svg>'

    assert chart.clean(script) == '<svg xmlns="http://www.w3.org/2000/svg"></svg>'
    with pytest.raises(chart.ChartError, match=r"example\.com"):
        chart.clean(image)

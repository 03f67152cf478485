"""E1 in short, and the ledger it is counted by."""

import pytest

from faults import app_killed
from faults.ledger import Ledger, Verdict


@pytest.mark.faults
def test_nothing_acknowledged_is_lost_when_the_app_is_killed():
    figures = list(app_killed.run(is_short=True))

    assert [figure for figure in figures if not figure.is_held] == []
    assert figures[-1].is_control


@pytest.fixture
def ledger():
    """One answer was acknowledged, of another the caller heard nothing."""
    ledger = Ledger()
    for question in (1, 2):
        ledger.attempt("a", question, f"text {question}")
    ledger.acknowledge("a", 1, "text 1")
    return ledger


KEPT, UNHEARD = ("a", 1, "text 1"), ("a", 2, "text 2")


@pytest.mark.parametrize(
    ("rows", "revisions", "verdict"),
    [
        ([KEPT], 0, Verdict(1, 0, 0, 0, 0)),
        ([KEPT, UNHEARD], 0, Verdict(1, 0, 0, 0, 0)),
        ([], 0, Verdict(1, 1, 0, 0, 0)),
        ([UNHEARD], 0, Verdict(1, 1, 0, 0, 0)),
        ([("a", 1, "text 2")], 0, Verdict(1, 0, 1, 0, 0)),
        ([KEPT, ("a", 2, "text 1")], 0, Verdict(1, 0, 1, 0, 0)),
        ([KEPT, ("b", 1, "text 1")], 0, Verdict(1, 0, 0, 1, 0)),
        ([KEPT, KEPT], 0, Verdict(1, 0, 0, 0, 1)),
        ([KEPT], 1, Verdict(1, 0, 0, 0, 1)),
    ],
)
def test_the_ledger_tells_what_became_of_answers(ledger, rows, revisions, verdict):
    assert ledger.check(rows, revisions) == verdict

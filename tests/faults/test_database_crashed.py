"""E2 in short."""

import pytest

from faults import database_crashed


@pytest.mark.faults
def test_nothing_acknowledged_is_lost_when_the_database_crashes():
    figures = list(database_crashed.run(is_short=True))

    assert [figure for figure in figures if not figure.is_held] == []
    assert figures[-1].is_control

"""E13 in short: each part fails once, and the disk where this process may make one."""

import pytest

from faults import parts_away


@pytest.mark.faults
def test_nothing_is_lost_when_parts_are_slow_full_or_absent():
    figures = list(parts_away.run(is_short=True))

    assert [figure for figure in figures if not figure.is_held] == []
    assert figures[-1].is_control

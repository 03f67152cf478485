import pytest

from faults import erasure


@pytest.mark.faults
def test_nothing_of_the_erased_is_found_and_what_is_left_out_is():
    figures = list(erasure.run(is_short=True))

    assert [figure for figure in figures if not figure.is_held] == []
    assert sum(figure.is_control for figure in figures) == 1

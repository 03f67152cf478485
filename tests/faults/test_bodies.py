import pytest

from faults import bodies


@pytest.mark.faults
def test_bodies_are_kept_as_they_came():
    figures = list(bodies.run(is_short=True))

    assert [figure for figure in figures if not figure.is_held] == []
    assert sum(figure.is_control for figure in figures) == 1

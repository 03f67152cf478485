"""E9, a fiftieth of it: two at once on one session."""

import pytest

from faults.racing import examine

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_at_once_lose_nothing(serve):
    figures = list(examine(serve, races=20))

    assert [figure for figure in figures if not figure.is_held] == []
    assert len([figure for figure in figures if figure.is_control]) == 2

"""E8, a hundredth of it: nobody sees what is another's."""

import pytest

from faults.isolating import SHORT, examine

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.faults
def test_nobody_sees_what_is_anothers(serve):
    figures = list(examine(serve, SHORT))

    assert [figure for figure in figures if not figure.is_held] == []
    assert len([figure for figure in figures if figure.is_control]) == 3

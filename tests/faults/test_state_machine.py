"""E10, a hundredth of it: the session protocol against its model."""

import pytest

from faults.protocol import examine
from faults.state_machine import FEW_BUGS, FEW_STEPS, FEW_WAYS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.faults
def test_portal_does_what_the_model_says_and_bugs_are_caught():
    figures = list(examine(FEW_WAYS, FEW_STEPS, FEW_BUGS))

    assert [figure for figure in figures if not figure.is_held] == []
    assert figures[-1].value == len(FEW_BUGS)

import pytest

from faults import vendor_outage


@pytest.mark.faults
def test_what_an_outage_kept_back_is_fetched():
    figures = list(vendor_outage.run(is_short=True))

    assert [figure for figure in figures if not figure.is_held] == []
    assert figures[-1].is_control

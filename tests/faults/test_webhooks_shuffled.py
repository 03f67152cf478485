import pytest

from faults import webhooks_shuffled


@pytest.mark.faults
def test_order_and_number_of_deliveries_do_not_matter():
    figures = list(webhooks_shuffled.run(is_short=True))

    assert [figure for figure in figures if not figure.is_held] == []
    assert sum(figure.is_control for figure in figures) == 2

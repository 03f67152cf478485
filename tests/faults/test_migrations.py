import pytest

from faults import migrations


@pytest.mark.faults
def test_short_run_holds_every_figure():
    figures = list(migrations.run(is_short=True))

    assert [figure.name for figure in figures if not figure.is_held] == []
    assert sum(figure.is_control for figure in figures) == 1

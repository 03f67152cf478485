import pytest

from faults import worker_killed


@pytest.mark.faults
def test_no_job_is_lost_and_no_effect_doubled_when_workers_are_killed():
    figures = list(worker_killed.run(is_short=True))

    assert [figure for figure in figures if not figure.is_held] == []
    assert sum(figure.is_control for figure in figures) == 1

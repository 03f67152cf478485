import pytest

from faults import jobs_through_a_crash


@pytest.mark.faults
def test_no_job_is_lost_when_the_database_crashes():
    figures = list(jobs_through_a_crash.run(is_short=True))

    assert [figure for figure in figures if not figure.is_held] == []

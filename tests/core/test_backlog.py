"""Whether a worker lives and what waits for it, and who is told."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from core.backlog import MOST_COUNTED, Backlog, backlog

pytestmark = pytest.mark.django_db
HEADING = "Background work stands still"


def execute(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@pytest.fixture(autouse=True)
def _empty_queue():
    """The queue's tables are not emptied after each test."""
    execute("DELETE FROM procrastinate_jobs")
    execute("DELETE FROM procrastinate_workers")


def sign_of_life(ago):
    at = timezone.now() - timedelta(seconds=ago)
    execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", at)
    return at


def jobs(number, *, at=None, status="todo"):
    execute(
        "INSERT INTO procrastinate_jobs (task_name, queue_name, status, scheduled_at)"
        " SELECT 'x', 'default', %s::procrastinate_job_status, %s"
        " FROM generate_series(1, %s)",
        *(status, at, number),
    )


def test_nobody_works_where_no_worker_is_registered():
    assert backlog() == Backlog(False, None, 0)


@pytest.mark.parametrize(("ago", "is_alive"), [(50, True), (70, False)])
def test_a_worker_that_is_silent_is_gone(ago, is_alive):
    at = sign_of_life(ago)
    sign_of_life(ago + 5)

    assert backlog() == Backlog(is_alive, at, 0)


def test_only_jobs_that_are_due_wait():
    now = timezone.now()
    jobs(2)
    jobs(1, at=now - timedelta(seconds=1))
    jobs(4, at=now + timedelta(hours=1))
    jobs(8, status="doing")

    assert backlog().due == 3


def test_jobs_are_not_counted_further_than_shown():
    jobs(MOST_COUNTED + 50)

    found = backlog()

    assert (found.due, found.due_text) == (MOST_COUNTED + 1, "100+")


def test_hr_is_told_that_the_worker_is_away(hr_client):
    sign_of_life(3600)
    jobs(7)

    page = hr_client.get("/admin/").text

    assert HEADING in page
    assert "No worker has given a sign of life since" in page
    assert "Jobs that wait: 7." in page


def test_hr_is_told_nothing_while_the_worker_is_there(hr_client):
    sign_of_life(0)

    assert HEADING not in hr_client.get("/admin/").text

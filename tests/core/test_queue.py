"""Jobs of dead workers begin again, and nothing holds a job for ever."""

import asyncio
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import ConnectorException

from core import queue, tasks
from core.stopping import give_back_in_time

DEAD = tasks.STALLED_SECONDS + 1


@pytest.fixture
def _empty_queue(transactional_db):
    def empty():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
            cursor.execute("DELETE FROM procrastinate_workers")

    empty()
    yield
    empty()


def worker(silent_for):
    return written(
        "INSERT INTO procrastinate_workers (last_heartbeat)"
        " VALUES (now() - make_interval(secs => %s)) RETURNING id",
        silent_for,
    )


def job(status, name, *, worker=None, lock=None):
    return written(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id, "
        "lock, queueing_lock) VALUES ('default', %s, %s, %s, %s, %s) RETURNING id",
        *(name, status, worker, lock, lock),
    )


def written(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def retry_stalled():
    context = SimpleNamespace(app=app)
    async_to_sync(tasks.retry_stalled_jobs.func)(context, timestamp=0)


def states():
    rows = ProcrastinateJob.objects.order_by("id")
    return list(rows.values_list("task_name", "status", "attempts"))


@pytest.mark.usefixtures("_empty_queue")
def test_jobs_of_dead_workers_go_back_into_the_queue():
    alive, dead = worker(silent_for=1), worker(silent_for=DEAD)
    job("doing", "of the living", worker=alive)
    job("doing", "of the dead", worker=dead)
    job("doing", "of nobody")
    job("failed", "over", worker=dead)

    retry_stalled()

    assert states() == [
        ("of the living", "doing", 0),
        ("of the dead", "todo", 1),
        ("of nobody", "todo", 1),
        ("over", "failed", 0),
    ]


@pytest.mark.usefixtures("_empty_queue")
def test_a_job_whose_twin_waits_makes_way_and_keeps_no_other_from_it():
    dead = worker(silent_for=DEAD)
    job("doing", "first", worker=dead, lock="pull_calls")
    job("todo", "twin", lock="pull_calls")
    job("doing", "second", worker=dead)

    retry_stalled()

    assert states() == [("twin", "todo", 0), ("second", "todo", 1)]


@pytest.mark.usefixtures("_empty_queue")
def test_a_job_that_ended_meanwhile_keeps_no_other_from_it(monkeypatch):
    dead = worker(silent_for=DEAD)
    job("doing", "first", worker=dead)
    job("doing", "second", worker=dead)
    retry_job = app.job_manager.retry_job

    async def fail_first(job):
        if job.task_name == "first":
            raise ConnectorException
        await retry_job(job)

    monkeypatch.setattr(app.job_manager, "retry_job", fail_first)

    retry_stalled()

    assert states() == [("first", "doing", 0), ("second", "todo", 1)]


def run_job(ending):
    """Run a job in a worker that stores its state by `ending`; return the worker."""
    worker = SimpleNamespace(is_stopped=False)
    worker.stop = lambda: setattr(worker, "is_stopped", True)

    async def process():
        async def task():
            return "done"

        assert await queue.end_if_unheard(task, None, worker) == "done"
        await ending()

    async def main():
        await asyncio.wait([asyncio.create_task(process())])
        await asyncio.sleep(0)

    asyncio.run(main())
    return worker


async def stored():
    return None


async def lost():
    raise ConnectorException


def test_a_worker_whose_word_is_lost_ends(caplog):
    assert run_job(lost).is_stopped
    assert [entry.message for entry in caplog.records] == [
        "the state of a job was lost: the worker ends"
    ]


def test_a_worker_whose_word_is_heard_goes_on():
    assert not run_job(stored).is_stopped


def test_workers_work_so():
    assert app.worker_defaults["delete_jobs"] == "successful"
    assert app.worker_defaults["worker_middleware"] == [
        queue.end_if_unheard,
        give_back_in_time,
    ]

"""A stop, as at a new release: requests under way are answered, and then all ends."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import psycopg
import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from core.environment import BASE_DIR
from interviews.models import InterviewProgress
from tests.core.test_portal import free_port, wait_until
from tests.factories import SessionFactory
from tests.voice.test_webhook_server import answers, database_url, variables
from voice.tasks import reconcile_session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(settings):
    """Run the web server of the Procfile, with one process; returns it and its port."""
    port = free_port()
    own = {
        "SECRET_KEY": settings.SECRET_KEY,
        "AGENT_API_KEY": settings.AGENT_API_KEY,
        "WEB_CONCURRENCY": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "config.server"],
        cwd=BASE_DIR,
        env=variables(port) | own,
        start_new_session=True,
    )
    wait_until(lambda: answers(port))
    yield process, port
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answer(port, session, question, headers):
    """Answer a question; return the status, and whether it is said to be saved."""
    body = json.dumps({"questionId": question.pk, "answerText": "in time"})
    caller = HTTPConnection("127.0.0.1", port, timeout=20)
    path = f"/api/interview/{session.pk}/answer"
    caller.request("POST", path, body, headers | {"Content-Type": "application/json"})
    response = caller.getresponse()
    return response.status, json.loads(response.read())["saved"]


def is_waiting():
    """Tell whether somebody waits for a lock in the tests' database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database())"
        )
        return cursor.fetchone()[0]


def test_answer_under_way_is_stored_and_acknowledged(server, agent_headers):
    process, port = server
    session = SessionFactory(started=True)
    question = session.vacancy.questions.first()
    headers = agent_headers(session)
    with (
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(database_url()) as holder,
    ):
        holder.execute("LOCK TABLE interview_progress IN ACCESS EXCLUSIVE MODE")
        answered = pool.submit(answer, port, session, question, headers)
        wait_until(is_waiting)
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: not answers(port))
        assert not answered.done()
        holder.commit()

        assert answered.result(10) == (200, True)

    assert process.wait(10) == 0
    stored = InterviewProgress.objects.values_list("answer_text", flat=True)
    assert list(stored) == ["in time"]


@pytest.fixture
def blocked_job():
    """A job that waits for a row which somebody holds."""
    session = SessionFactory(started=True)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    reconcile_session.configure(queueing_lock=None).defer(session_id=str(session.pk))
    with psycopg.connect(database_url()) as holder:
        holder.execute("SELECT FROM interview_session FOR UPDATE")
        yield ProcrastinateJob.objects.get(task_name=reconcile_session.name)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def test_worker_gives_back_the_job_that_it_cannot_end(blocked_job):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "procrastinate", "worker", "--concurrency", "4"],
        cwd=BASE_DIR,
        env=variables(0) | {"WORKER_GRACEFUL_TIMEOUT": "0.2"},
        start_new_session=True,
    )
    try:
        wait_until(is_waiting)
        blocked_job.refresh_from_db()
        assert blocked_job.status == "doing"
        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == 0
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    blocked_job.refresh_from_db()
    assert blocked_job.status == "todo"

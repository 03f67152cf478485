"""The portal behind PgBouncer in transaction mode, by the settings of deploy/."""

import time
from http import HTTPStatus

import psycopg
import pytest
from django.db import connection, connections

from interviews.models import InterviewProgress
from interviews.simulation import people
from interviews.simulation.agents import Simulation
from interviews.simulation.people import Stored
from tests.factories import SessionFactory
from tests.scaling.machines import NO_PGBOUNCER, find_pgbouncer, pgbouncer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pooler(folder, database_url):
    """Return one that is out of patience sooner, or the tests would take long."""
    if not find_pgbouncer():
        pytest.skip(NO_PGBOUNCER)
    with pgbouncer(folder, database_url, query_wait_timeout="1") as pooler:
        yield pooler


@pytest.fixture
def pooled(pooler, monkeypatch):
    """Lead every connection of this process through PgBouncer."""
    database = connections.settings["default"]
    kept = 5 if pooler.keeps_statements else None
    options = {"server_side_binding": True, "prepare_threshold": kept}
    own = {
        "HOST": "127.0.0.1",
        "PORT": pooler.port,
        "OPTIONS": options | {"connect_timeout": 3},
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
    connection.close()
    for name, value in own.items():
        monkeypatch.setitem(database, name, value)
    yield pooler
    connection.close()


@pytest.fixture
def answer(client, agent_headers):
    """Answer the first question of a session; return the response."""
    session = SessionFactory(started=True)
    question = session.vacancy.questions.first()
    headers = agent_headers(session)

    def call():
        return client.post(
            f"/api/interview/{session.pk}/answer",
            {"questionId": question.pk, "answerText": "a"},
            content_type="application/json",
            headers=headers,
        )

    return call


def test_interviews_in_parallel_over_the_pooler(pooled, live_server):
    interviews = people.make(30)
    simulation = Simulation(interviews, [live_server.url])

    with simulation.running(10) as futures:
        for future in futures:
            future.result()

    simulation.verify(Stored.of(interviews))
    assert simulation.figures.is_clean, simulation.figures.table(30)
    assert len(simulation.figures.finished) == 30


def test_pooler_that_was_started_anew_costs_no_answer(pooled, answer):
    pooled.kill()
    pooled.start()

    response = answer()

    assert response.status_code == HTTPStatus.OK
    assert InterviewProgress.objects.count() == 1


def test_connection_that_died_behind_the_pooler_costs_no_answer(
    pooled, answer, database_url
):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with psycopg.connect(database_url) as itself:
        itself.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    assert answer().status_code == HTTPStatus.OK


def test_database_that_is_away_behind_the_pooler_is_503_within_seconds(pooled, answer):
    pooled.command("PAUSE")
    started = time.monotonic()

    response = answer()

    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert response.headers["Retry-After"] == "3"
    assert time.monotonic() - started < 10
    pooled.command("RESUME")
    assert answer().status_code == HTTPStatus.OK

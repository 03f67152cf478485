"""core.database, and what callers are told while the database is away."""

from threading import Thread

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection

from core.database import kept_cursor
from interviews.models import AnswerRevision, InterviewProgress
from interviews.turns import script_by_id
from tests.factories import SessionFactory

AWAY = {
    "code": "unavailable",
    "detail": "The portal cannot reach its database. Repeat the same call shortly.",
}


@pytest.fixture
def session(db):
    session = SessionFactory(started=True)
    script_by_id(session.script_id)
    return session


@pytest.fixture(params=["next", "answer", "end"])
def call(client, session, agent_headers, request):
    """Call one of the endpoints; an answer is to the first question."""
    question = session.vacancy.questions.first()
    body = {"questionId": question.pk, "answerText": "a"}
    method = client.get if request.param == "next" else client.post

    def call():
        return method(
            f"/api/interview/{session.pk}/{request.param}",
            body if request.param == "answer" else None,
            content_type="application/json",
            headers=agent_headers(session),
        )

    return call


def kill_backend():
    """End the connection of this thread from the side of the database."""
    pid = connection.connection.info.backend_pid
    with psycopg.connect(**connection.copy().get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


@pytest.mark.parametrize("failure", [OperationalError, InterfaceError])
@pytest.mark.django_db
def test_failing_database_is_503(call, failure):
    def fail(*args):
        raise failure("the connection is lost")

    with connection.execute_wrapper(fail):
        response = call()

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "3"
    assert response.json() == AWAY


@pytest.mark.django_db(transaction=True)
def test_database_that_is_down_is_503(call, monkeypatch):
    def fail(parameters):
        raise OperationalError("connection refused")

    connection.close()
    monkeypatch.setattr(connection, "get_new_connection", fail)

    response = call()

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "3"
    assert response.json() == AWAY


@pytest.fixture
def end_failover(monkeypatch):
    """Let connections lead to a database that is only read, until this is called."""
    connect = connection.get_new_connection

    def connect_to_standby(parameters):
        standby = connect(parameters)
        standby.execute("SET default_transaction_read_only = on")
        standby.commit()
        return standby

    connection.close()
    monkeypatch.setattr(connection, "get_new_connection", connect_to_standby)
    yield monkeypatch.undo
    connection.close()


@pytest.mark.parametrize("call", ["answer", "end"], indirect=True)
@pytest.mark.django_db(transaction=True)
def test_standby_that_takes_no_answers_is_503_and_left(call, end_failover):
    refused = call()
    end_failover()
    again = call()

    assert (refused.status_code, refused.json()) == (503, AWAY)
    assert again.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_call_after_a_restart_of_the_database_succeeds(call):
    kill_backend()

    response = call()

    assert response.status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("call", ["answer"], indirect=True)
def test_connection_lost_after_the_answer_was_stored_stores_it_once(call):
    executed = []

    def execute_and_lose(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        executed.append(sql)
        if len(executed) == 1:
            kill_backend()
            raise OperationalError("server closed the connection unexpectedly")
        return result

    with connection.execute_wrapper(execute_and_lose):
        response = call()

    assert response.status_code == 200
    assert len(executed) == 2
    assert InterviewProgress.objects.count() == 1
    assert AnswerRevision.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_database_that_stays_away_is_asked_twice_at_most(call, monkeypatch):
    attempts = []

    def fail(parameters):
        attempts.append(1)
        raise OperationalError("connection refused")

    connection.close()
    monkeypatch.setattr(connection, "get_new_connection", fail)

    call()

    assert len(attempts) <= 2


@pytest.mark.django_db(transaction=True)
def test_page_while_the_database_is_away_is_503_for_people(hr_client):
    # It fails in a middleware, and Django tells of it before it is answered.
    hr_client.raise_request_exception = False

    def fail(*args):
        raise OperationalError("the connection is lost")

    with connection.execute_wrapper(fail):
        response = hr_client.get("/admin/")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "3"
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.django_db(transaction=True)
def test_kept_cursor_is_made_once_for_a_connection():
    first = kept_cursor()
    assert kept_cursor() is first

    connection.close()

    kept_cursor().execute("SELECT 2")
    assert kept_cursor().fetchone() == (2,)


@pytest.mark.django_db
def test_kept_cursor_of_another_thread_is_its_own():
    others = []
    thread = Thread(target=lambda: others.append((kept_cursor(), connection.close())))
    thread.start()
    thread.join()

    assert others[0][0] is not kept_cursor()


@pytest.mark.django_db
def test_kept_cursor_counts_where_statements_are_counted(django_assert_num_queries):
    kept_cursor()

    with django_assert_num_queries(1):
        kept_cursor().execute("SELECT 1")

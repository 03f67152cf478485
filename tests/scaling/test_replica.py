"""core.replica, with a real streaming replica: who reads what where."""

import os
import time

import pytest
from django.db import DatabaseError, OperationalError, connections, transaction
from django.urls import reverse

from accounts.models import User
from core import replica
from core.replica import COOKIE, NEVER, ReplicaRouter
from interviews.models import InterviewSession
from reviews.exports.making import make_and_keep
from reviews.models import Export
from tests.factories import SessionFactory
from tests.scaling.conftest import open_folder
from tests.scaling.machines import standby_of, wait_until
from vacancies.models import Vacancy

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "replica"])
LIST = "/admin/interviews/interviewsession/"


@pytest.fixture(scope="module")
def standby(django_db_setup):
    """Run a replica of the tests' database, and say so in Django's settings."""
    url = os.environ["DATABASE_URL"]
    with open_folder() as folder, standby_of(url, folder) as server:
        database = connections["default"].settings_dict
        options = database["OPTIONS"] | {"host": str(server.socket_dir)}
        # Django empties the tables of every database, but for a mirror.
        test = database["TEST"] | {"MIRROR": "default"}
        connections.settings["replica"] = database | {"OPTIONS": options, "TEST": test}
        yield
        connections["replica"].close()
        del connections["replica"], connections.settings["replica"]


@pytest.fixture(autouse=True)
def _replica(standby, transactional_db, settings, monkeypatch):
    """Install what the settings install where there is a replica."""
    monkeypatch.setattr(replica, "replica", replica.Replica())
    settings.DATABASE_ROUTERS = ["core.replica.ReplicaRouter"]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "core.replica.ReplicaMiddleware"]
    yield
    on_replica("SELECT pg_wal_replay_resume()")


def on_replica(statement):
    return replica.fetch("replica", statement, [])


def catch_up():
    """Wait until the replica has all that is written.

    A conflict lets the replica rest, for which a test does not wait; and at the end of a
    page of the log it takes one more record to pass it.
    """

    def has_come():
        replica.replica.rests_until = 0.0
        if replica.replica.is_current(replica.written()):
            return True
        replica.fetch("default", "SELECT txid_current()", [])
        return False

    wait_until(has_come, seconds=10)


@pytest.fixture
def stopped(hr_client):
    """One session is on the replica, which then stops; another is not."""
    old = SessionFactory()
    catch_up()
    on_replica("SELECT pg_wal_replay_pause()")
    return old, SessionFactory()


def rows(response):
    assert response.status_code == 200
    return {session.pk for session in response.context["cl"].result_list}


def test_list_is_read_from_the_replica(hr_client, stopped):
    old, _ = stopped

    assert rows(hr_client.get(LIST)) == {old.pk}


def test_page_of_one_interview_is_not(hr_client, stopped):
    _, new = stopped

    response = hr_client.get(f"{LIST}{new.pk}/change/")

    assert response.status_code == 200
    assert response.context["original"] == new


def test_whoever_wrote_reads_what_they_wrote(hr_client, stopped):
    old, new = stopped

    hr_client.post(
        reverse("admin:interviews_interviewsession_changelist"), {"action": "none"}
    )

    assert rows(hr_client.get(LIST)) == {old.pk, new.pk}
    on_replica("SELECT pg_wal_replay_resume()")
    catch_up()
    on_replica("SELECT pg_wal_replay_pause()")
    third = SessionFactory()
    assert third.pk not in rows(hr_client.get(LIST))


@pytest.mark.parametrize("cookie", [NEVER, "", "1/2/3", "'; DROP TABLE vacancy"])
def test_strange_position_reads_from_the_database_itself(hr_client, stopped, cookie):
    old, new = stopped
    hr_client.cookies[COOKIE] = cookie

    assert rows(hr_client.get(LIST)) == {old.pk, new.pk}


def test_replica_that_lags_is_not_read(hr_client, stopped, settings):
    old, new = stopped
    settings.REPLICA_LAG_SECONDS = 0

    assert rows(hr_client.get(LIST)) == {old.pk, new.pk}


def test_replica_that_is_away_costs_one_try(hr_client, stopped, monkeypatch):
    old, new = stopped
    tries = []

    def refuse(parameters):
        tries.append(1)
        raise OperationalError("connection refused")

    connections["replica"].close()
    monkeypatch.setattr(connections["replica"], "get_new_connection", refuse)

    assert rows(hr_client.get(LIST)) == {old.pk, new.pk}
    assert rows(hr_client.get(LIST)) == {old.pk, new.pk}
    assert len(tries) == 1
    monkeypatch.undo()


def test_connection_that_died_is_opened_again(hr_client, stopped):
    old, _ = stopped
    pid = on_replica("SELECT pg_backend_pid()")
    other = connections["replica"].copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.close()

    assert rows(hr_client.get(LIST)) == {old.pk}


def test_page_whose_query_the_replica_cancels_is_made_by_the_database(
    hr_client, stopped
):
    old, new = stopped
    cancelled = []

    def cancel(execute, sql, params, many, context):
        if "interview_session" in sql and not cancelled:
            cancelled.append(sql)
            raise OperationalError("canceling statement due to conflict with recovery")
        return execute(sql, params, many, context)

    with connections["replica"].execute_wrapper(cancel):
        response = hr_client.get(LIST)

    assert cancelled
    assert rows(response) == {old.pk, new.pk}
    assert time.monotonic() < replica.replica.rests_until


def test_interview_never_asks_the_replica(client, agent_headers):
    session = SessionFactory(started=True)
    catch_up()

    def refuse(*args):
        raise AssertionError("the replica was asked")

    with connections["replica"].execute_wrapper(refuse):
        url = f"/api/interview/{session.pk}/next"
        response = client.get(url, headers=agent_headers(session))

    assert response.status_code == 200
    assert COOKIE not in response.cookies


def test_rows_of_the_replica_are_written_to_the_database(stopped):
    token = replica.reads_from_replica.set(True)
    try:
        vacancy = Vacancy.objects.first()
        assert vacancy._state.db == "replica"
        vacancy.title = "Renamed"
        vacancy.save()
        with transaction.atomic():
            assert Vacancy.objects.get(pk=vacancy.pk).title == "Renamed"
    finally:
        replica.reads_from_replica.reset(token)
    assert Vacancy.objects.get(pk=vacancy.pk).title == "Renamed"


@pytest.mark.usefixtures("stopped")
def test_block_reads_the_replica_only_when_it_has_all():
    with replica.reading_what_is_written():
        assert InterviewSession.objects.count() == 2

    on_replica("SELECT pg_wal_replay_resume()")
    catch_up()
    with replica.reading_what_is_written():
        assert InterviewSession.objects.first()._state.db == "replica"


def test_block_that_the_replica_fails_leaves_it_alone_the_next_time():
    SessionFactory()
    catch_up()

    with pytest.raises(OperationalError), replica.reading_what_is_written():
        raise OperationalError("canceling statement due to conflict with recovery")
    with replica.reading_what_is_written():
        assert InterviewSession.objects.get()._state.db == "default"


def test_large_export_is_read_from_the_replica(hr_client):
    session = SessionFactory()
    user = User.objects.get()
    export = Export.objects.create(user=user, format="csv", language="en", chosen={})
    catch_up()
    statements = []

    def note(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connections["replica"].execute_wrapper(note):
        make_and_keep(export.pk)

    export.refresh_from_db()
    assert (export.state, export.rows) == ("ready", 1)
    assert any('FROM "interview_session"' in sql for sql in statements)
    assert str(session.pk).encode() in export.file.read()


def test_replica_that_became_a_database_is_not_read(monkeypatch):
    monkeypatch.setattr(replica, "REPLICA", "default")

    with pytest.raises(DatabaseError):
        replica.fetch("default", "SELECT pg_wal_replay_pause()", [])
    assert not replica.Replica().is_current("0/0")


def test_only_the_database_is_migrated():
    router = ReplicaRouter()

    assert router.allow_migrate("default", "interviews")
    assert not router.allow_migrate("replica", "interviews")

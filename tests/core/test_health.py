"""GET /healthz and /readyz"""

import pytest
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder


def readiness(**checks):
    all_well = {"database": True, "migrations": True, "worker": True, "ready": True}
    return all_well | checks


@pytest.fixture
def worker(db):
    """A worker that has just given a sign of life."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (clock_timestamp()) RETURNING id"
        )
        return cursor.fetchone()[0]


def fall_silent(worker, seconds):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers"
            " SET last_heartbeat = now() - make_interval(secs => %s) WHERE id = %s",
            [seconds, worker],
        )


def test_healthz_looks_at_nothing_else(client):
    # Without the `db` fixture any query fails the test.
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert "no-store" in response.headers["Cache-Control"]


def test_readyz_is_ready_when_all_is_there(client, worker):
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == readiness()
    assert "no-store" in response.headers["Cache-Control"]


def test_readyz_misses_a_worker(client, db):
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == readiness(worker=False, ready=False)


@pytest.mark.parametrize(("seconds", "status"), [(50, 200), (70, 503)])
def test_readyz_misses_a_worker_that_fell_silent(client, worker, seconds, status):
    fall_silent(worker, seconds)

    response = client.get("/readyz")

    alive = status == 200
    assert response.status_code == status
    assert response.json() == readiness(worker=alive, ready=alive)


def test_readyz_misses_a_migration(client, worker):
    executor = MigrationExecutor(connection)
    app, name = executor.loader.graph.leaf_nodes("interviews")[0]
    MigrationRecorder(connection).record_unapplied(app, name)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == readiness(migrations=False, worker=False, ready=False)


@pytest.mark.django_db(transaction=True)
def test_readyz_misses_the_database(client, monkeypatch):
    def fail(parameters):
        raise OperationalError("connection refused")

    connection.close()
    monkeypatch.setattr(connection, "get_new_connection", fail)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == readiness(
        database=False, migrations=False, worker=False, ready=False
    )


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_checks_take_no_post(client, path):
    response = client.post(path)

    assert response.status_code == 405

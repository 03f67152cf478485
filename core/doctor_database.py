"""The doctor's look at the database, the clock, and the work in the background."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from core.backlog import SILENCE_SECONDS, backlog
from core.doctor import Finding, check, ok, problem, warning
from core.lanes import LANES
from core.views import pending_migrations

OLDEST, NEWEST = 15, 18
# Of each worker process; and what administrators and backups may need besides.
WORKER_CONNECTIONS, RESERVE = 10, 10
SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
# Stronger than "on": a standby has it too.
STRONGER = {"remote_apply", "remote_write"}
DRIFT_SECONDS, TOO_FAR_SECONDS = 2, 30
LATE_MINUTES, STUCK_MINUTES = 5, 30
STALLED = """
    SELECT count(*) FROM procrastinate_jobs AS job
    LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE job.status = 'doing' AND (worker.id IS NULL
        OR worker.last_heartbeat < now() - make_interval(secs => %s))
"""
OLDEST_DUE = """
    SELECT extract(epoch FROM now() - min(coalesce(job.scheduled_at, event.at)))::float / 60
    FROM procrastinate_jobs AS job
    LEFT JOIN procrastinate_events AS event
        ON event.job_id = job.id AND event.type = 'deferred'
    WHERE job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= now())
"""
FAILED = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'"


def value(statement: str, *parameters: float | str) -> Any:
    """Return the one value that a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    assert row is not None
    return row[0]


def setting(name: str) -> str:
    """Return a setting of the server, not as this connection may have changed it."""
    found = "SELECT coalesce(reset_val, setting) FROM pg_settings WHERE name = %s"
    return str(value(found, name))


@check("database")
def database_fits() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield problem(
            f"The database cannot be reached ({type(error).__name__}).",
            "Look whether it runs, and at DATABASE_URL.",
        )
        return
    yield version(int(setting("server_version_num")) // 10_000)
    yield extension()
    yield from durability()
    yield vacuum()
    yield connections_suffice(int(setting("max_connections")))
    yield ok(
        f"It holds {size_text(value(SIZE))}; its time zone is {setting('TimeZone')}."
    )


SIZE = "SELECT pg_database_size(current_database())"


def version(major: int) -> Finding:
    if OLDEST <= major <= NEWEST:
        return ok(f"PostgreSQL {major}.")
    return problem(
        f"PostgreSQL {major}: the portal is tried with {OLDEST} to {NEWEST}.",
        "Move the data to one of those.",
    )


def extension() -> Finding:
    if value("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'"):
        return ok("The extension pg_trgm is there: searches are quick.")
    return warning(
        "The extension pg_trgm is missing: searching people reads every row.",
        "Let a superuser of the database CREATE EXTENSION pg_trgm, then create the "
        "indexes of candidates/migrations/0004.",
    )


def durability() -> Iterator[Finding]:
    weak = [
        name
        for name, wanted in SAFE.items()
        if setting(name) not in {wanted, *(STRONGER if "commit" in name else ())}
    ]
    if weak:
        yield problem(
            f"{', '.join(weak)}: not on. What the portal acknowledged can be lost.",
            "Set them on in the database's configuration, or for the portal's role.",
        )
    else:
        yield ok("What is committed stays: fsync and synchronous_commit are on.")


def vacuum() -> Finding:
    if setting("autovacuum") == "on":
        return ok("Autovacuum is on.")
    return problem("Autovacuum is off: tables grow and slow down.", "Set it on.")


def connections_suffice(allowed: int) -> Finding:
    """Hold what this machine's processes may open against what the database allows."""
    places = sum(lane.places for lane in LANES)
    processes = int(os.environ.get("WEB_CONCURRENCY", "3"))
    needed = processes * places + WORKER_CONNECTIONS + RESERVE
    text = (
        f"max_connections is {allowed}; {processes} web processes of {places} places, a "
        f"worker and a reserve need {needed}"
    )
    if needed <= allowed or settings.DATABASE_POOLER:
        return ok(f"{text}, for each machine of this kind.")
    return problem(
        f"{text}.", "Raise max_connections, or put PgBouncer between (docs/scaling.md)."
    )


def size_text(size: int) -> str:
    """Write a number of bytes for people."""
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024  # type: ignore[assignment]
    return f"{size:.1f} TB"


@check("migrations")
def migrations_are_applied() -> Iterator[Finding]:
    if pending_migrations():
        yield problem(
            "The database is behind the code: migrations wait.",
            "Run the release line of the Procfile: deploy/start.sh release.",
        )
    else:
        yield ok("All migrations are applied.")


@check("clock")
def clock_agrees() -> Iterator[Finding]:
    connection.ensure_connection()
    before = datetime.now(UTC)
    theirs = value("SELECT clock_timestamp()")
    middle = before + (datetime.now(UTC) - before) / 2
    yield clock_finding("the database's", abs((theirs - middle).total_seconds()))


def clock_finding(whose: str, seconds: float) -> Finding:
    """Say what a difference of clocks means."""
    text = f"This machine's clock and {whose} differ by {seconds:.1f} s."
    if seconds < DRIFT_SECONDS:
        return ok(text)
    todo = "Let both machines keep time by NTP (timedatectl set-ntp true)."
    return problem(text, todo) if seconds > TOO_FAR_SECONDS else warning(text, todo)


@check("worker")
def worker_lives() -> Iterator[Finding]:
    found = backlog()
    if found.is_worked_on:
        yield ok(f"A worker gave a sign of life at {found.last_sign:%H:%M:%S} UTC.")
        return
    since = f" since {found.last_sign:%Y-%m-%d %H:%M} UTC" if found.last_sign else ""
    yield problem(
        f"No worker has given a sign of life{since}: no letter goes out, no recording "
        "becomes playable, nothing is fetched. Interviews go on, nothing is lost.",
        "Start the worker line of the Procfile, and let its service manager restart it.",
    )


@check("queue")
def queue_moves() -> Iterator[Finding]:
    yield waiting(value(OLDEST_DUE) or 0.0)
    if stalled := value(STALLED, SILENCE_SECONDS):
        yield warning(
            f"{stalled} jobs were begun by a worker that is gone.",
            "A running worker takes them up again within a minute.",
        )
    if failed := value(FAILED):
        yield warning(
            f"{failed} jobs were given up.",
            "Look at them in the table procrastinate_jobs (status failed) and at the "
            "worker's log; `manage.py procrastinate retry` queues one again.",
        )
    else:
        yield ok("No job was given up.")


def waiting(minutes: float) -> Finding:
    text = f"The oldest job that is due waits for {minutes:.0f} minutes."
    if minutes < LATE_MINUTES:
        return ok("Jobs are done as they come.")
    todo = "Look at the worker's log; add a worker if it is only too much."
    return problem(text, todo) if minutes >= STUCK_MINUTES else warning(text, todo)

"""Figures that the database tells: what waits, what goes on, what failed lately.

Each is one statement over indexes, told by the app that owns the tables (`register`), ended
after a second, and asked at most every ten seconds by a process. One that fails is left out,
and `parley_figure_up` says so.
"""

import time
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import DatabaseError, connection, transaction

from core.version import version

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

TIMEOUT_MS = 1000
KEPT_SECONDS = 10.0

Row = tuple[Any, ...]


class Figure(NamedTuple):
    """A gauge: its statement gives rows of the labels' values and then a number."""

    name: str
    text: str
    statement: str
    labels: Sequence[str] = ()


FIGURES: list[Figure] = []


def register(*figures: Figure) -> None:
    """Add figures; an app's own, when it is ready."""
    FIGURES.extend(one for one in figures if one not in FIGURES)


register(
    Figure(
        "parley_queue_jobs",
        "Jobs that are due and wait.",
        "SELECT queue_name, count(*) FROM procrastinate_jobs WHERE status = 'todo'"
        " AND (scheduled_at IS NULL OR scheduled_at <= now()) GROUP BY queue_name",
        ["queue"],
    ),
    Figure(
        "parley_queue_oldest_job_age_seconds",
        "How long the oldest job that is due has waited.",
        "SELECT job.queue_name,"
        " extract(epoch FROM now() - min(coalesce(job.scheduled_at, event.at)))"
        " FROM procrastinate_jobs AS job LEFT JOIN procrastinate_events AS event"
        " ON event.job_id = job.id AND event.type = 'deferred'"
        " WHERE job.status = 'todo'"
        " AND (job.scheduled_at IS NULL OR job.scheduled_at <= now())"
        " GROUP BY job.queue_name",
        ["queue"],
    ),
    Figure(
        "parley_jobs_failed",
        "Jobs that were given up and not yet cleared away.",
        "SELECT task_name, count(*) FROM procrastinate_jobs WHERE status = 'failed'"
        " GROUP BY task_name",
        ["task"],
    ),
    Figure(
        "parley_worker_last_sign_seconds",
        "How long ago a worker last gave a sign of life.",
        "SELECT extract(epoch FROM now() - max(last_heartbeat))"
        " FROM procrastinate_workers HAVING count(*) > 0",
    ),
    Figure(
        "parley_database_size_bytes",
        "The size of the database.",
        "SELECT pg_database_size(current_database())",
    ),
)


class Known:
    """What was told last, for all requests of this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._until = 0.0
        self._rows: dict[str, list[Row] | None] = {}

    def rows(self) -> dict[str, list[Row] | None]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._rows = asked()
                self._until = time.monotonic() + KEPT_SECONDS
            return self._rows

    def forget(self) -> None:
        self._until = 0.0


known = Known()


def asked() -> dict[str, list[Row] | None]:
    """Ask all figures, on a connection that is given back at once; None: no answer."""
    try:
        return {figure.name: rows_of(figure) for figure in FIGURES}
    finally:
        if not connection.in_atomic_block:
            connection.close()


def rows_of(figure: Figure) -> list[Row] | None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {TIMEOUT_MS}")
            cursor.execute(figure.statement)
            return cursor.fetchall()
    except DatabaseError:
        return None


class Gauges:
    """What prometheus_client asks for the figures."""

    def collect(self) -> Iterator["GaugeMetricFamily"]:
        from prometheus_client.core import GaugeMetricFamily

        up = GaugeMetricFamily(
            "parley_figure_up", "Whether a figure could be asked.", labels=["figure"]
        )
        for figure in FIGURES:
            rows = known.rows()[figure.name]
            up.add_metric([figure.name], rows is not None)
            if rows is not None:
                yield gauge(figure, rows)
        yield up
        build = GaugeMetricFamily(
            "parley_build_info", "The version that runs.", labels=["version"]
        )
        build.add_metric([version()], 1)
        yield build


def gauge(figure: Figure, rows: Sequence[Row]) -> "GaugeMetricFamily":
    from prometheus_client.core import GaugeMetricFamily

    found = GaugeMetricFamily(figure.name, figure.text, labels=figure.labels)
    for *labels, number in rows:
        found.add_metric(list(map(str, labels)), float(number))
    return found

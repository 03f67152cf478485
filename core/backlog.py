"""How background work stands: whether a worker lives, and what waits for it."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

# A worker gives a sign of life every ten seconds.
SILENCE_SECONDS = 60
MOST_COUNTED = 100

STATE = """
    SELECT coalesce(last > now() - make_interval(secs => %(silence)s), false), last,
           (SELECT count(*) FROM (
                SELECT FROM procrastinate_jobs
                WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
                LIMIT %(most)s
            ) AS due)
    FROM (SELECT max(last_heartbeat) AS last FROM procrastinate_workers) AS workers
"""


class Backlog(NamedTuple):
    """What waits: `due` jobs, counted up to one more than MOST_COUNTED.

    `last_sign` is a worker's last sign of life; None where none is registered.
    """

    is_worked_on: bool
    last_sign: datetime | None
    due: int

    @property
    def due_text(self) -> str:
        return f"{MOST_COUNTED}+" if self.due > MOST_COUNTED else str(self.due)


def backlog() -> Backlog:
    """Ask how it stands now; one query."""
    with connection.cursor() as cursor:
        cursor.execute(STATE, {"silence": SILENCE_SECONDS, "most": MOST_COUNTED + 1})
        return Backlog(*cursor.fetchone())

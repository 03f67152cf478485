"""Background work on erasures. Every task may run twice without harm."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from privacy import copy_tasks, reaching, retention

# Only modules called `tasks` are looked for.
__all__ = ["copy_tasks"]

# 4 s, 16 s, 64 s … more than an hour; what still fails is taken up by `go_on_erasing`.
PASSING = RetryStrategy(max_attempts=6, exponential_wait=4)


@app.task(retry=PASSING)
def reach_outside(erasure_id: str) -> None:
    """Delete the files of what was erased, and its calls at the voice service."""
    reaching.reach(UUID(erasure_id))


@app.task(retry=PASSING)
def look_again(erasure_id: str) -> None:
    """Delete the files of what was erased once more, an hour later."""
    reaching.look_again(UUID(erasure_id))


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="go_on_erasing")
def go_on_erasing(timestamp: int) -> None:
    """Take up erasures that are not finished, and forget what came late."""
    reaching.go_on()


@app.periodic(cron="7 2 * * *")
@app.task(queueing_lock="end_retention", lock="end_retention")
def end_retention(timestamp: int) -> None:
    """Erase, every night, what was kept long enough."""
    retention.run()

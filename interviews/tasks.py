"""Background work of the interviews. Every task may run twice without harm."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from interviews import preparation

# 4 s, 16 s, 64 s … more than an hour. Databases, disks and buckets each fail in a way
# of their own; what still fails then is tried again by `prepare_left_takes`.
PASSING = RetryStrategy(max_attempts=6, exponential_wait=4)


@app.task(retry=PASSING)
def prepare_take(take_id: str) -> None:
    """Make one file of a take that is closed."""
    preparation.prepare(UUID(take_id))


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="prepare_left_takes")
def prepare_left_takes(timestamp: int) -> None:
    """Prepare what a closed tab left open, and what failed before."""
    preparation.prepare_what_was_left()

"""Background work on copies of the data. Every task may run twice without harm."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from privacy import copy_making

# A database or a disk may fail for a moment; 10 s, 100 s.
PASSING = RetryStrategy(max_attempts=3, exponential_wait=10)


@app.task(retry=PASSING)
def make_copy(copy_id: str) -> None:
    """Make the ZIP of a copy."""
    copy_making.make_and_keep(UUID(copy_id))


@app.periodic(cron="47 3 * * *")
@app.task(queueing_lock="delete_old_copies")
def delete_old_copies(timestamp: int) -> None:
    """Delete the copies that were kept long enough."""
    copy_making.delete_old()

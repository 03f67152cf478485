"""Background work of the reviews. Every task may run twice without harm."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from reviews.exports import making

# A database or a disk may fail for a moment; 10 s, 100 s.
PASSING = RetryStrategy(max_attempts=3, exponential_wait=10)


@app.task(retry=PASSING)
def make_export(export_id: str) -> None:
    """Make the file of an export."""
    making.make_and_keep(UUID(export_id))


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="delete_old_exports")
def delete_old_exports(timestamp: int) -> None:
    """Delete the files that were kept long enough."""
    making.delete_old()

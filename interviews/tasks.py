"""Background work of the interviews. Every task may run twice without harm."""

from uuid import UUID

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from interviews import batches, preparation
from interviews.mail import outbox, reminders

# 4 s, 16 s, 64 s … more than an hour. Databases, disks and buckets each fail in a way
# of their own; what still fails then is tried again by `prepare_left_takes`.
PASSING = RetryStrategy(max_attempts=6, exponential_wait=4)
# An hour and a half in all: a server that does not know us yet lets a letter wait.
BUSY = RetryStrategy(max_attempts=outbox.MOST_ATTEMPTS, exponential_wait=4)


@app.task(retry=PASSING)
def prepare_take(take_id: str) -> None:
    """Make one file of a take that is closed."""
    preparation.prepare(UUID(take_id))


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="prepare_left_takes")
def prepare_left_takes(timestamp: int) -> None:
    """Prepare what a closed tab left open, and what failed before."""
    preparation.prepare_what_was_left()


@app.task(retry=BUSY, pass_context=True)
def send_message(context: JobContext, message_id: int) -> None:
    """Send one letter to a candidate."""
    outbox.send(message_id, is_taken_up=context.job.attempts > 0)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="remind")
def remind(timestamp: int) -> None:
    """Queue the reminders that are due, and end what a dead worker left."""
    outbox.give_up_on_the_lost()
    reminders.remind()


@app.periodic(cron="41 * * * *")
@app.task(queueing_lock="empty_batches")
def empty_batches(timestamp: int) -> None:
    """Forget lists of people a day after they were uploaded."""
    batches.empty_old()

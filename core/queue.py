"""Background work, queued in the transaction that makes it necessary."""

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def queue_once(task: str, key: str, **arguments: str) -> None:
    """Queue a task unless it waits in the queue already; never two at a time of a key.

    By the task's full name: tasks build on the modules that queue them.
    """
    name = f"{task}:{key}"
    try:
        with transaction.atomic():
            app.configure_task(
                task, lock=name, queueing_lock=name, allow_unknown=False
            ).defer(**arguments)
    except AlreadyEnqueued:
        pass

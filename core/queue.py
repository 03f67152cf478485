"""Background work, queued in the transaction that makes it necessary."""

import asyncio
import logging
from functools import partial
from typing import Any

from django.db import transaction
from procrastinate import App, JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.middleware import AsyncCallNext
from procrastinate.worker import Worker

from core.stopping import give_back_in_time

logger = logging.getLogger("parley.worker")


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


def set_up(procrastinate: App) -> None:
    """Say how workers work here (PROCRASTINATE_ON_APP_READY)."""
    procrastinate.worker_defaults |= {
        # Of what was done there are the effects; a table of millions would be slow.
        "delete_jobs": "successful",
        "worker_middleware": [end_if_unheard, give_back_in_time],
    }


async def end_if_unheard(
    call_next: AsyncCallNext, context: JobContext, worker: Worker
) -> Any:
    """Let a worker end whose word on a job was lost, as in a crash of the database.

    For the queue that job is under way for as long as its worker lives. When the worker
    is gone the job is taken up again, and the platform starts the worker anew.
    """
    task = asyncio.current_task()
    assert task is not None  # a job is one
    task.add_done_callback(partial(end_if_failed, worker=worker))
    return await call_next()


def end_if_failed(task: asyncio.Task[Any], *, worker: Worker) -> None:
    """End the worker if the state of a job could not be stored.

    Whatever the job itself raised is in that state, and is not raised any more.
    """
    if task.cancelled() or task.exception() is None:
        return
    logger.error(
        "the state of a job was lost: the worker ends", exc_info=task.exception()
    )
    worker.stop()

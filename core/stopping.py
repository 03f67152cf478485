"""A worker that is told to stop ends what is under way, or gives it back in time.

Left to itself it would wait for its jobs without end, until the platform kills it, and
another would take them up only when it had been silent for long enough (core.tasks).
"""

import asyncio
import logging
import os
from typing import Any
from weakref import WeakSet

from procrastinate import JobContext
from procrastinate.middleware import AsyncCallNext
from procrastinate.worker import Worker

logger = logging.getLogger("parley.worker")

watched: WeakSet[Worker] = WeakSet()
# Asyncio itself holds tasks only weakly.
watches: set[asyncio.Task[None]] = set()


def grace_seconds() -> float:
    """Return how long a stop waits for jobs under way; platforms kill after 30 s or less."""
    return float(os.environ.get("WORKER_GRACEFUL_TIMEOUT", "15"))


async def give_back_in_time(
    call_next: AsyncCallNext, context: JobContext, worker: Worker
) -> Any:
    """Begin to watch the worker with its first job, which comes within seconds."""
    if worker not in watched:
        watched.add(worker)
        watch = asyncio.create_task(give_back_after_stop(worker))
        watches.add(watch)
    return await call_next()


async def give_back_after_stop(worker: Worker) -> None:
    """Wait for the stop, then for the jobs; what is not done by then is put back.

    Its thread cannot be ended, only the process can. Whatever it has not committed is
    undone, and every task may run twice without harm. A worker whose jobs end in time
    ends before this does.
    """
    from core.tasks import put_back  # a task's module, which needs the apps

    # The worker tells of a stop in no other way.
    await worker._stop_event.wait()
    await asyncio.sleep(grace_seconds())
    for context in list(worker._running_jobs.values()):
        await put_back(worker.app, context.job)
    if worker.worker_id is not None:
        await worker.app.job_manager.unregister_worker(worker.worker_id)
    logger.warning("the worker ends, and gives its jobs back")
    os._exit(0)

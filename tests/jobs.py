"""Background work in tests: run what is queued, as the worker would."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from django.db import connections
from procrastinate.contrib.django import app


def run_jobs():
    """Run all jobs that are due, until none is left.

    In a thread of its own: Playwright runs an event loop in the test's. Needs
    `django_db(transaction=True)`, since the worker has a connection of its own.
    """
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work()).result()
        # Or the test database could not be dropped.
        pool.submit(connections.close_all).result()


async def work():
    loop = asyncio.get_running_loop()
    worker = app.with_connector(app.connector.get_worker_connector())
    with ThreadPoolExecutor(1) as tasks:
        loop.set_default_executor(tasks)
        async with worker.open_async():
            await worker.run_worker_async(
                wait=False, install_signal_handlers=False, listen_notify=False
            )
        await loop.run_in_executor(None, connections.close_all)

"""A process for each size, that does in its database what the benchmark asks for.

So the sizes can be measured in turn, within the same second: a Django process knows one
database only.
"""

import multiprocessing
import os
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection as Pipe
from types import TracebackType
from typing import Any, Self

LAST_CALLS = -6


class WorkerError(RuntimeError):
    """What was asked for failed; the message is the worker's traceback."""


class Worker:
    """The process of one database, as seen from the benchmark. Use it in a `with`."""

    def __init__(self, address: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(
            target=serve, args=(address, other), daemon=True
        )
        self._process.start()
        other.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pipe.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def call(self, task: str, *arguments: Any) -> Any:
        """Do a task of `bench.size.tasks`, and return what it does; raises WorkerError."""
        self._pipe.send((task, arguments))
        try:
            is_done, outcome = self._pipe.recv()
        except EOFError:
            raise WorkerError("The worker has ended.") from None
        if not is_done:
            raise WorkerError(outcome)
        return outcome


def serve(address: str, pipe: Pipe) -> None:
    """Do what the pipe asks for until it is closed (the worker's process)."""
    tasks = set_up(address)
    while True:
        try:
            task, arguments = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            pipe.send((True, tasks[task](*arguments)))
        except Exception:  # noqa: BLE001 (a process boundary: it is told on the other side)
            pipe.send((False, traceback.format_exc(LAST_CALLS, chain=False)))


def set_up(address: str) -> dict[str, Callable[..., Any]]:
    os.environ["DATABASE_URL"] = address
    import django

    django.setup()
    from bench.size.tasks import TASKS

    return TASKS

"""Workers as they are shipped, to be killed, and started again as a platform does."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import psycopg

from bench.harness.servers import (
    STOP_SECONDS,
    log_path,
    procfile_command,
    spawn,
    sweep,
    tail,
)
from core.processes import stop
from faults.portal import wait_until

# Of what experiments queue: what is periodic comes of itself, and names its time.
OURS = "NOT args ? 'timestamp'"
WAITING = f"SELECT count(*) FROM procrastinate_jobs WHERE {OURS} AND status IN ('todo', 'doing')"  # noqa: S608 (a constant)
RUNNING = f"SELECT id FROM procrastinate_jobs WHERE {OURS} AND status = 'doing' AND worker_id = %s"  # noqa: S608 (a constant)
NEWEST = "SELECT coalesce(max(id), 0) FROM procrastinate_workers"
DRAIN_SECONDS = 300
START_SECONDS = 60


class Worker:
    """One worker; `number` is the queue's own for it, once it is registered."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.number = 0

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Workers:
    """So many workers. Start them from the main thread.

    `command` takes the place of the Procfile's; `variables` join the environment.
    """

    def __init__(
        self,
        name: str,
        number: int,
        command: Sequence[str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.size = number
        self.command = command or procfile_command("worker")
        self.variables = variables or {}
        self.log = log_path(f"faults-{name}-worker")
        self.log.unlink(missing_ok=True)
        self.workers: list[Worker] = []
        self.restarts = 0

    @contextmanager
    def running(self) -> Iterator["Workers"]:
        try:
            self.workers = [self.start() for _ in range(self.size)]
            yield self
        finally:
            self.stop()

    def start(self) -> Worker:
        with self.log.open("ab") as file:
            return Worker(spawn(self.command, 0, self.variables, file.fileno()))

    def stop(self) -> None:
        for worker in self.workers:
            stop(worker.process, signal.SIGTERM, patience=STOP_SECONDS)
            sweep(worker.process.pid)

    def start_registered(self, connection: psycopg.Connection) -> Worker:
        """Start one, and wait until the queue knows it, so that its jobs can be told."""
        before = one(connection, NEWEST)
        worker = self.start()
        self.wait_until(lambda: one(connection, NEWEST) > before, "A worker")
        worker.number = one(connection, NEWEST)
        return worker

    def replace(self, worker: Worker, connection: psycopg.Connection) -> None:
        place = self.workers.index(worker)
        self.workers[place] = self.start_registered(connection)
        self.restarts += 1

    def revive(self) -> None:
        """Start anew those that have ended, as a platform does."""
        for place, worker in enumerate(self.workers):
            if worker.process.poll() is not None:
                self.workers[place] = self.start()
                self.restarts += 1

    def wait_until_idle(self, url: str, seconds: float = DRAIN_SECONDS) -> None:
        """Wait until all that was queued is done. Raises Stuck."""
        with psycopg.connect(url, autocommit=True) as connection:
            self.wait_until(lambda: not one(connection, WAITING), "The end", seconds)

    def wait_until(
        self,
        condition: Callable[[], object],
        what: str,
        seconds: float = START_SECONDS,
    ) -> None:
        wait_until(
            condition, lambda: f"{what} does not come about.\n{tail(self.log)}", seconds
        )


def one(connection: psycopg.Connection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return int(row[0])


def running_jobs(connection: psycopg.Connection, worker: Worker) -> list[int]:
    return [job for (job,) in connection.execute(RUNNING, [worker.number])]

"""The portal as it is shipped, to be killed: the web line of the Procfile, on one port.

with database("x") as cluster, Portal("x").running() as portal:
    crowd = Crowd(portal.url, make(100, 10), Ledger())
    with crowd.at_work():
        portal.kill()
        portal.start()
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from bench.harness.servers import (
    HOST,
    STOP_SECONDS,
    Server,
    free_port,
    log_path,
    procfile_command,
    spawn,
    sweep,
    tail,
    wait_until_ready,
)
from core.processes import stop

POLL_SECONDS = 0.01
# Longer than a start takes on a busy machine.
PATIENCE_SECONDS = 60


class Stuck(RuntimeError):
    """Something that an experiment waits for does not come about."""


class Portal:
    """The web server with all its processes. Start it from the main thread.

    `command` takes the place of the Procfile's; `variables` join its environment.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.command = command or procfile_command("web")
        self.variables = variables or {}
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.log = log_path(f"faults-{name}")
        self.log.unlink(missing_ok=True)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return at once: callers find out when it answers."""
        with self.log.open("ab") as file:
            self.process = spawn(self.command, self.port, self.variables, file.fileno())

    def wait_until_ready(self, path: str = "/healthz") -> None:
        assert self.process is not None
        wait_until_ready(Server(self.process, self.port, self.log), path)

    def kill(self) -> None:
        """End all its processes at one blow, as a power cut does."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, as a new release does, and wait until it has."""
        if self.process is None:
            return
        stop(self.process, signal.SIGTERM, patience=STOP_SECONDS)
        sweep(self.process.pid)

    @contextmanager
    def running(self) -> Iterator["Portal"]:
        """Run it around a block that begins when it answers."""
        try:
            self.start()
            self.wait_until_ready()
            yield self
        finally:
            self.stop()

    def wait_until(
        self, condition: Callable[[], object], what: str, seconds: float = 0
    ) -> float:
        """Wait, and return for how many seconds; raises Stuck with the end of the log."""
        return wait_until(
            condition, lambda: f"{what} does not come about.\n{tail(self.log)}", seconds
        )


def wait_until(
    condition: Callable[[], object], complaint: Callable[[], str], seconds: float = 0
) -> float:
    """Wait until a condition holds; return for how many seconds. Raises Stuck."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > (seconds or PATIENCE_SECONDS):
            raise Stuck(complaint())
        time.sleep(POLL_SECONDS)
    return time.monotonic() - began

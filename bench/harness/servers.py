"""Web servers under test: started, waited for, accounted for, and always stopped."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from bench.harness import processes
from core import environment
from core.processes import end_with_parent, stop

HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 10
POLL_SECONDS = 0.05
TAIL_LINES = 20
PROBE_SECONDS = 5


class ServerError(RuntimeError):
    """A server does not start; the message ends with the last lines of its log."""


class Server:
    """A running web server: its address, its cost."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.log = log

    @property
    def pid(self) -> int:
        return self.process.pid

    def cpu_seconds(self) -> float:
        """Return the CPU time of the server with all its workers so far."""
        return processes.cpu_seconds(self.pid)

    def worker_megabytes(self) -> list[float]:
        """Return the resident memory of each worker, largest first.

        A server without workers of its own is its only worker.
        """
        memory = processes.memory_megabytes(self.pid)
        if len(memory) > 1:
            del memory[self.pid]
        return sorted(memory.values(), reverse=True)


@contextmanager
def server(
    command: Sequence[str],
    *,
    name: str,
    port: int,
    ready: str = "/healthz",
    variables: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run a server around a block, which begins once GET `ready` is answered with 200.

    Raises ServerError if it ends, or does not answer within a minute. The command gets
    HOST and PORT in its environment, besides `variables`.
    """
    log = log_path(name)
    with log.open("wb") as file:
        process = spawn(command, port, variables or {}, file.fileno())
    try:
        running = Server(process, port, log)
        wait_until_ready(running, ready)
        yield running
    finally:
        stop(process, signal.SIGTERM, signal.SIGINT, patience=STOP_SECONDS)
        sweep(process.pid)


def log_path(name: str) -> Path:
    folder = environment.var_dir() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"


def spawn(
    command: Sequence[str], port: int, variables: Mapping[str, str], output: int
) -> subprocess.Popen[bytes]:
    """Start the command in a session of its own: Ctrl-C reaches the benchmark alone."""
    place = {"HOST": HOST, "PORT": str(port), "PATH": path_with_own_programs()}
    return subprocess.Popen(
        command,
        cwd=environment.BASE_DIR,
        env=dict(os.environ) | place | dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=end_with_parent(signal.SIGTERM),
    )


def path_with_own_programs() -> str:
    """The PATH on which gunicorn is this environment's, activated or not."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def wait_until_ready(server: Server, path: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(server.port, path):
        if server.process.poll() is not None:
            raise ServerError(
                f"The server ended (code {server.process.returncode}).\n{tail(server.log)}"
            )
        if time.monotonic() > deadline:
            raise ServerError(f"The server does not answer.\n{tail(server.log)}")
        time.sleep(POLL_SECONDS)


def answers(port: int, path: str) -> bool:
    connection = HTTPConnection(HOST, port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-TAIL_LINES:])


def sweep(group: int) -> None:
    """End what a killed server left of its process group: its workers would keep the port."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def procfile_command(process: str = "web") -> list[str]:
    """Return the command of the Procfile's line, to run by a shell as a platform does."""
    for line in (environment.BASE_DIR / "Procfile").read_text().splitlines():
        name, _, command = line.partition(":")
        if name == process:
            return ["sh", "-c", f"exec {command.strip()}"]
    raise ServerError(f"The Procfile has no line {shlex.quote(process)}.")

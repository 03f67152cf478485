"""What an experiment by HTTP stands on: a database, Django set up for it, the web server.

Whoever asks the server knows no more of it than its port, so the tests can put one of
their own in its place.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

import django

from bench.harness.database import database, variables
from bench.harness.servers import HOST, free_port, procfile_command, server

PATIENCE_SECONDS = 30
# The server may have closed a kept connection meanwhile.
ATTEMPTS = 2
# Django takes any that is in the cookie and in the form alike.
CSRF_TOKEN = "c" * 32

# Gives the port of a portal, with the bug of this name in it unless that is empty.
Serve = Callable[[str], AbstractContextManager[int]]


class Answer(NamedTuple):
    """What came back: `headers` with names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Call(NamedTuple):
    """What is asked."""

    method: str
    path: str
    headers: Mapping[str, str] = {}
    body: bytes | str | None = None


class Line:
    """One connection to a portal, kept open. Use it in a `with`, in one thread."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection(HOST, port, timeout=PATIENCE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def send(self, call: Call) -> Answer:
        """Ask, and return the answer; raises OSError or HTTPException if none comes."""
        for _ in range(ATTEMPTS - 1):
            try:
                return self._send(call)
            except (HTTPException, OSError):
                self._connection.close()
        return self._send(call)

    def _send(self, call: Call) -> Answer:
        # A refusal may come before the last byte of a body is sent.
        with suppress(BrokenPipeError, ConnectionResetError):
            self._connection.request(
                call.method, call.path, call.body, dict(call.headers)
            )
        found = self._connection.getresponse()
        names = {name.lower(): value for name, value in found.getheaders()}
        return Answer(found.status, names, found.read())


@contextmanager
def ground(part: str, *, fsync: bool = True) -> Iterator[None]:
    """Give a database of its own, and Django set up for it, around a block."""
    with (
        database(f"faults-{part}", fsync=fsync),
        TemporaryDirectory() as files,
        variables(settings(files)),
    ):
        django.setup()
        # Needs the settings.
        from bench.capacity.workspace import name_static_files

        name_static_files()
        yield


def settings(files: str) -> dict[str, str]:
    """Return what is set besides production's: private folders, HR without its phones.

    Nobody is told to wait who comes without right: what else is told is the question.
    """
    return {
        "LIMIT_FAILED_ATTEMPTS": "false",
        "RECORDINGS_ROOT": files,
        "STATIC_ROOT": str(Path(files) / "static"),
        "SECOND_FACTOR": "optional",
        "LOG_LEVEL": "WARNING",
    }


def serving(part: str) -> Serve:
    """Return what runs the web server as it ships, or with a bug planted in it."""

    @contextmanager
    def serve(bug: str) -> Iterator[int]:
        port = free_port()
        with server(command(bug), name=f"faults-{part}", port=port):
            yield port

    return serve


def command(bug: str) -> list[str]:
    if bug:
        return [sys.executable, "-m", "faults.planted_server", bug]
    return procfile_command("web")

"""How much a process does at once. More waits for a little, and the rest is refused.

The web server has a thread for each call that waits, but only those in a *place* of their
lane work. So an answer never waits behind pages, nor behind the voice service; database
connections belong to the places and are few; and under more load than the machine can
bear, calls are refused at once, with Retry-After, in place of a queue that grows until
nobody is served in time.

    lane    who                              places  waiting
    turns   session endpoints                     2      120
    calls   starts of calls, which wait           2       20
            for the voice service
    reports webhooks, as slow as they come        8       20
    pages   people's pages, and the rest          4       40

Static files and /healthz need no database, and no place.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.template.loader import render_to_string
from django.utils import translation

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

RETRY_AFTER_SECONDS = 2
# Longer than any wait behind others' work: the database does not answer any more.
PATIENCE_SECONDS = 5.0
REPORT_SECONDS = 10.0
BUSY = b'{"code": "unavailable", "detail": "The portal is busy. Repeat the same call shortly."}'

logger = logging.getLogger("parley.overload")


class Place:
    """The right to work, with database connections that pass from thread to thread."""

    def __init__(self) -> None:
        self._connections: Sequence[BaseDatabaseWrapper] = []

    def enter(self) -> None:
        """Make the connections this thread's."""
        for connection in self._connections:
            connections[connection.alias] = connection

    def leave(self) -> None:
        """Take the thread's connections, those it opened included."""
        self._connections = connections.all(initialized_only=True)
        for connection in self._connections:
            if not connection.allow_thread_sharing:
                connection.inc_thread_sharing()
            del connections[connection.alias]


class Lane:
    """So many `places`, and so many calls `waiting` for one."""

    def __init__(self, name: str, *, places: int, waiting: int) -> None:
        self.name = name
        self.places = places
        self.waiting = waiting
        self._free: SimpleQueue[Place] = SimpleQueue()
        for _ in range(places):
            self._free.put(Place())
        self._queue = 0
        self._lock = Lock()
        self._refused = 0
        self._reported_at = float("-inf")

    def take(self) -> Place | None:
        """Return a place, or None for a call that is to be refused."""
        try:
            return self._free.get_nowait()
        except Empty:
            return self._wait()

    def give_back(self, place: Place) -> None:
        self._free.put(place)

    def _wait(self) -> Place | None:
        with self._lock:
            if self._queue >= self.waiting:
                self._refuse()
                return None
            self._queue += 1
        try:
            return self._free.get(timeout=PATIENCE_SECONDS)
        except Empty:
            with self._lock:
                self._refuse()
            return None
        finally:
            with self._lock:
                self._queue -= 1

    def _refuse(self) -> None:
        """Count it, and say so now and then: a line for each would be load, too."""
        self._refused += 1
        if time.monotonic() - self._reported_at < REPORT_SECONDS:
            return
        logger.warning(
            "overloaded: calls are refused",
            extra={"lane": self.name, "refused": self._refused},
        )
        self._reported_at, self._refused = time.monotonic(), 0


TURNS = Lane("turns", places=2, waiting=120)
CALLS = Lane("calls", places=2, waiting=20)
REPORTS = Lane("reports", places=8, waiting=20)
PAGES = Lane("pages", places=4, waiting=40)
LANES = (TURNS, CALLS, REPORTS, PAGES)
# All that work or wait, and some to refuse the rest.
THREADS = sum(lane.places + lane.waiting for lane in LANES) + 8


def lane_of(path: str) -> Lane | None:
    """Return the lane of a request's path; None where none is needed."""
    if path.startswith("/api/interview/"):
        return CALLS if path.endswith("/call/start") else TURNS
    if path.startswith("/webhooks/"):
        return REPORTS
    return None if path.startswith("/static/") or path == "/healthz" else PAGES


class Lanes:
    """Let each request through in its lane, or refuse it: 503 with Retry-After."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(
        self, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        lane = lane_of(environ["PATH_INFO"])
        if lane is None:
            return self.application(environ, start_response)
        place = lane.take()
        if place is None:
            return refusal(environ, start_response)
        place.enter()
        turn = Turn(lane, place)
        try:
            response = self.application(environ, start_response)
        except BaseException:
            turn.close()
            raise
        if getattr(response, "streaming", False):
            return Streamed(response, turn)
        try:
            return [b"".join(response)]
        finally:
            close(response)
            turn.close()


class Turn:
    """The use of a place by one request; over once, however often it is closed."""

    def __init__(self, lane: Lane, place: Place) -> None:
        self._lane = lane
        self._place: Place | None = place

    def close(self) -> None:
        place, self._place = self._place, None
        if place is not None:
            place.leave()
            self._lane.give_back(place)


class Streamed:
    """A body that is made while it is sent: its place is kept until the end."""

    def __init__(self, response: Iterable[bytes], turn: Turn) -> None:
        self._response = response
        self._turn = turn

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._response)

    def close(self) -> None:
        try:
            close(self._response)
        finally:
            self._turn.close()


def close(response: Iterable[bytes]) -> None:
    if hasattr(response, "close"):
        response.close()


def refusal(environ: Environ, start_response: StartResponse) -> list[bytes]:
    """Answer without the application: JSON for the API, a page for people."""
    is_api = environ["PATH_INFO"].startswith(("/api/", "/webhooks/"))
    language = environ.get("HTTP_ACCEPT_LANGUAGE", "")[:2].lower()
    body = BUSY if is_api else busy_page("ru" if language == "ru" else "en")
    start_response(
        "503 Service Unavailable",
        [
            ("Content-Type", "application/json" if is_api else "text/html"),
            ("Content-Length", str(len(body))),
            ("Retry-After", str(RETRY_AFTER_SECONDS)),
            ("Cache-Control", "no-store"),
        ],
    )
    return [body]


@cache
def busy_page(language: str) -> bytes:
    with translation.override(language):
        return render_to_string("503.html").encode()

"""How much a process does at once. More waits for a little, and the rest is refused.

The web server has a thread for each call that waits, but only those in a *place* of their
lane work. So an answer never waits behind pages, nor behind the voice service; database
connections belong to the places and are few; and under more load than the machine can
bear, calls are refused at once, with Retry-After, in place of a queue that grows until
nobody is served in time.

    lane        who                             places  waiting
    questions   session endpoints that read          1       30
    answers     those that write, which wait for     3       30
                the disk, several at a time
    calls       starts of calls, which wait          2       20
                for the voice service
    candidates  candidates' pages                    3       30
    reports     webhooks, as slow as they come       6       20
    staff       HR's pages, and the rest             3       30

Static files and /healthz need no database, and no place. Nor does a body that is sent while
it is read, such as a recording: its listener may take minutes.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from threading import Lock
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.template.loader import render_to_string
from django.utils import translation

from core import headers

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

RETRY_AFTER_SECONDS = 2
# Longer than any wait behind others' work: the database does not answer any more.
PATIENCE_SECONDS = 5.0
REPORT_SECONDS = 10.0
HTML = "text/html; charset=utf-8"
BUSY = b'{"code": "unavailable", "detail": "The portal is busy. Repeat the same call shortly."}'

logger = logging.getLogger("parley.overload")


def on_refusal(lane: str) -> None:
    """Do nothing; core.metrics puts its own in this place."""


class Place:
    """The right to work, with database connections that pass from thread to thread."""

    def __init__(self) -> None:
        self._connections: Sequence[BaseDatabaseWrapper] = []

    def enter(self) -> None:
        """Make the connections this thread's."""
        for connection in self._connections:
            connections[connection.alias] = connection

    def leave(self) -> None:
        """Take the thread's connections, those it opened included; close broken ones."""
        self._connections = connections.all(initialized_only=True)
        for connection in self._connections:
            connection.close_if_unusable_or_obsolete()
            if not connection.allow_thread_sharing:
                connection.inc_thread_sharing()
            del connections[connection.alias]


class Waiter:
    """A call that waits for a place, until one is handed to it."""

    def __init__(self) -> None:
        self.place: Place | None = None
        self.handed = Lock()
        self.handed.acquire()


class Lane:
    """So many `places`, and so many calls `waiting` for one, served as they came."""

    def __init__(self, name: str, *, places: int, waiting: int) -> None:
        self.name = name
        self.places = places
        self.waiting = waiting
        self._free = [Place() for _ in range(places)]
        self._queue: deque[Waiter] = deque()
        self._lock = Lock()
        self._refused = 0
        self._reported_at = float("-inf")

    def take(self) -> Place | None:
        """Return a place, or None for a call that is to be refused."""
        with self._lock:
            if self._free:
                return self._free.pop()
            if len(self._queue) >= self.waiting:
                self._refuse()
                return None
            waiter = Waiter()
            self._queue.append(waiter)
        return self._wait(waiter)

    def give_back(self, place: Place) -> None:
        """Hand the place to who has waited longest: a newcomer never takes it first."""
        with self._lock:
            if not self._queue:
                self._free.append(place)
                return
            waiter = self._queue.popleft()
            waiter.place = place
        waiter.handed.release()

    def _wait(self, waiter: Waiter) -> Place | None:
        if not waiter.handed.acquire(timeout=PATIENCE_SECONDS):
            with self._lock:
                if waiter.place is None:
                    self._queue.remove(waiter)
                    self._refuse()
        return waiter.place

    def _refuse(self) -> None:
        """Count it, and say so now and then: a line for each would be load, too."""
        self._refused += 1
        on_refusal(self.name)
        if time.monotonic() - self._reported_at < REPORT_SECONDS:
            return
        logger.warning(
            "overloaded: calls are refused",
            extra={"lane": self.name, "refused": self._refused},
        )
        self._reported_at, self._refused = time.monotonic(), 0


QUESTIONS = Lane("questions", places=1, waiting=30)
ANSWERS = Lane("answers", places=3, waiting=30)
CALLS = Lane("calls", places=2, waiting=20)
CANDIDATES = Lane("candidates", places=3, waiting=30)
REPORTS = Lane("reports", places=6, waiting=20)
STAFF = Lane("staff", places=3, waiting=30)
LANES = (QUESTIONS, ANSWERS, CALLS, CANDIDATES, REPORTS, STAFF)
# All that work or wait; and those who send files, or refuse the rest.
THREADS = sum(lane.places + lane.waiting for lane in LANES) + 64


def lane_of(path: str) -> Lane | None:
    """Return the lane of a request's path; None where none is needed."""
    if path.startswith("/api/interview/"):
        if path.endswith("/next"):
            return QUESTIONS
        return CALLS if path.endswith("/call/start") else ANSWERS
    if path.startswith("/interview/"):
        return CANDIDATES
    if path.startswith("/webhooks/"):
        return REPORTS
    return None if path.startswith("/static/") or path == "/healthz" else STAFF


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
        try:
            response = self.application(environ, start_response)
            if getattr(response, "streaming", False):
                return Streamed(response)
            try:
                # A list: the web server sends it in one go.
                return [b"".join(response)]
            finally:
                close(response)
        finally:
            place.leave()
            lane.give_back(place)


class Streamed:
    """A body that is read while it is sent, on connections of its own."""

    def __init__(self, response: Iterable[bytes]) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._response
        finally:
            connections.close_all()

    def close(self) -> None:
        close(self._response)


def close(response: Iterable[bytes]) -> None:
    if hasattr(response, "close"):
        response.close()


def refusal(environ: Environ, start_response: StartResponse) -> list[bytes]:
    """Answer without the application: JSON for the API, a page for people."""
    is_api = environ["PATH_INFO"].startswith(("/api/", "/webhooks/"))
    language = environ.get("HTTP_ACCEPT_LANGUAGE", "")[:2].lower()
    is_form = environ.get("REQUEST_METHOD") == "POST"
    body = BUSY if is_api else busy_page("ru" if language == "ru" else "en", is_form)
    start_response(
        "503 Service Unavailable",
        [
            ("Content-Type", "application/json" if is_api else HTML),
            ("Content-Length", str(len(body))),
            ("Retry-After", str(RETRY_AFTER_SECONDS)),
            *headers.outside_django(is_page=not is_api),
        ],
    )
    return [body]


@cache
def busy_page(language: str, is_form: bool) -> bytes:
    """Return the page for people; of a form it asks to go back, where all still stands."""
    with translation.override(language):
        return render_to_string("503.html", {"is_form": is_form}).encode()

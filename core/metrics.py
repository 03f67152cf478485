"""Figures for Prometheus at /metrics, where METRICS_TOKEN is set; else there is nothing.

`measured` stands around the lanes, so that a request's time has its wait for a place in
it. It knows requests by their lane and by a class of address, never by a link. The answer
to Prometheus is made here too, before everything made for browsers: it needs no place in a
lane, no known host and no TLS, so that it also comes when the portal is overloaded.

Each process writes its counts into a folder they share (`core.metrics_folder`); whoever is
asked adds them up. What the database tells is in `core.metrics_gauges`.
"""

import time
from collections.abc import Iterable
from functools import cache
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from django.conf import settings

from core import lanes
from core.headers import outside_django
from core.lanes import Application, Environ, Lane, StartResponse, lane_of

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram

PATH = "/metrics"
# Seconds. An answer takes milliseconds, a page tenths; calls are given up after twenty.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)
# The end of a session endpoint's path is its name; of all others their beginning tells.
SESSION_ENDPOINTS = {"next", "answer", "end", "call", "start"}
STARTS = {
    "/interview/": "candidate",
    "/webhooks/": "webhook",
    "/admin/": "admin",
    "/accounts/": "account",
    "/shared/": "share",
    "/recordings/": "recording",
    "/static/": "static",
    "/api/": "api",
    "/healthz": "health",
    "/readyz": "health",
}


def measured(application: Application) -> Application:
    """Return the application with its requests counted; as it is without METRICS_TOKEN."""
    return Measured(application) if settings.METRICS_TOKEN else application


@cache
def requests() -> "Histogram":
    from prometheus_client import Histogram

    return Histogram(
        "parley_http_request_duration_seconds",
        "Requests, by how long they took with their wait for a place.",
        ["lane", "route", "status"],
        buckets=BUCKETS,
    )


@cache
def refusals() -> "Counter":
    from prometheus_client import Counter

    return Counter(
        "parley_lane_refusals_total", "Requests refused for want of a place.", ["lane"]
    )


def route_of(path: str) -> str:
    """Return the class of an address; nothing of the address itself is in it."""
    if path.startswith("/api/interview/"):
        end = path.rpartition("/")[2]
        return f"session_{end}" if end in SESSION_ENDPOINTS else "session_take"
    return next(
        (name for start, name in STARTS.items() if path.startswith(start)), "other"
    )


class Measured:
    """Count each request and its time, and answer /metrics."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.requests = requests()
        self.token = f"Bearer {settings.METRICS_TOKEN}".encode()
        # By lane, route and status: to look them up anew takes longer than to count.
        self.known: dict[tuple[Lane | None, str, str], Any] = {}
        lanes.on_refusal = count_refusal

    def __call__(
        self, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == PATH and self.is_allowed(environ):
            return told(start_response)
        started = time.perf_counter()
        status = "500"

        def start(line: str, *rest: Any) -> Any:
            nonlocal status
            status = line[:3]
            return start_response(line, *rest)

        try:
            return self.application(environ, start)
        finally:
            self.count(path, status, time.perf_counter() - started)

    def is_allowed(self, environ: Environ) -> bool:
        given = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
        return compare_digest(given, self.token)

    def count(self, path: str, status: str, seconds: float) -> None:
        key = lane_of(path), route_of(path), status
        child = self.known.get(key)
        if child is None:
            lane, route, _ = key
            name = lane.name if lane else "none"
            child = self.known[key] = self.requests.labels(name, route, status)
        child.observe(seconds)


def count_refusal(lane: str) -> None:
    refusals().labels(lane).inc()


def told(start_response: StartResponse) -> list[bytes]:
    from prometheus_client import CONTENT_TYPE_LATEST

    body = exposition()
    headers = [
        ("Content-Type", CONTENT_TYPE_LATEST),
        ("Content-Length", str(len(body))),
    ]
    names = {name.lower() for name, _ in headers}
    headers += [
        one for one in outside_django(is_page=False) if one[0].lower() not in names
    ]
    start_response("200 OK", headers)
    return [body]


def exposition() -> bytes:
    """Return all figures as Prometheus reads them: all processes', then the database's."""
    from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    from core import metrics_folder
    from core.metrics_gauges import Gauges

    registry = REGISTRY
    if metrics_folder.is_shared():
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    own = CollectorRegistry()
    own.register(Gauges())
    return generate_latest(registry) + generate_latest(own)

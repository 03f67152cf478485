"""Limits on failed attempts: how often an address may guess, whichever process it meets.

Counted are failures alone, by one statement each, in a table that all processes share; a
right link, key or signature pays nothing, and is never refused. So an office behind one
address goes on whatever a colleague does in it, and so does the voice service, all of
whose calls come from a few addresses.

What is over the limit is answered 429 with Retry-After: then nothing more is looked up or
kept for it. Sign-ins have limits of their own, by account (`accounts.lockout`) and by
address (django-allauth, in the common cache).
"""

import logging
import math
import time
from datetime import timedelta
from threading import Lock
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.addresses import network_of
from core.models import FailedAttempts

logger = logging.getLogger("parley.security")


class Limit(NamedTuple):
    """So many answers of these statuses, to paths that begin so, in so many seconds."""

    name: str
    start: str
    statuses: frozenset[int]
    failures: int
    seconds: int


LIMITS = (
    # An agent with a wrong key calls again and again; a person has one session.
    Limit("session endpoints", "/api/interview/", frozenset({401}), 60, 60),
    Limit("interview links", "/interview/", frozenset({404}), 30, 600),
    Limit("shared links", "/shared/", frozenset({404}), 30, 600),
    # After 429, unlike after 401, the voice service sends a report again.
    Limit("webhooks", "/webhooks/", frozenset({400, 401, 403}), 60, 60),
)
STATUSES = frozenset().union(*(limit.statuses for limit in LIMITS))
# A window begins with the first failure; the first after its end begins another.
COUNT = """
    INSERT INTO failed_attempts AS known (key, began_at, number) VALUES (%(key)s, now(), 1)
    ON CONFLICT (key) DO UPDATE SET
        number = CASE WHEN known.began_at + %(seconds)s * interval '1 second' > now()
            THEN known.number + 1 ELSE 1 END,
        began_at = CASE WHEN known.began_at + %(seconds)s * interval '1 second' > now()
            THEN known.began_at ELSE now() END
    RETURNING number, extract(epoch FROM began_at - now())::float + %(seconds)s
"""
MOST_KNOWN = 10_000


class Known:
    """Whom this process knows to be over a limit, so that it need not count on."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = Lock()

    def seconds_left(self, key: str) -> float:
        return max(0.0, self._until.get(key, 0.0) - time.monotonic())

    def add(self, key: str, seconds: float) -> None:
        with self._lock:
            if len(self._until) >= MOST_KNOWN:
                # They are counted again, which costs a statement each.
                self._until.clear()
            self._until[key] = time.monotonic() + seconds

    def forget(self) -> None:
        self._until.clear()


known = Known()


def limited(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return the answer to a failed attempt: as it is, or 429 for one too many."""
    limit = limit_of(request.path_info, response.status_code)
    if limit is None or not settings.LIMIT_FAILED_ATTEMPTS:
        return response
    seconds = seconds_to_wait(limit, network_of(request))
    return too_many(request, math.ceil(seconds)) if seconds else response


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """Answer 429: JSON for programs, a page for people."""
    if request.path_info.startswith(("/api/", "/webhooks/")):
        detail = f"Too many failed attempts. Wait {seconds} seconds, then try again."
        body = {"code": "too_many_attempts", "detail": detail}
        response: HttpResponse = JsonResponse(body, status=429)
    else:
        context = {"minutes": math.ceil(seconds / 60)}
        response = render(request, "429.html", context, status=429)
    response["Retry-After"] = str(seconds)
    # Without it, the web server would send the body in chunks.
    response["Content-Length"] = str(len(response.content))
    return response


def limit_of(path: str, status: int) -> Limit | None:
    return next(
        (
            limit
            for limit in LIMITS
            if status in limit.statuses and path.startswith(limit.start)
        ),
        None,
    )


def seconds_to_wait(limit: Limit, network: str | None) -> float:
    """Count a failure; return how long the address is over the limit, 0 if it is not."""
    key = salted_hmac(
        "core.limits", f"{limit.name}:{network}", algorithm="sha256"
    ).hexdigest()
    if seconds := known.seconds_left(key):
        return seconds
    number, seconds = count(key, limit)
    if number <= limit.failures:
        return 0.0
    known.add(key, seconds)
    # Once for each process and window: a line for each would be load, too.
    logger.warning(
        "too many failed attempts", extra={"limit": limit.name, "source": key[:12]}
    )
    return seconds


def count(key: str, limit: Limit) -> tuple[int, float]:
    """Return which failure of the window this is, and when the window ends, in seconds.

    While the database is away nobody is over a limit: the failure is refused as it was.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(COUNT, {"key": key, "seconds": limit.seconds})
            number, seconds = cursor.fetchone()
    except DatabaseError:
        return 0, 0.0
    return number, max(1.0, seconds)


def forget_old() -> None:
    """Remove the counts whose window is over."""
    longest = timedelta(seconds=max(limit.seconds for limit in LIMITS))
    FailedAttempts.objects.filter(began_at__lt=timezone.now() - longest).delete()

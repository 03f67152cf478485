"""Middleware of the portal's own: short ways, request ids, honest answers.

The session endpoints under `/api/interview/` use no Django session, message, language or
cookie login; every microsecond there is spent between two sentences of a conversation.
So they are answered ahead of everything that is made for browsers.
"""

import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import resolve
from django.utils.translation import activate

from core import headers, limits
from core.api import is_session_endpoint
from core.logs import request_id
from core.views import unavailable

logger = logging.getLogger("parley.request")
SLOW_SECONDS = 1.0
PROGRAMS = ("/api/", "/webhooks/")
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class SessionEndpointMiddleware:
    """Answer session endpoints here: the middleware that follows is for browsers."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.answer(request)
        if response.status_code in limits.STATUSES:
            return limits.limited(request, response)
        return response

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        if not is_session_endpoint(request):
            return self.get_response(request)
        # Or the thread would go on in the language of the page it served before.
        activate("en")
        request.resolver_match = match = resolve(request.path_info)
        try:
            response = match.func(request, *match.args, **match.kwargs).render()
        except Exception as exception:
            if (response := unavailable(request, exception)) is None:
                raise
        # Without it, the web server would send the body in chunks.
        response["Content-Length"] = len(response.content)
        return response


class RequestIdMiddleware:
    """Give each request an id: on its response and on every log line written for it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.logs_requests = settings.LOGGING_REQUESTS

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        # Never the caller's own id: it could be anything, and would enter the log.
        token = request_id.set(uuid4().hex)
        try:
            response = self.get_response(request)
            if response.status_code == HTTPStatus.MOVED_PERMANENTLY:
                response = without_detour(request, response)
            response["X-Request-Id"] = request_id.get()
            headers.complete(response)
            if self.logs_requests:
                self.log(request, response, time.perf_counter() - started)
            return response
        finally:
            request_id.reset(token)

    def log(
        self, request: HttpRequest, response: HttpResponseBase, seconds: float
    ) -> None:
        # What an interview does is in the database; a line for each of its calls would
        # take a fifth of the call's time.
        is_routine = (
            is_session_endpoint(request)
            and response.status_code == HTTPStatus.OK
            and seconds < SLOW_SECONDS
        )
        level = logging.DEBUG if is_routine else logging.INFO
        if not logger.isEnabledFor(level):
            return
        # The route, never the path: a path holds a candidate's link.
        match = request.resolver_match
        logger.log(
            level,
            "request",
            extra={
                "method": request.method,
                "route": match.route if match else None,
                "status": response.status_code,
                "duration_ms": round(seconds * 1000, 2),
            },
        )


def without_detour(
    request: HttpRequest, response: HttpResponseBase
) -> HttpResponseBase:
    """Refuse a program's call over plain HTTP, in place of leading it to HTTPS.

    Led there it would work, and send its key in the open each time, unnoticed.
    """
    if request.is_secure() or not request.path_info.startswith(PROGRAMS):
        return response
    body = {"code": "https_only", "detail": "Call this address by https."}
    return JsonResponse(body, status=HTTPStatus.FORBIDDEN)


class DatabaseAwayMiddleware:
    """Answer 503 with Retry-After, never 500, while the database cannot be reached."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        return unavailable(request, exception)

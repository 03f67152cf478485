"""Middleware: a request id, an honest answer when the database is away, and Django's own.

The session endpoints under `/api/interview/` use no Django session, message, language or cookie
login; every microsecond there is spent between two sentences of a conversation. So
Django's browser middleware, unchanged otherwise, lets those requests pass.
"""

import logging
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth.middleware import (
    AuthenticationMiddleware as DjangoAuthenticationMiddleware,
)
from django.contrib.messages.middleware import (
    MessageMiddleware as DjangoMessageMiddleware,
)
from django.contrib.sessions.middleware import (
    SessionMiddleware as DjangoSessionMiddleware,
)
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.common import CommonMiddleware as DjangoCommonMiddleware
from django.middleware.locale import LocaleMiddleware as DjangoLocaleMiddleware
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import activate

from core.api import is_session_endpoint
from core.database import is_database_away
from core.logs import request_id
from core.views import database_away

logger = logging.getLogger("parley.request")
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class BrowserOnly(MiddlewareMixin):
    """Let session endpoints pass by the middleware this is mixed into."""

    def __call__(self, request: HttpRequest) -> Any:
        if is_session_endpoint(request):
            return self.get_response(request)
        return super().__call__(request)


class SessionMiddleware(BrowserOnly, DjangoSessionMiddleware):
    """Django's, for browsers."""


class LocaleMiddleware(DjangoLocaleMiddleware):
    """Django's, for browsers; session endpoints always speak English."""

    def __call__(self, request: HttpRequest) -> Any:
        if not is_session_endpoint(request):
            return super().__call__(request)
        # Or the thread would go on in the language of the page it served before.
        activate("en")
        return self.get_response(request)


class CommonMiddleware(BrowserOnly, DjangoCommonMiddleware):
    """Django's, for browsers."""


class AuthenticationMiddleware(BrowserOnly, DjangoAuthenticationMiddleware):
    """Django's, for browsers."""


class MessageMiddleware(BrowserOnly, DjangoMessageMiddleware):
    """Django's, for browsers."""


class ContentSecurityPolicyMiddleware(BrowserOnly, CSPMiddleware):
    """django-csp's, for browsers."""


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
            response["X-Request-Id"] = request_id.get()
            if self.logs_requests:
                self.log(request, response, time.perf_counter() - started)
            return response
        finally:
            request_id.reset(token)

    def log(
        self, request: HttpRequest, response: HttpResponseBase, seconds: float
    ) -> None:
        # The route, never the path: a path holds a candidate's link.
        match = request.resolver_match
        logger.info(
            "request",
            extra={
                "method": request.method,
                "route": match.route if match else None,
                "status": response.status_code,
                "duration_ms": round(seconds * 1000, 2),
            },
        )


class DatabaseAwayMiddleware:
    """Answer 503 with Retry-After, never 500, while the database cannot be reached."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        if not is_database_away(exception):
            return None
        logger.error("database away", extra={"error": type(exception).__name__})
        return database_away(request)

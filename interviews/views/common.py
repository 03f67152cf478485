"""What every candidate's page shares: whose it is, in which language, how private."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.cache import never_cache

from core.cookies import keep
from core.exceptions import DomainError
from core.headers import MICROPHONE
from interviews.models import InterviewSession
from interviews.tokens import cookie_name, mint_token, read_token
from vacancies.companies import employer

# So long after the deadline a candidate reads the answers without asking again.
OWN_COPY_KEPT = timedelta(days=30)

View = Callable[..., HttpResponseBase]
Response = TypeVar("Response", bound=HttpResponseBase)


def candidate_view(view: View) -> View:
    """Find the session of the link and speak its language; keep the page private.

    A refusal by a rule leads back to the session's page, which says what is the matter.
    """

    @wraps(view)
    @never_cache
    def wrapper(
        request: HttpRequest, session_id: UUID, **kwargs: Any
    ) -> HttpResponseBase:
        session = (
            InterviewSession.objects.select_related(
                "candidate", "vacancy__company", "script", "consent"
            )
            .defer("vacancy__company__logo")
            .filter(pk=session_id)
            .first()
        )
        if session is None:
            return unknown_link(request)
        with override(session.vacancy.language):
            try:
                response: HttpResponseBase = view(request, session, **kwargs)
            except DomainError:
                response = redirect(session)
        return private(compressed(request, response))

    return wrapper


def compressed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Compress a page; recordings and files stay as they are.

    What makes the length of a compressed page tell its secrets (BREACH) is missing here:
    the CSRF token is masked anew in each response, nothing of a GET request is repeated in
    the page, and Django adds a random number of bytes.
    """
    is_page = response.get("Content-Type", "").startswith("text/html")
    if response.streaming or not is_page:
        return response
    assert isinstance(response, HttpResponse)
    return GZipMiddleware(lambda request: response).process_response(request, response)


def with_own_recording(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let the page play what it recorded itself, before anything of it is sent."""
    csp_update({"media-src": ["blob:"]})(lambda _: response)(request)
    return that_records(response)


def that_records(response: HttpResponse) -> HttpResponse:
    """Let a page ask for the microphone; no other page of the portal may."""
    response["Permissions-Policy"] = MICROPHONE
    return response


def private(response: Response) -> Response:
    response["X-Robots-Tag"] = "noindex"
    return response


@never_cache
def unknown_link(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer a link that leads to no interview."""
    context = {"employer": employer(None)}
    return private(render(request, "interviews/unknown_link.html", context, status=404))


def is_this_browser(request: HttpRequest, session: InterviewSession) -> bool:
    """Tell whether the interview was started, or continued, in this browser."""
    token = request.COOKIES.get(cookie_name(session.pk), "")
    return read_token(token) == session.pk


def in_this_browser(session: InterviewSession, response: HttpResponse) -> HttpResponse:
    """Let the browser act for the session, and afterwards read its answers."""
    keep(
        response,
        cookie_name(session.pk),
        mint_token(session.pk),
        expires=max(session.expires_at, timezone.now()) + OWN_COPY_KEPT,
    )
    return response

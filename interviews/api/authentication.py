"""Who calls: the voice agent, or the candidate's own browser. Neither costs a query."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from interviews.models import Channel
from interviews.tokens import cookie_name, read_token

if TYPE_CHECKING:
    from rest_framework.request import Request


class Caller(NamedTuple):
    """A proven caller: it acts for `session_id` and for no other session."""

    session_id: UUID
    channel: Channel
    conversation_id: str = ""


class TokenAuthentication(BaseAuthentication):
    """Common to both: a 401 that says what to send."""

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class AgentAuthentication(TokenAuthentication):
    """`Authorization: Bearer <AGENT_API_KEY>` together with `X-Session-Token`."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Caller] | None:
        # Not `request.headers`, which is made anew of all that a request brings.
        sent = request.META
        scheme, _, key = sent.get("HTTP_AUTHORIZATION", "").partition(" ")
        # Another scheme is not ours: a proxy in front may have a login of its own.
        if scheme.lower() != "bearer":
            return None
        session_id = read_token(sent.get("HTTP_X_SESSION_TOKEN", ""))
        if not is_agent_key(key) or session_id is None:
            raise AuthenticationFailed("Send the agent key and the session token.")
        conversation_id = sent.get("HTTP_X_CONVERSATION_ID", "")
        return AnonymousUser(), Caller(session_id, Channel.AGENT, conversation_id)


class CandidateAuthentication(TokenAuthentication):
    """The session token alone, in the cookie of the candidate's browser, with CSRF."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Caller] | None:
        match = request.resolver_match
        url_id = match.kwargs.get("session_id") if match else None
        token = request.COOKIES.get(cookie_name(url_id)) if url_id else None
        if token is None:
            return None
        session_id = read_token(token)
        if session_id is None:
            raise AuthenticationFailed("Open the interview's link again.")
        check_csrf(request)
        return AnonymousUser(), Caller(session_id, Channel.WRITTEN)


def is_agent_key(key: str) -> bool:
    """Compare in constant time with both keys that are valid during a rotation."""
    given = key.strip().encode("utf-8", "surrogateescape")
    keys = [settings.AGENT_API_KEY, settings.AGENT_API_KEY_PREVIOUS]
    matches = [hmac.compare_digest(given, valid.encode()) for valid in keys if valid]
    return any(matches)


def check_csrf(request: Request) -> None:
    check = CSRFCheck(lambda request: None)  # type: ignore[arg-type]
    check.process_request(request)
    if reason := check.process_view(request, None, (), {}):  # type: ignore[arg-type]
        raise PermissionDenied(f"CSRF check failed: {reason}")

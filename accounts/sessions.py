"""Sign-ins of the staff: how long one lasts, where the others are, and how they end.

Whoever does nothing for SESSION_IDLE_MINUTES signs in again, and everybody does after
SESSION_COOKIE_AGE. That somebody still works is noted every few minutes, not at each page.
"""

import hashlib
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from core.addresses import client_address

BEGAN, SEEN, PLACE = "began", "seen", "place"
NOTED_EVERY = 300
# In this order: Chrome's name is in most others', and Safari's in Chrome's.
BROWSERS = {
    "YaBrowser/": "Yandex",
    "Edg/": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = re.compile(r"(Android|iPhone|iPad|Windows|Mac OS|Linux)")


class SignIn(NamedTuple):
    """One browser that is signed in; `key` names it and opens nothing."""

    key: str
    place: str
    began: datetime
    seen: datetime
    is_this: bool


def begin(request: HttpRequest) -> None:
    """Note when and where a sign-in began."""
    now = time.time()
    request.session.update({BEGAN: now, SEEN: now, PLACE: place_of(request)})


def is_over(request: HttpRequest) -> bool:
    """Tell whether the person has to sign in again; else note that they are at work."""
    now, session = time.time(), request.session
    if now - session.get(BEGAN, now) > settings.SESSION_COOKIE_AGE:
        return True
    idle = now - session.get(SEEN, now)
    if idle > settings.SESSION_IDLE_MINUTES * 60:
        return True
    if idle > NOTED_EVERY:
        session[SEEN] = now
    return False


def place_of(request: HttpRequest) -> str:
    """Describe a browser as its owner knows it, such as "Firefox, Windows, 192.0.2.7"."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    browser = next((name for mark, name in BROWSERS.items() if mark in agent), "")
    system = SYSTEMS.search(agent)
    parts = [browser, system[1] if system else "", client_address(request) or ""]
    return ", ".join(filter(None, parts))


def sign_ins(user: User, request: HttpRequest) -> list[SignIn]:
    """Return where somebody is signed in, the latest first."""
    current = request.session.session_key
    found = [
        SignIn(
            key=name_of(session.session_key),
            place=data.get(PLACE, ""),
            began=moment(data.get(BEGAN, 0)),
            seen=moment(data.get(SEEN, 0)),
            is_this=session.session_key == current,
        )
        for session, data in sessions_of(user)
    ]
    return sorted(found, key=lambda one: one.seen, reverse=True)


def end(user: User, *, key: str = "", besides: str | None = None) -> int:
    """End somebody's sign-ins: the one named, or all but this session's; return how many."""
    ended = [
        session.session_key
        for session, _data in sessions_of(user)
        if session.session_key != besides
        and (not key or name_of(session.session_key) == key)
    ]
    Session.objects.filter(session_key__in=ended).delete()
    return len(ended)


def sessions_of(user: User) -> Iterator[tuple[Session, dict[str, Any]]]:
    # Of the staff alone, a few hundred at most: each is opened to see whose it is.
    for session in Session.objects.filter(expire_date__gt=timezone.now()):
        data = session.get_decoded()
        if data.get("_auth_user_id") == str(user.pk):
            yield session, data


def name_of(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()[:16]


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

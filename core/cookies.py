"""Cookies of the portal's own: for this host alone, and out of scripts' reach.

A name that begins with __Host- is a promise that browsers hold us to: the cookie came over
HTTPS, from this very host, and not from a neighbour under the same domain.
"""

from datetime import datetime

from django.conf import settings
from django.http import HttpResponseBase


def host_only(name: str) -> str:
    """Return the name under which a cookie is kept; without HTTPS there is no prefix."""
    return f"__Host-{name}" if settings.HTTPS else name


def keep(
    response: HttpResponseBase,
    name: str,
    value: str,
    *,
    expires: datetime | None = None,
    max_age: int | None = None,
) -> None:
    """Let the browser keep a value under a name that `host_only` gave."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        expires=expires,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )

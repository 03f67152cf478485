"""Headers that every response of the portal has, unless it brings its own.

Nothing may be kept, framed, or read from another origin, and no page may use a microphone,
until a view says otherwise: what somebody adds is closed without being named here.
"""

from functools import cache

from csp.utils import build_policy
from django.conf import settings
from django.http import HttpResponseBase

# As Django stores them: by the name in small letters.
Headers = dict[str, tuple[str, str]]

CLOSED = "camera=(), display-capture=(), geolocation=(), microphone=()"
# Pages that record, and no others: `interviews.views.common.that_records`.
MICROPHONE = "camera=(), display-capture=(), geolocation=(), microphone=(self)"
# A policy for what is no page: opened by itself, it may load and do nothing.
DATA_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
# A worker goes by the policy of its own script.
SCRIPT_POLICY = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def complete(response: HttpResponseBase) -> None:
    """Add what is missing.

    One merge of two dictionaries: between two sentences of a conversation, setting each
    header by itself would take longer than signing a token does.
    """
    headers = response.headers
    found: Headers = headers._store
    kind = found.get("content-type", ("", ""))[1]
    headers._store = {**common_to(kind), **found}


def common_to(kind: str) -> Headers:
    if kind.startswith("text/html"):
        return for_pages()
    return for_scripts() if kind.startswith("text/javascript") else for_data()


@cache
def for_pages() -> Headers:
    policy = build_policy() or ""
    return by_small_name(
        {
            "Content-Security-Policy": policy,
            "Permissions-Policy": CLOSED,
            "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
            "Cross-Origin-Opener-Policy": "same-origin",
            "X-Frame-Options": settings.X_FRAME_OPTIONS,
        }
        | COMMON
    )


@cache
def for_data() -> Headers:
    return by_small_name(COMMON | {"Content-Security-Policy": DATA_POLICY})


@cache
def for_scripts() -> Headers:
    return by_small_name(COMMON | {"Content-Security-Policy": SCRIPT_POLICY})


COMMON = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def by_small_name(headers: dict[str, str]) -> Headers:
    return {name.lower(): (name, value) for name, value in headers.items()}


def outside_django(*, is_page: bool) -> list[tuple[str, str]]:
    """Return the headers of an answer that is made without Django: `core.lanes`."""
    headers = list((for_pages() if is_page else for_data()).values())
    if settings.SECURE_HSTS_SECONDS:
        headers.append(("Strict-Transport-Security", transport_security()))
    return headers


def transport_security() -> str:
    """Return what Django's own middleware says of HTTPS."""
    parts = [f"max-age={settings.SECURE_HSTS_SECONDS}"]
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        parts.append("includeSubDomains")
    if settings.SECURE_HSTS_PRELOAD:
        parts.append("preload")
    return "; ".join(parts)

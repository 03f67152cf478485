"""The doctor's look from outside: the address, the proxy before it, the certificate."""

import socket
import ssl
import time
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

import httpx
from django.conf import settings
from django.urls import reverse

from core.doctor import Finding, check, ok, problem, warning

TIMEOUT_SECONDS = 5.0
DAY = 24 * 60 * 60
SOON_DAYS, LAST_DAYS = 21, 7
PROXY = (
    "Let the proxy set X-Forwarded-Proto to the scheme it was asked by, whatever the "
    "client says, and set BEHIND_PROXY=true."
)


@check("address")
def address_answers() -> Iterator[Finding]:
    if not settings.PUBLIC_URL:
        yield warning(
            "PUBLIC_URL is not set: letters cannot hold links, and no agent can call.",
            "Set it to the address at which candidates reach the portal.",
        )
        return
    try:
        yield from answers()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        yield warning(
            f"The portal cannot be reached at PUBLIC_URL ({type(error).__name__}).",
            "If only the way from this machine to its own address is closed, nothing is "
            "wrong. Otherwise look at DNS, the proxy and the firewall.",
        )


def answers() -> Iterator[Finding]:
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        health = client.get(f"{settings.PUBLIC_URL}/healthz")
        if health.status_code != httpx.codes.OK:
            yield problem(
                f"/healthz at PUBLIC_URL answered {health.status_code}.",
                "400: put its host into ALLOWED_HOSTS. 502 to 504: the web process does "
                "not run, or the proxy does not find it.",
            )
            return
        yield ok("The portal answers at PUBLIC_URL.")
        yield scheme(client)
        yield from transport(client.get(page()))


def page() -> str:
    """Return a page that anybody may open, and that insists on TLS."""
    return settings.PUBLIC_URL + reverse("account_login")


def scheme(client: httpx.Client) -> Finding:
    """Tell whether the portal knows by which scheme it was asked, and from whom."""
    if client.get(page()).is_redirect:
        return problem(
            "The sign-in page leads to itself: the portal does not know of TLS.", PROXY
        )
    if is_https() and client.get(page(), headers=PLAIN).is_redirect:
        return warning("The proxy passes on a client's own X-Forwarded-Proto.", PROXY)
    return ok("Pages open, and the proxy's word on the scheme is its own.")


PLAIN = {"X-Forwarded-Proto": "http"}


def transport(answer: httpx.Response) -> Iterator[Finding]:
    if not is_https():
        yield warning("PUBLIC_URL is not https.", "Put a proxy with TLS in front.")
    elif "strict-transport-security" not in answer.headers:
        yield warning(
            "Pages do not carry Strict-Transport-Security.",
            "Set HTTPS=true, and let the proxy pass the header on.",
        )


def is_https() -> bool:
    return urlsplit(settings.PUBLIC_URL).scheme == "https"


@check("certificate")
def certificate_is_good() -> Iterator[Finding]:
    if not is_https():
        return
    try:
        days = (expiry(urlsplit(settings.PUBLIC_URL)) - time.time()) / DAY
    except ssl.SSLCertVerificationError as error:
        yield problem(
            f"The certificate is not accepted: {error.verify_message}.",
            "Renew it, or let the proxy send the certificates between it and the root.",
        )
    except OSError as error:
        yield warning(
            f"The certificate could not be looked at ({type(error).__name__}).",
            "See what is said of the address.",
        )
    else:
        yield validity(days)


def expiry(address: SplitResult) -> float:
    """Return when the certificate at an address ends, in seconds since 1970."""
    host = address.hostname or ""
    line = socket.create_connection((host, address.port or 443), TIMEOUT_SECONDS)
    with line, trust().wrap_socket(line, server_hostname=host) as secure:
        certificate = secure.getpeercert() or {}
    return float(ssl.cert_time_to_seconds(str(certificate["notAfter"])))


def trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def validity(days: float) -> Finding:
    text = f"The certificate is valid for {days:.0f} more days."
    if days >= SOON_DAYS:
        return ok(text)
    todo = "Renew it; if that happens by itself, find out why it did not."
    return problem(text, todo) if days < LAST_DAYS else warning(text, todo)

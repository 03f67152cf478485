"""Where a request comes from."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the IP address of whoever asks, or None where there is none to be had.

    Behind a proxy that is the last address of X-Forwarded-For: the one the proxy itself
    saw. What stands before it is what the client said, and anybody can say anything.
    """
    found = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        found = forwarded.rpartition(",")[2].strip() or found
    try:
        return str(ip_address(found))
    except ValueError:
        return None

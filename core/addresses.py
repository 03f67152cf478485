"""Where a request comes from."""

from ipaddress import ip_address, ip_network

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


def network_of(request: HttpRequest) -> str | None:
    """Return whose failures are counted together: the address, and of IPv6 the network.

    One household or server has as many addresses of IPv6 as it likes.
    """
    address = client_address(request)
    if address is None or ":" not in address:
        return address
    return str(ip_network(f"{address}/64", strict=False).network_address)

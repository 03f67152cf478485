"""Calls to other machines, by addresses that somebody typed.

Whatever stands in the database may have been chosen by whoever attacks: the address of a
machine behind our firewall, of this one, of the cloud's own metadata. So such an address is
fetched by `fetch` alone, which

* takes https, at port 443 or 8443, a name and no number, and no password in the address;
* asks for the name's addresses once, and goes on only if each is one of the public net;
* connects to what it was told then: a name that changes its mind a moment later (DNS
  rebinding) changes nothing. The certificate must still be the name's;
* follows no redirect, and asks no proxy of the environment;
* ends after so many seconds and bytes, however slowly they come.

Addresses from the administrator's environment are trusted, and docs/security.md lists them:
those may well be of a machine in the same room.
"""

import http.client
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Timer
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address

PORTS = {443, 8443}
SECONDS = 15.0
MOST_BYTES = 64 * 1024
LONGEST_URL = 2000
# Global by Python's word, and ways to an IPv4 address that need not be (NAT64, 6to4,
# Teredo), or to whichever relay is near.
NOT_PUBLIC = [
    ip_network(text)
    for text in (
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
        "192.88.99.0/24",
        "168.63.129.16/32",
        "::/96",
    )
]


class Refused(Exception):
    """The address is none that the portal calls; says why, without the address."""


class Unreachable(Exception):
    """The other side did not answer as it should, in time; says how."""


class Target(NamedTuple):
    """Where a checked address leads: the name, its port and the path with its query."""

    host: str
    port: int
    path: str


class Answer(NamedTuple):
    """What came back. A redirect is an answer like any other: nobody goes there."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def fetch(
    url: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
) -> Answer:
    """Call an address that somebody typed; raises Refused or Unreachable.

    Checked anew at each call: what the name stood for when it was saved is of no account.
    """
    target = target_of(url)
    connection = PinnedConnection(target, public_address(target), seconds)
    # What a socket's own time-out measures is one wait, and there may be a thousand.
    watch = Timer(seconds, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        connection.request(method, target.path, body, dict(headers or {}))
        response = connection.getresponse()
        content = response.read(most_bytes + 1)
        if connection.is_cut:
            raise Unreachable("no whole answer in time")
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(type(error).__name__) from error
    finally:
        watch.cancel()
        connection.close()
    if len(content) > most_bytes:
        raise Unreachable("the answer is too large")
    return Answer(response.status, dict(response.getheaders()), content)


def target_of(url: str) -> Target:
    """Return where an address leads; raises Refused for one that has the wrong form."""
    parts, port = parsed(url)
    if parts.scheme != "https":
        raise Refused("only https is called")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise Refused("an address holds no name or password")
    if port not in PORTS:
        raise Refused("only ports 443 and 8443 are called")
    host = name_of(parts.hostname or "")
    path = parts.path or "/"
    return Target(host, port, f"{path}?{parts.query}" if parts.query else path)


def parsed(url: str) -> tuple[SplitResult, int]:
    # Parsers differ in what they make of a backslash, a blank or a line break.
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable():
        raise Refused("an address is of plain letters and signs")
    if " " in url or "\\" in url:
        raise Refused("an address has no blanks and no backslashes")
    try:
        parts = urlsplit(url)
        return parts, parts.port or 443 if parts.port != 0 else 0
    except ValueError as error:
        raise Refused("this is no address") from error


def name_of(host: str) -> str:
    """Return a name of the public net; raises Refused for numbers and local names.

    Resolvers take 127.1, 0x7f.1 and 2130706433 for addresses, so a last part that begins
    with a digit is one; no name of the public net has such an end.
    """
    name = host.removesuffix(".").lower()
    labels = name.split(".")
    is_named = all(label and label.replace("-", "").isalnum() for label in labels)
    if not is_named or len(name) > 253 or labels[-1][0].isdigit():
        raise Refused("an address has a host's name in it")
    if len(labels) < 2 or labels[-1] in {"local", "localhost", "internal", "lan"}:
        raise Refused("this name is of a local network")
    return name


def public_address(target: Target) -> Address:
    """Resolve a name once; raises Refused unless each of its addresses is public."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable("the name is unknown") from error
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses or not all(map(is_public, addresses)):
        raise Refused("the name leads into a local network")
    return addresses[0]


def is_public(address: Address) -> bool:
    """Tell whether an address is a machine's of the public net, and no way around to it."""
    inner = getattr(address, "ipv4_mapped", None) or address
    return (
        inner.is_global
        and not inner.is_multicast
        and not inner.is_reserved
        and not getattr(inner, "is_site_local", False)
        and not any(
            inner in network
            for network in NOT_PUBLIC
            if network.version == inner.version
        )
    )


class PinnedConnection(http.client.HTTPSConnection):
    """Speaks to one address, and holds the name against the certificate there."""

    def __init__(self, target: Target, address: Address, seconds: float) -> None:
        self.context = context()
        super().__init__(
            target.host, target.port, timeout=seconds, context=self.context
        )
        self.address = address
        self.is_cut = False

    def connect(self) -> None:
        plain = socket.create_connection((str(self.address), self.port), self.timeout)
        try:
            # The name is asked for (SNI), and must be the certificate's.
            self.sock = self.context.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise

    def cut(self) -> None:
        """Break the connection off, from another thread."""
        self.is_cut = True
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def context() -> ssl.SSLContext:
    """Return how certificates are checked: by the machine's own authorities, TLS 1.2 on."""
    found = ssl.create_default_context()
    found.minimum_version = ssl.TLSVersion.TLSv1_2
    return found

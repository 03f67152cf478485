"""Webhooks as ElevenLabs sends them, and bodies that nobody should send.

Deliveries go over real sockets to a running server, with their length or in chunks.
"""

import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from typing import Any

URL = "/webhooks/elevenlabs"
SECRET = "wsec_of_the_experiments"  # noqa: S105 (of servers that run for minutes)
# Short runs are spared the start of three processes.
QUICK = {"WEB_CONCURRENCY": "1"}
CHUNK = 16 * 1024
SECONDS = 120
BROKEN = 0

# What no JSON column or text column would take, or what makes a parser raise: values of
# a JSON object, as deep or long as a body of that size can hold.
POISON: dict[str, Callable[[int], bytes]] = {
    "nul": lambda size: b'"\\u0000"',
    "lone surrogate": lambda size: b'"\\ud800"',
    "not a number": lambda size: b"NaN",
    "infinite": lambda size: b"1e400",
    "nested": lambda size: b"[" * (size // 3) + b"]" * (size // 3),
    "long number": lambda size: b"9" * (size // 2),
    "not utf-8": lambda size: b'"\xff\xfe"',
    "raw nul": lambda size: b'"\x00"',
    "cut off": lambda size: b"[1, 2",
}
# No parser goes deeper, or reads longer numbers, than this.
MOST = 300_000


def poisoned(name: str, size: int, label: str, key: str = "poison") -> bytes:
    """Return a body of that size, no two alike, with something bad at a key."""
    value = POISON[name](min(size, MOST))
    end = b"" if name == "cut off" else b"}"
    head = b'{"label": "%s", "pad": "' % label.encode()
    tail = b'", "%s": %s%s' % (key.encode(), value, end)
    return head + b"x" * max(0, size - len(head) - len(tail)) + tail


def dice(seed: int) -> random.Random:
    """Return chance that comes out the same each time."""
    return random.Random(seed)


def digest(raw: bytes, moment: int, secret: str = SECRET) -> str:
    """Return the digest by which the vendor vouches for bytes, at a moment (Unix)."""
    return hmac.new(secret.encode(), b"%d." % moment + raw, hashlib.sha256).hexdigest()


def header(raw: bytes, moment: int | None = None, secret: str = SECRET) -> str:
    """Return the header `ElevenLabs-Signature`."""
    moment = int(time.time()) if moment is None else moment
    return f"t={moment},v0={digest(raw, moment, secret)}"


def event(kind: str, data: Mapping[str, Any], moment: int) -> bytes:
    """Return an event as the vendor writes it."""
    whole = {"type": kind, "event_timestamp": moment, "data": data}
    return json.dumps(whole, ensure_ascii=False).encode()


def post(
    port: int,
    path: str,
    raw: bytes,
    headers: Mapping[str, str],
    *,
    is_chunked: bool = False,
) -> int:
    """Send a body; return the status, 0 if the connection broke before there was one."""
    body = chunks(raw) if is_chunked else raw
    with closing(HTTPConnection("127.0.0.1", port, timeout=SECONDS)) as connection:
        # Who refuses a body early closes before all of it is sent, and has answered.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(
                "POST", path, body, dict(headers), encode_chunked=is_chunked
            )
        try:
            response = connection.getresponse()
            response.read()
        except (OSError, HTTPException):
            return BROKEN
        return response.status


def deliver(port: int, raw: bytes, *, is_chunked: bool = False) -> int:
    """Sign and send an event; return the status."""
    headers = {
        "Content-Type": "application/json",
        "ElevenLabs-Signature": header(raw),
    }
    return post(port, URL, raw, headers, is_chunked=is_chunked)


def chunks(raw: bytes) -> Iterator[bytes]:
    for start in range(0, len(raw), CHUNK):
        yield raw[start : start + CHUNK]


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()

"""HTTP/1.1 as bytes: what is sent, and what came back."""

from dataclasses import dataclass
from typing import NamedTuple, Self

HEAD_END = b"\r\n\r\n"


class Exchange:
    """One request. `due` is set when it is asked for; `patience` in seconds."""

    __slots__ = ("content", "due", "kind", "patience")

    def __init__(self, kind: str, content: bytes, patience: float) -> None:
        self.kind = kind
        self.content = content
        self.patience = patience
        self.due = 0.0


@dataclass(frozen=True, slots=True)
class Response:
    """A response with its whole body; `status` 0 where none came, and why in `body`."""

    status: int
    head: bytes
    body: bytes

    @classmethod
    def complete(cls, received: bytes) -> Self | None:
        """Return the response, or None while a part of it is missing."""
        end = received.find(HEAD_END)
        if end < 0:
            return None
        head, body = received[:end], received[end + 4 :]
        length = header(head, b"content-length")
        if length:
            if len(body) < int(length):
                return None
        elif header(head, b"transfer-encoding"):
            if not body.endswith(b"0\r\n\r\n"):
                return None
            body = joined(body)
        return cls(int(head[9:12]), head, body)

    @property
    def keeps_open(self) -> bool:
        return bool(self.status) and header(self.head, b"connection") != b"close"

    @property
    def is_refusal(self) -> bool:
        """Tell whether the portal asked to come again: too busy, or away."""
        return self.status in {429, 503}

    @property
    def retry_after(self) -> int:
        """Return the seconds to wait; 0 if none were named."""
        value = header(self.head, b"retry-after")
        return int(value) if value.isdigit() else 0

    def cookies(self) -> bytes:
        """Return the cookies that were set, as the next request sends them."""
        lines = self.head.split(b"\r\n")
        set_here = [line for line in lines if line.lower().startswith(b"set-cookie:")]
        return b"; ".join(line[11:].split(b";")[0].strip() for line in set_here)


BROKEN = Response(0, b"", b"connection broken")
TIMED_OUT = Response(0, b"", b"no answer in time")


def header(head: bytes, name: bytes) -> bytes:
    """Return a header's value in lower case; empty if it is not there."""
    lower = head.lower()
    start = lower.find(b"\r\n" + name + b":")
    if start < 0:
        return b""
    start += len(name) + 3
    end = lower.find(b"\r\n", start)
    return lower[start : end if end >= 0 else None].strip()


def joined(chunks: bytes) -> bytes:
    """Return the body that came in chunks."""
    body = b""
    while chunks:
        size, _, rest = chunks.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        if not length:
            break
        body, chunks = body + rest[:length], rest[length + 2 :]
    return body


class Request(NamedTuple):
    """The parts of a request that are the same for all of one kind."""

    method: str
    path: str
    headers: bytes = b""
    body: bytes = b""

    def content(self) -> bytes:
        length = b"Content-Length: %d\r\n" % len(self.body) if self.body else b""
        return b"%s %s HTTP/1.1\r\nHost: localhost\r\n%s%s\r\n%s" % (
            self.method.encode(),
            self.path.encode(),
            self.headers,
            length,
            self.body,
        )

"""What stands between the web server and Django."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from io import BytesIO
from typing import Any

MAX_BYTES = 1024 * 1024
# Views under it read their bodies from the web server themselves: `voice.bodies`.
STREAMED = "/webhooks/"

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Bodies:
    """Read each body before the application has to do with it, up to `MAX_BYTES`.

    A slow client then costs a waiting thread, and no place in a lane (`core.lanes`). And
    Django is told the length of a chunked body, which it would take for an empty one: it
    reads no further than Content-Length, and a chunked request has none (ticket 35838).
    Chunked bodies are cut at `MAX_BYTES`, one byte beyond every limit that the portal sets;
    larger files of a known length, and webhooks, are read as they are used.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(
        self, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if (length := length_to_read(environ)) and not is_streamed(environ):
            body = read(environ["wsgi.input"], length)
            environ["wsgi.input"] = BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
        return self.application(environ, start_response)


def length_to_read(environ: Environ) -> int:
    """Return how many bytes to read ahead; 0 for no body, or one that is too large."""
    if is_chunked(environ):
        return MAX_BYTES + 1
    length = environ.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() and int(length) <= MAX_BYTES else 0


def read(stream: Any, length: int) -> bytes:
    """Return what comes, up to `length`; less if the client goes away."""
    pieces = []
    with suppress(OSError):
        while length and (piece := stream.read(length)):
            pieces.append(piece)
            length -= len(piece)
    return b"".join(pieces)


def is_chunked(environ: Environ) -> bool:
    """Tell whether the body has no length, but an end that the server vouches for."""
    return "HTTP_TRANSFER_ENCODING" in environ and bool(
        environ.get("wsgi.input_terminated")
    )


def is_streamed(environ: Environ) -> bool:
    return environ.get("PATH_INFO", "").startswith(STREAMED)

"""Bodies too large for memory, read from the web server as they come in."""

import math
from collections.abc import Iterator
from typing import Any

from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError

from core.wsgi import is_chunked

# An hour of speech at 128 kbit/s, in base64, is 77 MB.
MAX_BYTES = 100 * 1024 * 1024
PIECE_BYTES = 64 * 1024


class BodyTooLarge(APIException):
    """The body is over 100 MiB."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = f"Send a body of at most {MAX_BYTES} bytes."


class BodyBroken(ParseError):
    """The body ended before its end."""

    default_code = "broken"
    default_detail = "The connection broke while the body was sent."


def pieces(environ: dict[str, Any]) -> Iterator[bytes]:
    """Yield a body, of known length or chunked; raise BodyTooLarge or BodyBroken."""
    length = math.inf if is_chunked(environ) else content_length(environ)
    if MAX_BYTES < length < math.inf:
        raise BodyTooLarge
    size = 0
    while piece := read(environ["wsgi.input"], min(PIECE_BYTES, length - size)):
        size += len(piece)
        if size > MAX_BYTES:
            raise BodyTooLarge
        yield piece
    if size < length < math.inf:
        raise BodyBroken


def content_length(environ: dict[str, Any]) -> int:
    text = str(environ.get("CONTENT_LENGTH") or "")
    return int(text) if text.isascii() and text.isdigit() else 0


def read(stream: Any, size: float) -> bytes:
    try:
        return stream.read(int(size))
    # A chunk that is none makes gunicorn raise what is no OSError.
    except (OSError, ParseException) as error:
        raise BodyBroken from error

"""What stands between the web server and Django."""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

MAX_BYTES = 1024 * 1024
# Views under it read their bodies from the web server themselves: `voice.bodies`.
STREAMED = "/webhooks/"

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class ChunkedBodies:
    """Tell Django the length of a chunked body, which it would take for an empty one.

    Django reads no further than Content-Length, and a chunked request has none
    (ticket 35838): an answer sent that way would be refused as missing. Bodies over
    `MAX_BYTES` are cut there, one byte beyond every limit that the portal sets, save
    for webhooks: recordings are larger than memory should hold.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(
        self, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if is_chunked(environ) and not is_streamed(environ):
            body = environ["wsgi.input"].read(MAX_BYTES + 1)
            environ["wsgi.input"] = BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
        return self.application(environ, start_response)


def is_chunked(environ: Environ) -> bool:
    """Tell whether the body has no length, but an end that the server vouches for."""
    return "HTTP_TRANSFER_ENCODING" in environ and bool(
        environ.get("wsgi.input_terminated")
    )


def is_streamed(environ: Environ) -> bool:
    return environ.get("PATH_INFO", "").startswith(STREAMED)

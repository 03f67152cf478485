"""What stands between the web server and Django."""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

MAX_BYTES = 1024 * 1024

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class ChunkedBodies:
    """Tell Django the length of a chunked body, which it would take for an empty one.

    Django reads no further than Content-Length, and a chunked request has none
    (ticket 35838): an answer sent that way would be refused as missing. Bodies over
    `MAX_BYTES` are cut there, one byte beyond every limit that the portal sets.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        # The server vouches that the stream ends with the body.
        if "HTTP_TRANSFER_ENCODING" in environ and environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read(MAX_BYTES + 1)
            environ["wsgi.input"] = BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
        return self.application(environ, start_response)

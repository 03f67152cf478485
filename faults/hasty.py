"""A portal that says "saved" and saves afterwards: the control of E1, which must lose.

python -m faults.hasty
"""

import json
import re
import sys
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from queue import SimpleQueue
from threading import Thread
from typing import Any

# How long an answer lies in memory alone; a cache that is written out does as much.
DELAY_SECONDS = 0.2
ANSWER = re.compile(r"/api/interview/[^/]+/answer")

Environ = dict[str, Any]


class Hasty:
    """The portal's own application; answers are acknowledged before it gets them."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self.waiting: SimpleQueue[tuple[float, Environ]] = SimpleQueue()
        Thread(target=self.save, daemon=True).start()

    def __call__(
        self, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if not ANSWER.fullmatch(environ["PATH_INFO"]):
            return self.application(environ, start_response)
        body = environ["wsgi.input"].read()
        later = environ | {"wsgi.input": BytesIO(body)}
        self.waiting.put((time.monotonic() + DELAY_SECONDS, later))
        start_response("200 OK", [("Content-Type", "application/json")])
        question = json.loads(body)["questionId"]
        return [json.dumps({"saved": True, "questionId": question}).encode()]

    def save(self) -> None:
        while True:
            due, environ = self.waiting.get()
            time.sleep(max(0, due - time.monotonic()))
            self.application(environ, lambda status, headers: None)


def application(environ: Environ, start_response: Callable[..., Any]) -> Any:
    """Load the portal at the first call: the main process only names this function."""
    global hasty
    if hasty is None:
        from config.serving import application as portal

        hasty = Hasty(portal)
    return hasty(environ, start_response)


hasty: Hasty | None = None


def main() -> int:
    from config.server import server

    shipped = server()
    shipped.target = "faults.hasty:application"
    return int(shipped.serve() or 0)


if __name__ == "__main__":
    sys.exit(main())

"""The web server: `python -m config.server` (granian, two processes).

Chosen by measurement (docs/performance.md). Every value with an environment variable can
be changed without touching this file.
"""

import os
import sys
from pathlib import Path

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from core import metrics_folder
from core.lanes import THREADS

# Its own lines as the portal's: one JSON object each, with links masked.
LOGGING = {
    "formatters": {"json": {"()": "core.logs.JSONFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {"_granian": {"handlers": ["stderr"], "propagate": False}},
}


def server() -> MPServer:
    return MPServer(
        "config.serving:application",
        address=os.environ.get("HOST") or "127.0.0.1",
        port=int(os.environ.get("PORT") or "8000"),
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        # Measured: more processes than cores made the session endpoints slower.
        workers=int(os.environ.get("WEB_CONCURRENCY", "3")),
        # Most of them wait: core.lanes says how many work.
        blocking_threads=THREADS,
        # Connections, most of them idle: a proxy in front keeps many open.
        backpressure=int(os.environ.get("WEB_CONNECTIONS", "1000")),
        backlog=2048,
        # A client that does not finish its headers does not keep a connection for long.
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        respawn_failed_workers=True,
        respawn_interval=0.5,
        # Requests under way at a stop or a new release are answered within this time.
        workers_kill_timeout=int(os.environ.get("WEB_GRACEFUL_TIMEOUT", "15")),
        # Paths hold candidates' links. Requests are logged by the portal, links masked.
        log_access=False,
        # A warning would say at each start that there are more threads than cores.
        log_level=LogLevels(os.environ.get("WEB_LOG_LEVEL", "error")),
        log_dictconfig=LOGGING,
        working_dir=Path(__file__).parent.parent,
    )


if __name__ == "__main__":
    metrics_folder.prepare()
    sys.exit(server().serve())

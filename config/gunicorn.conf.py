"""Gunicorn's configuration, for whoever prefers it to granian (config.server).

    gunicorn config.wsgi -c config/gunicorn.conf.py

It takes twice the time for a request (docs/performance.md).

Every value with an environment variable can be changed without touching this file.
"""

import gc
import os
from typing import Any

host = os.environ.get("HOST") or "127.0.0.1"
bind = f"{f'[{host}]' if ':' in host else host}:{os.environ.get('PORT') or '8000'}"
worker_class = "gthread"
# Measured: more workers or threads than cores made the session endpoints slower.
workers = int(os.environ.get("WEB_CONCURRENCY", "3"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# A worker that does not report for this long is replaced; a request may then be lost.
timeout = int(os.environ.get("WEB_TIMEOUT", "30"))
# Requests under way at a stop or a new release are answered within this time.
graceful_timeout = int(os.environ.get("WEB_GRACEFUL_TIMEOUT", "15"))
# Longer than the usual proxy keeps a connection, so that it is the proxy that closes.
keepalive = int(os.environ.get("WEB_KEEPALIVE", "75"))
# Each worker loads the application itself, and opens its own database connections.
preload_app = False
# Paths hold candidates' links. Requests are logged by the portal, with links masked.
accesslog = None
errorlog = "-"
loglevel = os.environ.get("WEB_LOG_LEVEL", "error")
# Its administration socket would lie in the user's home; nothing here uses it.
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Write gunicorn's own log as the portal's, one JSON object a line, links masked."""
    from core import metrics_folder
    from core.logs import JSONFormatter

    metrics_folder.prepare()
    for handler in server.log.error_log.handlers:
        handler.setFormatter(JSONFormatter())


def post_worker_init(worker: Any) -> None:
    """Load the rest, and take it all out of the garbage collector's rounds: it stays."""
    from voice import vendor

    vendor.warm_up()
    gc.collect()
    gc.freeze()

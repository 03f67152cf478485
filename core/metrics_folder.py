"""Where the processes of a web server keep their figures, so that any can tell all of them.

Read before Django and before prometheus_client, which looks for the variable when it is
imported.
"""

import os
import shutil
import socket
from pathlib import Path

from core import environment

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def prepare() -> None:
    """Make an empty folder of this server's own; for its first process, before others.

    By machine and port: servers may share VAR_DIR, and their processes have the same
    numbers in two containers.
    """
    environment.load()
    if not os.environ.get("METRICS_TOKEN"):
        return
    os.environ[VARIABLE] = str(folder())
    shutil.rmtree(folder(), ignore_errors=True)
    folder().mkdir(mode=0o700, parents=True)


def folder() -> Path:
    server = f"{socket.gethostname()}-{os.environ.get('PORT') or '8000'}"
    return environment.var_dir() / "metrics" / server


def is_shared() -> bool:
    """Tell whether processes share their figures; in tests and commands they do not."""
    return bool(os.environ.get(VARIABLE))

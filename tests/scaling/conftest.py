"""An installation of several machines on this one."""

import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.scaling.machines import (
    NO_PGBOUNCER,
    Machine,
    Web,
    find_pgbouncer,
    pgbouncer,
    running,
)


@contextmanager
def open_folder():
    """Make a folder that the servers' account may enter, which is never root."""
    with tempfile.TemporaryDirectory(prefix="parley-machines-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def folder():
    with open_folder() as path:
        yield path


@pytest.fixture
def database_url(transactional_db):
    """Return the tests' own database, which other processes see too."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return url._replace(path=connection.settings_dict["NAME"]).geturl()


@pytest.fixture
def pooler(folder, database_url):
    if not find_pgbouncer():
        pytest.skip(NO_PGBOUNCER)
    with pgbouncer(folder, database_url) as pooler:
        yield pooler


@pytest.fixture
def variables(folder, pooler, database_url):
    """Return the environment that all machines have in common."""
    (folder / "static").mkdir()
    own = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DATABASE_URL": pooler.url(connection.settings_dict["NAME"]),
        "DATABASE_DIRECT_URL": database_url,
        "DATABASE_POOLER": "true",
        "DATABASE_PREPARE_THRESHOLD": "5" if pooler.keeps_statements else "",
        "STATIC_ROOT": str(folder / "static"),
        "VAR_DIR": str(folder / "var"),
        "WEB_CONCURRENCY": "2",
    }
    return os.environ | own


@pytest.fixture
def webs(variables):
    with running(Web(variables), Web(variables)) as machines:
        yield machines


@pytest.fixture
def workers(variables):
    machines = Machine("worker", variables), Machine("worker", variables)
    with running(*machines) as machines:
        yield machines

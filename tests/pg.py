"""pytest plugin (`-p tests.pg`): gives the tests a PostgreSQL when DATABASE_URL names none.

A plugin and not conftest.py, because pytest-django reads the settings before any conftest.
Worker processes of a parallel run inherit DATABASE_URL, so that they share the one server.
"""

import os
from itertools import count

import pytest

# The developer's own .env, keys and all, stays out of the tests.
os.environ["ENV_FILE"] = ""
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")

from core import environment, postgres
from core.postgres_programs import home

SERVER = pytest.StashKey[postgres.EmbeddedPostgres]()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    if os.environ.get("DATABASE_URL"):
        return
    try:
        server = start_free_server()
    except postgres.PostgresError as error:
        raise pytest.UsageError(f"No database: {error}") from error
    os.environ["DATABASE_URL"] = server.url()
    early_config.stash[SERVER] = server
    early_config.add_cleanup(server.stop)


def start_free_server() -> postgres.EmbeddedPostgres:
    """Start the first server that no other test run uses; both call their database the same.

    Nothing here has to outlive a power cut, so nothing is forced to the disk.
    """
    for number in count(1):
        folder = home(environment.var_dir()) / f"test-postgres-{number}"
        server = postgres.EmbeddedPostgres(folder, fsync=False, join=False)
        try:
            server.start()
        except postgres.ServerInUse:
            continue
        return server
    raise AssertionError("count() does not end")

"""One PostgreSQL with a database for each size, kept between runs if that is asked for."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg

from bench.harness import database as harness
from bench.size.worker import Worker
from core import environment
from core.postgres import EmbeddedPostgres
from core.postgres_programs import home

# A quarter of the memory of a machine of 8 GB, and what its disk can do. Checkpoints come
# by the clock, as they should.
SETTINGS = {
    "shared_buffers": "2GB",
    "max_wal_size": "16GB",
    "random_page_cost": "1.1",
    "effective_cache_size": "6GB",
}
# Only while the tables are filled: then nothing goes through the log.
LOADING = {"wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off"}
MEASURING = {"wal_level": "replica", "max_wal_senders": "10", "autovacuum": "on"}
# Stands at a database whose filling came to its end.
SEEDED = "seeded"


@contextmanager
def databases(sizes: Sequence[int], *, keep: bool) -> Iterator[dict[int, str]]:
    """Run a server around a block, with the addresses of a filled database of each size.

    The environment names a production's settings meanwhile. Without `keep` the data is
    removed; with it, the next run finds it (13 GB for a million interviews).
    """
    folder = (
        home(environment.var_dir()) / f"bench-size-{'kept' if keep else os.getpid()}"
    )
    harness.remove_leftovers()
    server = EmbeddedPostgres(folder, join=False)
    try:
        with server, harness.variables(production(server)):
            harness.manage("collectstatic", "--noinput", "--verbosity=0")
            found = {size: prepared(server, size) for size in sizes}
            harness.configure(server, SETTINGS | MEASURING)
            yield found
    finally:
        if not keep:
            harness.remove(folder)


def production(server: EmbeddedPostgres) -> dict[str, str]:
    """Return the environment: production's, where the accounts have but a password."""
    return harness.production(server.url()) | {
        "SECOND_FACTOR": "optional",
        "LANGUAGE_CODE": "ru",
        "LOG_LEVEL": "WARNING",
    }


def prepared(server: EmbeddedPostgres, size: int) -> str:
    """Return the address of the database of a size, made and filled if it is not there."""
    name = f"interviews_{size}"
    address = server.url(name)
    if not is_seeded(server, name):
        harness.configure(server, SETTINGS | LOADING)
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name}")
            connection.execute(f"CREATE DATABASE {name}")
            run(address, "manage.py", "migrate", "--verbosity=0")
            with Worker(address) as worker:
                worker.call("seed", size)
            connection.execute(f"COMMENT ON DATABASE {name} IS '{SEEDED}'")
    # Of a kept one: what has come since.
    run(address, "manage.py", "migrate", "--verbosity=0")
    return address


def is_seeded(server: EmbeddedPostgres, name: str) -> bool:
    with psycopg.connect(server.url("postgres")) as connection:
        found = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
            "WHERE datname = %s",
            [name],
        ).fetchone()
    return found == (SEEDED,)


def run(address: str, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, *arguments],
        cwd=environment.BASE_DIR,
        env=dict(os.environ) | {"DATABASE_URL": address},
        check=True,
    )

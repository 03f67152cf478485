"""E15: a backup brought back where there is nothing, by what README.md says and no more."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from bench.harness.database import database as empty_database
from bench.harness.database import variables
from bench.harness.servers import path_with_own_programs
from core.environment import BASE_DIR
from faults import child
from faults.cluster import Cluster, database
from faults.experiment import Figure, at_least, at_most, control, exactly
from faults.portal import Portal

TITLE = "Backup, and restore into an empty database and folder by the README"
SESSIONS, QUESTIONS = 10_000, 5
SHORT_SESSIONS = 40
MINUTES = 15
# What the README calls the folder of backups.
FOLDER = "/srv/parley-backups"
LINE = re.compile(r"^    ((?:manage\.py|deploy/)[^\n]*)$", re.MULTILINE)
# Of the portal that is gone; all else is known by heart.
KEYS = ("SECRET_KEY", "AGENT_API_KEY")
TABLES = """
    SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence = 'p'
        AND relnamespace = 'public'::regnamespace
"""


def run(*, is_short: bool) -> Iterator[Figure]:
    with TemporaryDirectory() as name:
        places = Places(Path(name))
        with database("restore") as source, places.of("before"):
            sessions = SHORT_SESSIONS if is_short else SESSIONS
            child.call("restore_rows", "make", sessions=sessions, questions=QUESTIONS)
            do(command("backup"), places.backups)
            kept = {key: os.environ[key] for key in KEYS}
            machine = beside(source, "new") if is_short else elsewhere(kept)
            yield from restored(source.url, machine, places, is_short)
            yield from damaged(beside(source, "row"), places, is_short)


class Places:
    """The folders of a portal that was, and of the one that comes after it."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.backups = base / "backups"

    @contextmanager
    def of(self, portal: str) -> Iterator[None]:
        """Let a portal have folders of its own around a block."""
        own = self.base / portal
        with variables(
            {
                "VAR_DIR": str(own / "var"),
                "RECORDINGS_ROOT": str(own),
                "STATIC_ROOT": str(own / "static"),
                "LOG_LEVEL": "WARNING",
                "PATH": path_with_own_programs(),
            }
        ):
            yield

    def recordings(self, portal: str) -> Path:
        return self.base / portal / "recordings"


def command(name: str) -> str:
    """Return the README's line that runs a command; raises StopIteration without one."""
    text = (BASE_DIR / "README.md").read_text(encoding="utf-8")
    return next(line for line in LINE.findall(text) if f" {name}" in line)


def do(line: str, backups: Path, *, check: bool = True) -> int:
    """Run a line of the README, with the folder that there is here."""
    words = shlex.split(line.replace(FOLDER, str(backups)))
    if words[0] == "manage.py":
        words = [sys.executable, *words]
    done = subprocess.run(
        words,
        cwd=BASE_DIR,
        check=check,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode


@contextmanager
def elsewhere(kept: dict[str, str]) -> Iterator[str]:
    """Give the address of an empty database on a server of its own, with the old keys."""
    with empty_database("restore-new", migrate=False) as target, variables(kept):
        yield target.url


@contextmanager
def beside(source: Cluster, name: str) -> Iterator[str]:
    """Give the address of an empty database on the same server: it is there sooner."""
    with psycopg.connect(source.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    url = source.server.url(name)
    with variables({"DATABASE_URL": url}):
        yield url


def restored(
    url: str, machine: AbstractContextManager[str], places: Places, is_short: bool
) -> Iterator[Figure]:
    """Bring it back, and compare by means of our own."""
    with machine as target, places.of("after"):
        began = time.monotonic()
        do(command("restore"), places.backups)
        taken = time.monotonic() - began
        found = rows_apart(url, target)
        files = files_apart(places.recordings("before"), places.recordings("after"))
        if not is_short:
            taken += opened(places)
    yield at_least("rows compared", found.rows, 1)
    yield exactly("rows that differ", found.apart, 0)
    yield at_least("files compared", len(sums(places.recordings("before"))), 1)
    yield exactly("files that differ", files, 0)
    yield at_most(
        "minutes until all is back, and unless short, the portal answers",
        round(taken / 60, 2),
        MINUTES,
    )


def opened(places: Places) -> float:
    """Do the rest until the portal answers; return for how many seconds."""
    began = time.monotonic()
    do(command("release"), places.backups)
    with Portal("restore").running():
        return time.monotonic() - began


class Rows:
    """How many rows were looked at, and how many are in one database alone."""

    def __init__(self) -> None:
        self.rows = self.apart = 0


def rows_apart(one: str, other: str) -> Rows:
    """Compare every row of every table as text."""
    found = Rows()
    with psycopg.connect(one) as here, psycopg.connect(other) as there:
        for connection in (here, there):
            connection.execute("SET TimeZone = 'UTC'")
        names = {name for each in (here, there) for (name,) in each.execute(TABLES)}
        for name in sorted(names):
            theirs, ours = rows_of(there, name), rows_of(here, name)
            found.rows += ours.total()
            found.apart += ((ours - theirs) + (theirs - ours)).total()
    return found


def rows_of(connection: psycopg.Connection, table: str) -> Counter[str]:
    """Return the rows of a table; none if there is no such table."""
    known = connection.execute(
        "SELECT to_regclass(%s)", [f'public."{table}"']
    ).fetchone()
    if known == (None,):
        return Counter()
    return Counter(
        text
        for (text,) in connection.execute(f'SELECT t::text FROM "{table}" AS t')  # noqa: S608 (a name of the database's own)
    )


def files_apart(one: Path, other: Path) -> int:
    """Return how many files are in one folder alone, or are not the same."""
    ours, theirs = sums(one), sums(other)
    return sum(
        ours.get(name) != theirs.get(name) for name in ours.keys() | theirs.keys()
    )


def sums(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def damaged(
    machine: AbstractContextManager[str], places: Places, is_short: bool
) -> Iterator[Figure]:
    """Take something out of a backup, and see that a restore notices."""
    verify = f"{command('restore')} --verify"
    without_file = copy_of(places, "without-file")
    next(path for path in without_file.rglob("*.webm")).unlink()
    yield control(
        "noticed: a file taken out of the backup",
        do(verify, without_file, check=False),
    )
    without_row = copy_of(places, "without-row")
    child.call("restore_rows", "dump_without_a_row", backups=str(without_row))
    # Its sums of files fit: only the rows, once restored, tell.
    assert is_short or do(verify, without_row, check=False) == 0
    with machine, places.of("row"):
        yield control(
            "noticed: a row taken out of the dump",
            do(command("restore"), without_row, check=False),
        )


def copy_of(places: Places, name: str) -> Path:
    copy = places.base / name
    shutil.copytree(places.backups, copy)
    return copy

"""The database in a backup: PostgreSQL's own programs, and sums of every table."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from core import postgres_programs
from core.backup_manifest import TableEntry

DEBIAN = Path("/usr/lib/postgresql")
MAJOR = re.compile(r"(\d+)")
# Unlogged tables are of the moment, and empty after a crash as well.
TABLES = """
    SELECT relation.relname FROM pg_class AS relation
    WHERE relation.relnamespace = current_schema()::regnamespace
        AND relation.relkind = 'r' AND relation.relpersistence = 'p'
    ORDER BY relation.relname
"""
# What lies in a database that somebody uses; extensions bring things of their own.
THINGS = """
    SELECT count(*) FROM pg_class AS relation
    WHERE relation.relnamespace = current_schema()::regnamespace
        AND relation.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
        AND NOT EXISTS (
            SELECT FROM pg_depend WHERE objid = relation.oid AND deptype = 'e'
        )
"""
# The same row is the same text, whatever the server's settings.
AS_TEXT = """
    SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO';
    SET LOCAL IntervalStyle = 'postgres'; SET LOCAL bytea_output = 'hex';
    SET LOCAL extra_float_digits = 1
"""


class ProgramError(Exception):
    """PostgreSQL's programs are missing, or one of them failed."""


def server_version() -> int:
    """Return the major version of the server."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


@contextmanager
def snapshot() -> Iterator[str]:
    """Hold what the database is at this moment; yield the name others read it by."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def tables() -> dict[str, TableEntry]:
    """Return the rows and the sum of each table; within a transaction."""
    with connection.cursor() as cursor:
        for statement in AS_TEXT.split(";"):
            cursor.execute(statement)
        cursor.execute(TABLES)
        return {name: table(cursor, name) for (name,) in cursor.fetchall()}


def table(cursor: Any, name: str) -> TableEntry:
    quoted = connection.ops.quote_name(name)
    cursor.execute(
        "SELECT count(*), coalesce(sum(hashtextextended(row::text, 0)::numeric), 0)::text "  # noqa: S608 - a table's own name
        f"FROM {quoted} AS row"
    )
    return TableEntry(*cursor.fetchone())


def is_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(THINGS)
        return not cursor.fetchone()[0]


def dump(path: Path, moment: str) -> int:
    """Write all tables as the snapshot has them; return the version of what wrote it.

    Raises ProgramError.
    """
    program = find("pg_dump", at_least=server_version())
    run(
        program,
        *("--format=custom", "--no-owner", "--no-privileges"),
        *("--no-unlogged-table-data", f"--snapshot={moment}", f"--file={path}"),
    )
    path.chmod(0o600)
    return major(program)


def restore(path: Path, maker: int) -> None:
    """Fill the empty database, wholly or not at all; raises ProgramError.

    `maker`: the version of what wrote the dump; an older one cannot read it.
    """
    run(
        find("pg_restore", at_least=max(maker, server_version())),
        *("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"),
        str(path),
    )


def complaints(path: Path, maker: int, expected: Mapping[str, TableEntry]) -> list[str]:
    """Say what is wrong with a dump, as far as it tells without being restored."""
    try:
        program = find("pg_restore", at_least=maker)
        listing = subprocess.run(  # noqa: S603 - PostgreSQL's own program
            [program, "--list", path], capture_output=True, text=True, check=True
        ).stdout
    except (ProgramError, subprocess.CalledProcessError) as error:
        return [f"{path.name}: cannot be read ({type(error).__name__})"]
    data = re.findall(r" TABLE DATA \S+ (\S+) ", listing)
    missing = sorted(expected.keys() - set(data))
    return [f"{path.name}: has no rows of {name}" for name in missing]


def run(program: str, *options: str) -> None:
    """Run one of the programs on our database; its password is in no list of processes."""
    connection.ensure_connection()
    info = connection.connection.info
    environment = dict(os.environ)
    if info.password:
        environment["PGPASSWORD"] = info.password
    target = [f"--dbname={without_our_own(info.dsn)}"]
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [program, *target, *options],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise ProgramError(f"{Path(program).name} failed: {done.stderr.strip()[-500:]}")


def without_our_own(dsn: str) -> str:
    """Return an address without what only our own driver understands."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    return make_conninfo("", **conninfo_to_dict(dsn))


def find(name: str, *, at_least: int) -> str:
    """Return the program of the oldest version that speaks with the server.

    A newer one says things that an older server does not understand.
    """
    versions = {major(path): path for path in reversed(places(name))}
    fitting = sorted(number for number in versions if number >= at_least)
    if fitting:
        return versions[fitting[0]]
    raise ProgramError(
        f"There is no {name} of version {at_least} or newer. Install PostgreSQL's client "
        f"programs (postgresql-client-{at_least}), or requirements-demo.txt."
    )


def places(name: str) -> list[str]:
    """Return where the program is: the PATH's first, Debian's, the embedded one's."""
    found = [shutil.which(name)]
    found += [str(path) for path in sorted(DEBIAN.glob(f"*/bin/{name}"))]
    with suppress(postgres_programs.PostgresError):
        found.append(str(postgres_programs.binaries() / name))
    return [path for path in found if path and Path(path).exists()]


def major(program: str) -> int:
    """Return a program's version; 0 for one that does not tell."""
    told = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [program, "--version"], capture_output=True, text=True
    ).stdout
    found = MAJOR.search(told)
    return int(found[1]) if found else 0

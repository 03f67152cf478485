"""Ten million rows in minutes: COPY into tables without indexes, which are then built.

All in one transaction, and into tables emptied in it: with `wal_level=minimal` nothing
goes through the log, and rows are frozen as they are written, as vacuum leaves old ones.
Afterwards tables, constraints and indexes are to the letter what the migrations made.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from psycopg import Cursor, sql

from bench.size.rows import Table
from bench.size.world import World

CHUNK_LINES = 5000
CASTS = re.compile(r"::(character varying|text)(\[\])?|[()\s]")
# Enough for every index of ten million rows to be sorted in memory.
MEMORY = "SET LOCAL maintenance_work_mem = '1GB'"
# Neither foreign keys nor the audit log's triggers are run for each row: the keys are
# checked when their constraints are made anew.
NO_TRIGGERS = "SET LOCAL session_replication_role = replica"

CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, true, pg_get_constraintdef(oid)
FROM pg_constraint
WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('p', 'u', 'f')
   OR confrelid = ANY(%s::regclass[])
-- Made in this order: a foreign key needs the key it refers to.
ORDER BY contype = 'f', conrelid::regclass::text, conname
"""
INDEXES = """
SELECT indrelid::regclass::text, relname, false, pg_get_indexdef(indexrelid)
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (
    SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u')
)
ORDER BY 1, 2
"""
NUMBERED = """
SELECT table_name::text FROM information_schema.columns
WHERE table_name = ANY(%s) AND column_name = 'id' AND is_identity = 'YES'
"""
CONTINUE = """
SELECT setval(pg_get_serial_sequence({literal}, 'id'), max(id)) FROM {table}
"""


class LoadingError(RuntimeError):
    """The tables are not what the migrations made."""


class Stands(NamedTuple):
    """A constraint or an index of a table, with the statement that makes it."""

    table: str
    name: str
    is_constraint: bool
    definition: str


def load(cursor: Cursor, tables: Sequence[Table], world: World) -> None:
    """Fill the tables, which must be empty, within the transaction at hand."""
    names = [table.name for table in tables]
    before = schema_of(cursor, names)
    for statement in (MEMORY, NO_TRIGGERS):
        cursor.execute(statement)
    truncate(cursor, names)
    drop(cursor, before)
    for table in tables:
        copy(cursor, table, world)
    restore(cursor, before)
    continue_numbers(cursor, names)
    if changed := plain(schema_of(cursor, names)) ^ plain(before):
        raise LoadingError(f"Loading has changed {sorted(changed)}.")


def schema_of(cursor: Cursor, names: list[str]) -> list[Stands]:
    cursor.execute(CONSTRAINTS, [names, names])
    constraints = [Stands(*row) for row in cursor.fetchall()]
    cursor.execute(INDEXES, [names])
    return constraints + [Stands(*row) for row in cursor.fetchall()]


def plain(schema: list[Stands]) -> set[tuple[str, ...]]:
    """Return what stands there without casts: PostgreSQL writes them in two ways."""
    return {(one.table, one.name, CASTS.sub("", one.definition)) for one in schema}


def truncate(cursor: Cursor, names: list[str]) -> None:
    """Give the tables, and those that refer to them, new files of this transaction."""
    tables = sql.SQL(", ").join(map(sql.Identifier, names))
    cursor.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))


def drop(cursor: Cursor, schema: list[Stands]) -> None:
    # The last first: foreign keys hold the keys they refer to.
    for one in reversed(schema):
        if one.is_constraint:
            cursor.execute(f'ALTER TABLE {one.table} DROP CONSTRAINT "{one.name}"')
        else:
            cursor.execute(f'DROP INDEX "{one.name}"')


def restore(cursor: Cursor, schema: list[Stands]) -> None:
    for one in schema:
        if one.is_constraint:
            name = f'ADD CONSTRAINT "{one.name}"'
            cursor.execute(f"ALTER TABLE {one.table} {name} {one.definition}")
        else:
            cursor.execute(one.definition)


def continue_numbers(cursor: Cursor, names: list[str]) -> None:
    """Let the next row of each table get the number after the last one."""
    cursor.execute(NUMBERED, [names])
    for (name,) in cursor.fetchall():
        literal, table = sql.Literal(name), sql.Identifier(name)
        cursor.execute(sql.SQL(CONTINUE).format(literal=literal, table=table))


def copy(cursor: Cursor, table: Table, world: World) -> None:
    statement = f"COPY {table.name} ({table.columns}) FROM STDIN WITH (FREEZE)"
    with cursor.copy(statement) as stream:
        for chunk in chunks(table.lines(world)):
            stream.write(chunk)


def chunks(lines: Iterable[str]) -> Iterator[str]:
    """Give the lines joined, some thousands at a time."""
    waiting: list[str] = []
    for line in lines:
        waiting.append(line)
        if len(waiting) == CHUNK_LINES:
            yield "\n".join(waiting) + "\n"
            waiting.clear()
    if waiting:
        yield "\n".join(waiting) + "\n"

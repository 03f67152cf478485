"""Encrypting what is stored anew, under the key of now, while the portal runs.

Row by row, in short transactions that wait for nobody: a row somebody is writing is left
for the next round. What is done already is passed over, so it may be interrupted, and run
again, at any time. Every row can be read at every moment, before and after its turn.
"""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection, models, transaction
from psycopg import sql

from core import blind_index, encryption
from core.fields import (
    Computed,
    Ready,
    Sealed,
    SealedBinaryField,
    SealedJSONField,
    Unreadable,
    UnreadableBytes,
    sealed_fields,
)

# Rows of a transaction; of events few, for each may be a recording of 100 MB.
ROWS, EVENTS = 200, 1
# For rows that were being written.
MOST_ROUNDS = 20
PAUSE = 0.5
# What an answer was before goes from interview_progress into it, as it is stored: it must
# not bring a value of before into a table that is done.
LAST = "answer_revision"


class Counted(NamedTuple):
    """Of a table: rows that were, or are to be, stored anew, and that cannot be opened."""

    table: str
    changed: int
    unreadable: int
    # Being written each time they were looked at.
    busy: int = 0


def sealed_models() -> list[type[models.Model]]:
    """Return the models that have sealed columns, in the order in which they are done."""
    found = [model for model in apps.get_models() if sealed_fields(model)]
    return sorted(
        found, key=lambda model: (model._meta.db_table == LAST, model._meta.db_table)
    )


def count_stale(model: type[models.Model]) -> int:
    """Return how many rows are not stored as they should be now."""
    query = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(
        sql.Identifier(model._meta.db_table), is_stale(model)
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def reseal(model: type[models.Model]) -> Iterator[Counted]:
    """Store a table's rows as they should be now; yield how far it is after each batch."""
    changed, unreadable = 0, set()
    for round_ in range(MOST_ROUNDS):
        last = None
        while batch := reseal_batch(model, last):
            last = batch.last
            changed += batch.changed
            unreadable |= batch.unreadable
            yield Counted(model._meta.db_table, changed, len(unreadable))
        busy = count_stale(model) - len(unreadable)
        if busy <= 0 or round_ + 1 == MOST_ROUNDS:
            break
        time.sleep(PAUSE)
    yield Counted(model._meta.db_table, changed, len(unreadable), max(busy, 0))


class Batch(NamedTuple):
    """What became of some rows, the last of which has this key."""

    last: Any
    changed: int
    unreadable: set[Any]


@transaction.atomic
def reseal_batch(model: type[models.Model], after: Any) -> Batch | None:
    """Store the next rows anew that nobody is writing; None: there are no more."""
    keys = lock_stale(model, after)
    if not keys:
        return None
    rows = model._base_manager.filter(pk__in=keys).order_by("pk")
    if through := getattr(model, "sealed_through", None):
        rows = rows.select_related(through)
    unreadable = set()
    written = []
    for row in rows:
        values, is_whole = stored_anew(row)
        written.append([*values, row.pk])
        if not is_whole:
            unreadable.add(row.pk)
    write(model, written)
    return Batch(keys[-1], len(written) - len(unreadable), unreadable)


def lock_stale(model: type[models.Model], after: Any) -> list[Any]:
    pk = sql.Identifier(column_of_key(model))
    beyond = sql.SQL("{} > {}").format(pk, after) if after else sql.SQL("true")
    is_large = any(isinstance(f, SealedBinaryField) for f in sealed_fields(model))
    query = sql.SQL(
        "SELECT {pk} FROM {table} WHERE {beyond} AND ({stale}) ORDER BY {pk} "
        "LIMIT {limit} FOR NO KEY UPDATE SKIP LOCKED"
    ).format(
        pk=pk,
        table=sql.Identifier(model._meta.db_table),
        beyond=beyond,
        stale=is_stale(model),
        limit=EVENTS if is_large else ROWS,
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [key for (key,) in cursor]


def column_of_key(model: type[models.Model]) -> str:
    assert model._meta.pk is not None
    return str(model._meta.pk.column)


def is_stale(model: type[models.Model]) -> sql.Composable:
    """Return the condition that a row is not stored as it should be now."""
    stale = [is_stale_field(field) for field in columns_of(model)]
    return sql.SQL(" OR ").join(one for one in stale if one is not None)


def is_stale_field(field: models.Field) -> sql.Composable | None:
    if isinstance(field, Sealed):
        return is_stale_value(field)
    if field.column != "email_key":
        return None
    # The other computed columns change with it.
    key = blind_index.current().id if encryption.has_keys() else ""
    return sql.SQL("NOT starts_with(email_key, {}) OR email_key = '' AND {}").format(
        key, bool(key)
    )


def is_stale_value(field: Sealed) -> sql.Composable:
    column = sql.Identifier(str(field.column))
    text: sql.Composable = column
    if isinstance(field, SealedBinaryField):
        text = sql.SQL("convert_from(substr({}, 1, 14), 'LATIN1')").format(column)
    elif isinstance(field, SealedJSONField):
        text = sql.SQL("({} #>> '{{}}')").format(column)
    start = encryption.start_of_current()
    if not start:
        return sql.SQL("starts_with({}, {})").format(text, encryption.SEALED)
    return sql.SQL(
        "({text} NOT IN ('', '[]', '{{}}') AND NOT starts_with({text}, {start}))"
    ).format(text=text, start=start)


def columns_of(model: type[models.Model]) -> list[models.Field]:
    """Return the columns that are stored anew."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, Sealed | Computed)
    ]


def stored_anew(row: models.Model) -> tuple[list[Any], bool]:
    """Return what the row's columns should hold, and whether all could be opened.

    What cannot be opened stays as it is.
    """
    values = []
    is_whole = True
    for field in columns_of(type(row)):
        if isinstance(getattr(row, field.attname), Unreadable | UnreadableBytes):
            is_whole = False
        value = field.pre_save(row, add=False)
        values.append(as_stored(field, value))
    return values, is_whole


def as_stored(field: models.Field, value: Any) -> Any:
    if isinstance(field, SealedJSONField) or not isinstance(value, Ready):
        return field.get_db_prep_save(value, connection)
    return str(value)


def write(model: type[models.Model], rows: list[list[Any]]) -> None:
    sets = [
        sql.SQL("{} = %s").format(sql.Identifier(str(field.column)))
        for field in columns_of(model)
    ]
    query = sql.SQL("UPDATE {} SET {} WHERE {} = %s").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(sets),
        sql.Identifier(column_of_key(model)),
    )
    with connection.cursor() as cursor:
        # Rows that never change let this alone through (reviews, migration 0008).
        cursor.execute("SET LOCAL parley.resealing = 'on'")
        cursor.executemany(query, rows)

"""Under which keys the tables hold their values."""

from django.db import connection, models
from psycopg import sql

from core import encryption
from core.fields import SealedBinaryField, SealedJSONField, sealed_fields
from core.rotation import column_of_key, sealed_models

# From either end of a table: what was sealed first, and last. A whole table of millions
# would take minutes at each start.
LOOKED_AT = 500


def missing() -> list[tuple[str, str]]:
    """Return tables and the ids of keys that are used there and are not configured."""
    return sorted(
        (model._meta.db_table, key)
        for model in sealed_models()
        for key in used(model) - set(encryption.keys())
    )


def used(model: type[models.Model]) -> set[str]:
    """Return the ids of the keys of a table's first and last rows."""
    starts = sql.SQL(", ").join(start_of(field) for field in sealed_fields(model))
    query = sql.SQL(
        "SELECT DISTINCT substr(start, 6, 8) FROM ("
        "(SELECT * FROM {table} ORDER BY {pk} LIMIT {most}) UNION ALL "
        "(SELECT * FROM {table} ORDER BY {pk} DESC LIMIT {most})"
        ") looked_at, LATERAL (SELECT unnest(ARRAY[{starts}]) AS start) found "
        "WHERE start ~ '^enc1:[0-9a-f]{{8}}:'"
    ).format(
        table=sql.Identifier(model._meta.db_table),
        pk=sql.Identifier(column_of_key(model)),
        most=LOOKED_AT,
        starts=starts,
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {key for (key,) in cursor}


def start_of(field: models.Field) -> sql.Composable:
    column = sql.Identifier(str(field.column))
    if isinstance(field, SealedBinaryField):
        return sql.SQL("convert_from(substr({}, 1, 14), 'LATIN1')").format(column)
    if isinstance(field, SealedJSONField):
        return sql.SQL("left({} #>> '{{}}', 14)").format(column)
    return sql.SQL("left({}, 14)").format(column)

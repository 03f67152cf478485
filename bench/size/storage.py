"""What the tables and indexes take on the disk, and which of the indexes were used."""

from django.db import connection

from bench.size.records import Index, Stored

RELATIONS = """
SELECT relname, reltuples::bigint, pg_table_size(oid)
FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  AND pg_total_relation_size(oid) > 0
ORDER BY pg_total_relation_size(oid) DESC, relname
"""
INDEXES = """
SELECT relname, indexrelname, pg_relation_size(indexrelid), idx_scan
FROM pg_stat_user_indexes
ORDER BY relname, indexrelname
"""


def storage() -> list[Stored]:
    """Return every table of the portal that holds anything, the largest first."""
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        indexes: dict[str, list[Index]] = {}
        for table, *index in cursor.fetchall():
            indexes.setdefault(table, []).append(Index(*index))
        cursor.execute(RELATIONS)
        return [
            Stored(name, max(rows, 0), size, indexes.get(name, []))
            for name, rows, size in cursor.fetchall()
        ]

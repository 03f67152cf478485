"""How tables of millions of rows are stored: what no page shows until there are millions."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

TIDY = {
    "autovacuum_analyze_scale_factor=0.02",
    "autovacuum_vacuum_insert_scale_factor=0.02",
}
CHANGING = TIDY | {"autovacuum_vacuum_scale_factor=0.02"}
STORED = {
    "answer_take": CHANGING | {"fillfactor=80"},
    "audit_event": TIDY,
    "audit_seal": TIDY,
    "candidate_message": CHANGING,
    "interview_progress": CHANGING,
    "interview_session": CHANGING | {"fillfactor=85"},
    "question_rating": CHANGING | {"fillfactor=90"},
    "review": CHANGING | {"fillfactor=85"},
    "session_event": CHANGING,
}
OPTIONS = """
SELECT relname, reloptions FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL
"""
# Whole indexes of plain columns, in the same order and by the same operators, of which
# one goes on where the other ends.
DOUBLED = """
SELECT short.indexrelid::regclass::text
FROM pg_index short JOIN pg_index long USING (indrelid)
WHERE short.indexrelid <> long.indexrelid
  AND short.indrelid = ANY(%s::regclass[])
  AND NOT short.indisunique
  AND short.indpred IS NULL AND long.indpred IS NULL
  AND short.indexprs IS NULL AND long.indexprs IS NULL
  AND (long.indkey::text || ' ') LIKE (short.indkey::text || ' %%')
  AND (long.indclass::text || ' ') LIKE (short.indclass::text || ' %%')
ORDER BY 1
"""


def rows_of(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def test_large_tables_keep_their_room_and_their_vacuum():
    assert {name: set(options) for name, options in rows_of(OPTIONS)} == STORED


def test_no_index_of_a_large_table_is_the_beginning_of_another():
    assert rows_of(DOUBLED, list(STORED)) == []

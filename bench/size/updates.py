"""Which rows change in place (HOT), without a new entry in every index of their table.

What candidates and reviewers do to rows that lie there already is done to rows taken at
random, and taken back: PostgreSQL has counted it all the same.
"""

from django.db import connection, transaction

from bench.size.records import Update

ROWS = 200
# What is done: in which words, and how, to `ROWS` rows of the table.
CHANGES = {
    "a page takes the interview over": """
        UPDATE interview_session SET page_id = gen_random_uuid()::text
        WHERE id IN (SELECT id FROM interview_session WHERE status = 'in_progress'
                     ORDER BY random() LIMIT %(rows)s)""",
    "an interview ends": """
        UPDATE interview_session SET finished_at = clock_timestamp()
        WHERE id IN (SELECT id FROM interview_session WHERE status = 'in_progress'
                     ORDER BY random() LIMIT %(rows)s)""",
    "an answer is given anew": """
        UPDATE interview_progress SET answer_text = answer_text || ' Точнее, три года.'
        WHERE id IN (SELECT (random() * max)::bigint
                     FROM (SELECT max(id) FROM interview_progress) AS last,
                          generate_series(1, %(rows)s))""",
    "a piece of a recording comes": """
        UPDATE answer_take SET size = size + 40000, duration_ms = duration_ms + 5000
        WHERE id IN (SELECT id FROM answer_take ORDER BY random() LIMIT %(rows)s)""",
    "a mark is changed": """
        UPDATE question_rating SET mark = 6 - mark
        WHERE id IN (SELECT (random() * max)::bigint
                     FROM (SELECT max(id) FROM question_rating) AS last,
                          generate_series(1, %(rows)s))""",
    "the comment of a review is changed": """
        UPDATE review SET comment = comment || ' И ещё одно.'
        WHERE id IN (SELECT (random() * max)::bigint
                     FROM (SELECT max(id) FROM review) AS last,
                          generate_series(1, %(rows)s))""",
}
COUNTED = """
SELECT coalesce(sum(n_tup_upd), 0), coalesce(sum(n_tup_hot_upd), 0)
FROM pg_stat_xact_user_tables
"""


def updates() -> list[Update]:
    """Make each change, count, and take it back."""
    return [Update(name, *counted(change)) for name, change in CHANGES.items()]


def counted(change: str) -> tuple[int, int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, {"rows": ROWS})
        cursor.execute(COUNTED)
        rows, in_place = map(int, cursor.fetchone())
        transaction.set_rollback(True)
    return rows, in_place

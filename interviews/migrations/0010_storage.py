"""How tables of millions of rows are stored and kept tidy (docs/performance.md, "Size").

Room in a page lets a row change in place: no index learns of it, and the old version is
gone with the next look at the page. Vacuum and analyze come by a share of the table:
PostgreSQL's own, a fifth and a tenth, would be two million answers at a time.
"""

from django.db import migrations

# What is updated in place: a page or a call takes over; a recording grows every few
# seconds. An answer is written once, and its table is full of them: no room is kept.
FILL = {"interview_session": 85, "answer_take": 80}
LARGE = [
    "interview_session",
    "interview_progress",
    "session_event",
    "candidate_message",
    "answer_take",
]
TIDY = {
    "autovacuum_vacuum_scale_factor": 0.02,
    "autovacuum_vacuum_insert_scale_factor": 0.02,
    "autovacuum_analyze_scale_factor": 0.02,
}


def settings_of(table):
    fill = {"fillfactor": FILL[table]} if table in FILL else {}
    return fill | TIDY


def store(table):
    settings = settings_of(table)
    given = ", ".join(f"{name} = {value}" for name, value in settings.items())
    return migrations.RunSQL(
        f"ALTER TABLE {table} SET ({given})",
        f"ALTER TABLE {table} RESET ({', '.join(settings)})",
    )


class Migration(migrations.Migration):

    dependencies = [("interviews", "0009_one_index_for_a_key")]

    operations = [store(table) for table in LARGE]

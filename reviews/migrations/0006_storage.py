"""Room for what a reviewer writes and rewrites: see migration 0010 of the interviews."""

from django.db import migrations


def store(table, settings):
    given = ", ".join(f"{name} = {value}" for name, value in settings.items())
    return migrations.RunSQL(
        f"ALTER TABLE {table} SET ({given})",
        f"ALTER TABLE {table} RESET ({', '.join(settings)})",
    )


TIDY = {
    "autovacuum_vacuum_scale_factor": 0.02,
    "autovacuum_vacuum_insert_scale_factor": 0.02,
    "autovacuum_analyze_scale_factor": 0.02,
}


class Migration(migrations.Migration):

    dependencies = [("reviews", "0005_one_index_for_a_key")]

    # Both are saved as they are being written, again and again.
    operations = [
        store("review", {"fillfactor": 85} | TIDY),
        store("question_rating", {"fillfactor": 90} | TIDY),
    ]

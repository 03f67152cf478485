"""The indexes of search (0004), which 0006 dropped: made while the portal runs.

Until they are there search reads every row: slower, not wrong.
"""

from django.db import migrations

COLUMNS = ["name", "email"]
HAS_TRIGRAMS = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')"
# One that was interrupted in the making is there, and of no use.
IS_BROKEN = """
    SELECT EXISTS (
        SELECT FROM pg_index
        WHERE indexrelid = to_regclass(%s) AND NOT indisvalid
    )
"""


def make(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(HAS_TRIGRAMS)
        if not cursor.fetchone()[0]:
            return
        for column in COLUMNS:
            name = f"candidate_{column}_parts"
            cursor.execute(IS_BROKEN, [name])
            if cursor.fetchone()[0]:
                cursor.execute(f"DROP INDEX {name}")
            cursor.execute(
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} "
                f"ON candidate USING gin (upper({column}) gin_trgm_ops)"
            )


def drop(apps, schema_editor):
    for column in COLUMNS:
        schema_editor.execute(f"DROP INDEX IF EXISTS candidate_{column}_parts")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("candidates", "0006_encryption")]

    operations = [migrations.RunPython(make, drop)]

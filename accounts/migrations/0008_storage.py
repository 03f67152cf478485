"""The audit log only grows: it is vacuumed by a share of it (interviews, 0010)."""

from django.db import migrations

TIDY = {
    "autovacuum_vacuum_insert_scale_factor": 0.02,
    "autovacuum_analyze_scale_factor": 0.02,
}


def store(table):
    given = ", ".join(f"{name} = {value}" for name, value in TIDY.items())
    return migrations.RunSQL(
        f"ALTER TABLE {table} SET ({given})",
        f"ALTER TABLE {table} RESET ({', '.join(TIDY)})",
    )


class Migration(migrations.Migration):

    dependencies = [("accounts", "0007_every_account_is_staff")]

    operations = [store("audit_event"), store("audit_seal")]

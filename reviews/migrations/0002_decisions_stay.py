"""What was decided stays as it was decided: the database itself refuses to change it."""

from django.db import migrations, models

# Erasing a person's data is the one reason to remove a decision, and says so first:
# SET LOCAL parley.erasing = 'on'.
GUARD = """
    CREATE FUNCTION decision_stays() RETURNS trigger AS $$
    BEGIN
        IF current_setting('parley.erasing', true) = 'on' THEN
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
        END IF;
        RAISE EXCEPTION 'a decision is never changed or removed; take a new one'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'decision_stays';
    END
    $$ LANGUAGE plpgsql;

    CREATE TRIGGER decision_stays BEFORE UPDATE OR DELETE ON decision
    FOR EACH ROW EXECUTE FUNCTION decision_stays();
"""

WITHOUT = """
    DROP TRIGGER decision_stays ON decision;
    DROP FUNCTION decision_stays;
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["decided_at"], name="decision_decided"),
        ),
        migrations.RunSQL(GUARD, WITHOUT),
    ]

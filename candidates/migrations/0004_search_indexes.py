"""Indexes by which a part of a name or an address is found among any number of people.

Made by hand: they stand on `upper(…)`, which is what Django's `icontains` asks for. Whose
database account may not add the extension goes without them: search is slower, not wrong.
"""

from django.db import migrations

CREATE = """
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX candidate_name_parts ON candidate USING gin (upper(name) gin_trgm_ops);
    CREATE INDEX candidate_email_parts ON candidate USING gin (upper(email) gin_trgm_ops);
EXCEPTION
    WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
        RAISE NOTICE 'No pg_trgm here: search by a part of a name will read every row.';
END
$$
"""
DROP = """
DROP INDEX IF EXISTS candidate_name_parts;
DROP INDEX IF EXISTS candidate_email_parts;
"""


class Migration(migrations.Migration):

    dependencies = [("candidates", "0003_added_by")]

    operations = [migrations.RunSQL(CREATE, DROP)]

"""Names and addresses may be encrypted: what they are bound to and found by then.

No table is written anew. A wider type is a matter of the catalogue, but PostgreSQL makes
an index on an expression again for it: the two of search are dropped here and made in
0007 while the portal runs; the one of unique addresses takes some seconds for a million.
"""

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

import core.fields

WITHOUT_SEARCH = """
DROP INDEX IF EXISTS candidate_name_parts;
DROP INDEX IF EXISTS candidate_email_parts;
"""
WITH_SEARCH = """
DO $$
BEGIN
    CREATE INDEX candidate_name_parts ON candidate USING gin (upper(name) gin_trgm_ops);
    CREATE INDEX candidate_email_parts ON candidate USING gin (upper(email) gin_trgm_ops);
EXCEPTION
    WHEN undefined_object THEN
        RAISE NOTICE 'No pg_trgm here: search by a part of a name will read every row.';
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("candidates", "0005_by_name")]

    operations = [
        migrations.RunSQL(WITHOUT_SEARCH, WITH_SEARCH),
        migrations.AlterField(
            model_name="candidate",
            name="name",
            field=core.fields.SealedCharField(max_length=200, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="candidate",
            name="email",
            field=core.fields.SealedEmailField(max_length=254, verbose_name="e-mail"),
        ),
        # First without its default, which every row would share.
        migrations.AddField(
            model_name="candidate",
            name="seal",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="candidate",
            name="seal",
            field=models.UUIDField(default=uuid.uuid4, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="candidate",
            name="email_key",
            field=core.fields.ComputedCharField(
                blank=True, db_default="", default="", editable=False, max_length=64
            ),
        ),
        migrations.AddField(
            model_name="candidate",
            name="search_keys",
            field=core.fields.ComputedArrayField(
                base_field=models.BigIntegerField(),
                blank=True,
                editable=False,
                null=True,
                size=None,
            ),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=GinIndex(
                condition=models.Q(("search_keys__isnull", False)),
                fields=["search_keys"],
                name="candidate_search_keys",
            ),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("email_key", ""), _negated=True),
                fields=("email_key",),
                name="candidate_email_key_unique",
                violation_error_message="A candidate with this address exists.",
            ),
        ),
    ]

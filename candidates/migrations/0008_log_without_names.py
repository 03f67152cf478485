"""The admin's own log names candidates by their keys: it is not encrypted, nor kept for it."""

from django.db import migrations

FORGET = """
    UPDATE django_admin_log SET object_repr = 'Candidate ' || object_id
    WHERE content_type_id = (
        SELECT id FROM django_content_type
        WHERE app_label = 'candidates' AND model = 'candidate'
    )
"""


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0007_search_indexes_again"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Reports go on coming in while the index is built over those that are here.
    atomic = False

    dependencies = [
        ('voice', '0004_workspaces'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='voiceevent',
            index=models.Index(condition=models.Q(('source', 'webhook')), fields=['workspace', '-received_at'], name='voice_event_reported'),
        ),
    ]

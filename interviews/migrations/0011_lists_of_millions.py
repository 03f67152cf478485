"""What a list is ordered by, and what goes on now, found among millions."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('candidates', '0005_by_name'),
        ('interviews', '0010_storage'),
        ('vacancies', '0007_how_to_answer'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='interviewsession',
            name='session_finished',
        ),
        migrations.AddIndex(
            model_name='interviewprogress',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['timestamp'], name='progress_time'),
        ),
        migrations.AddIndex(
            model_name='interviewsession',
            index=models.Index(fields=['finished_at'], name='session_finished'),
        ),
        migrations.AddIndex(
            model_name='interviewsession',
            index=models.Index(fields=['expires_at'], name='session_deadline'),
        ),
        migrations.AddIndex(
            model_name='sessionevent',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['at'], name='event_at'),
        ),
    ]

"""Requests are listed as they wait, however many were handled."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('interviews', '0011_lists_of_millions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='candidaterequest',
            index=models.Index(models.OrderBy(models.F('handled_at'), descending=True, nulls_first=True), models.F('created_at'), name='request_waiting'),
        ),
    ]

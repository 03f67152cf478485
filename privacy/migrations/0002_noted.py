"""When an erasure was noted in the list for restores."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('privacy', '0001_erasure'),
    ]

    operations = [
        migrations.AddField(
            model_name='erasure',
            name='noted_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]

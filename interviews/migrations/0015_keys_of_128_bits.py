import core.keys
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("interviews", "0014_rights")]

    operations = [
        migrations.AlterField(
            model_name="interviewsession",
            name="id",
            field=models.UUIDField(
                default=core.keys.random_key,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
    ]

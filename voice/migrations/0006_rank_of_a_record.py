from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('voice', '0005_reports_of_a_workspace'),
    ]

    operations = [
        migrations.AddField(
            model_name='call',
            name='record_rank',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=40),
        ),
    ]

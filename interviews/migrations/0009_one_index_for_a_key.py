"""The index of a unique constraint that begins with a key serves to look the key up."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('interviews', '0008_record_answer'),
    ]

    operations = [
        migrations.AlterField(
            model_name='interviewprogress',
            name='session',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='interviews.interviewsession', verbose_name='interview'),
        ),
        migrations.AlterField(
            model_name='message',
            name='session',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='interviews.interviewsession', verbose_name='interview'),
        ),
        migrations.AlterField(
            model_name='take',
            name='session',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='takes', to='interviews.interviewsession', verbose_name='interview'),
        ),
        migrations.AlterField(
            model_name='takechunk',
            name='take',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='interviews.take'),
        ),
    ]

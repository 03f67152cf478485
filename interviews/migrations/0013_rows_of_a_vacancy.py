"""Whose rows somebody may see, and which finished last, among millions."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('candidates', '0005_by_name'),
        ('interviews', '0012_requests_that_wait'),
        ('vacancies', '0007_how_to_answer'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='interviewsession',
            name='session_finished',
        ),
        migrations.AlterField(
            model_name='interviewsession',
            name='vacancy',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='vacancies.vacancy', verbose_name='vacancy'),
        ),
        migrations.AddIndex(
            model_name='interviewsession',
            index=models.Index(fields=['vacancy', 'status'], include=('candidate', 'created_at', 'id'), name='session_of_vacancy'),
        ),
        migrations.AddIndex(
            model_name='interviewsession',
            index=models.Index(models.OrderBy(models.F('finished_at'), descending=True, nulls_last=True), models.F('id'), name='session_finished'),
        ),
    ]

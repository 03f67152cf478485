"""The index of a unique constraint that begins with a key serves to look the key up."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('interviews', '0009_one_index_for_a_key'),
        ('reviews', '0004_review_first_marks'),
    ]

    operations = [
        migrations.AlterField(
            model_name='questionrating',
            name='review',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='ratings', to='reviews.review', verbose_name='review'),
        ),
        migrations.AlterField(
            model_name='review',
            name='session',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='interviews.interviewsession', verbose_name='interview'),
        ),
        migrations.AlterField(
            model_name='sharedsession',
            name='share',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='reviews.share'),
        ),
    ]

"""What candidates are told, how long before, and where their voice may go."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vacancies", "0007_how_to_answer"),
    ]

    operations = [
        migrations.AddField(
            model_name="vacancy",
            name="uses_ai_scores",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Candidates are told so before they agree, and each of them may say no. Nobody is scored who was not told.",
                verbose_name="AI suggests scores",
            ),
        ),
        migrations.AddField(
            model_name="vacancy",
            name="notice_days",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="So many full working days lie between an invitation and its first question; New York City asks for 10. Holidays are not known here: add them.",
                validators=[django.core.validators.MaxValueValidator(60)],
                verbose_name="notice, working days",
            ),
        ),
        migrations.AddField(
            model_name="vacancy",
            name="keeps_voice_here",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="No call with ElevenLabs, and no speech recognition by the browser’s maker: the page itself asks, and its recordings come to this server alone.",
                verbose_name="voice stays on this server",
            ),
        ),
        migrations.AddConstraint(
            model_name="vacancy",
            constraint=models.CheckConstraint(
                condition=models.Q(("notice_days__lte", 60)),
                name="vacancy_notice_in_range",
            ),
        ),
    ]

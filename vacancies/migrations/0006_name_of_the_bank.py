from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("vacancies", "0005_templates_and_submissions")]

    operations = [
        migrations.AlterModelOptions(
            name="bankquestion",
            options={
                "ordering": ["-updated_at"],
                "verbose_name": "question of the bank",
                "verbose_name_plural": "questions of the bank",
            },
        )
    ]

"""Until now everybody saw every vacancy: whoever worked on them keeps them."""

from django.db import migrations

PARTS = {"recruiter": "owner", "reviewer": "reviewer"}


def give_teams(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    Vacancy = apps.get_model("vacancies", "Vacancy")
    VacancyMember = apps.get_model("vacancies", "VacancyMember")
    people = User.objects.filter(role__in=PARTS, is_staff=True, is_active=True)
    VacancyMember.objects.bulk_create(
        VacancyMember(vacancy=vacancy, user=user, part=PARTS[user.role])
        for vacancy in Vacancy.objects.all()
        for user in people
    )


class Migration(migrations.Migration):

    dependencies = [
        ("vacancies", "0003_bank_rubric_team"),
        ("accounts", "0003_roles_of_staff"),
    ]

    operations = [migrations.RunPython(give_teams, migrations.RunPython.noop)]

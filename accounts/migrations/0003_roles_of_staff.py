"""Who was a superuser is an administrator; of the others, rights of writing tell."""

from django.db import migrations
from django.db.models import Q

WRITES = Q(codename__startswith="add_") | Q(codename__startswith="change_")


def give_roles(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    Permission = apps.get_model("auth", "Permission")
    writing = Permission.objects.filter(
        WRITES, content_type__app_label__in=["vacancies", "candidates", "interviews"]
    )
    User.objects.filter(is_superuser=True).update(role="administrator")
    User.objects.filter(
        Q(user_permissions__in=writing) | Q(groups__permissions__in=writing),
        is_superuser=False,
    ).update(role="recruiter")


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0002_role"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(give_roles, migrations.RunPython.noop)]

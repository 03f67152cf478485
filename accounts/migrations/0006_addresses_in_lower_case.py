"""Addresses are kept as they are looked up; every account is one of the staff.

Whoever was no staff could open nothing: such an account is closed, until an administrator
opens it.
"""

from django.db import migrations
from django.db.models.functions import Lower


def tidy(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    User.objects.update(email=Lower("email"))
    User.objects.filter(is_staff=False).update(is_staff=True, is_active=False)


class Migration(migrations.Migration):

    dependencies = [("accounts", "0005_audit_chain")]

    operations = [migrations.RunPython(tidy, migrations.RunPython.noop)]

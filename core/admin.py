"""What the admin of a third-party package shows, and what it does not."""

from django.contrib import admin
from procrastinate.contrib.django.models import ProcrastinateJob

# Jobs are the administrator's matter (`manage.py procrastinate shell`), and their
# arguments are nothing for HR.
admin.site.unregister(ProcrastinateJob)

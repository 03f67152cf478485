"""Background work in tests: what is queued is done at once, in the order it was queued."""

from types import SimpleNamespace

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob


def run_jobs():
    """Run what is queued and due, until nothing is left.

    Not by the worker: it would also run what is periodic, whenever the clock says so.
    """
    waiting = ProcrastinateJob.objects.filter(status="todo", scheduled_at=None)
    while job := waiting.order_by("id").first():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.pk])
        task = app.tasks[job.task_name]
        task(*[SimpleNamespace(job=job)] * task.pass_context, **job.args)

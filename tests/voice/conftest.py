"""What tests of the voice service share."""

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.voice.deliveries import SECRET


@pytest.fixture
def webhook_secret(settings):
    """Configure the secret that deliveries are signed with."""
    settings.ELEVENLABS_WEBHOOK_SECRET = SECRET
    settings.ELEVENLABS_WEBHOOK_SECRET_PREVIOUS = ""
    return SECRET


@pytest.fixture
def queued(db):
    """Return a function that lists the events whose processing is queued."""
    # Django does not know that table when it empties the others.
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")

    def events():
        jobs = ProcrastinateJob.objects.filter(task_name="voice.tasks.process_event")
        return sorted(job.args["event_id"] for job in jobs)

    return events

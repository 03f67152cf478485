"""What tests of the voice service share."""

import copy
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.fake_elevenlabs import FakeElevenLabs
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


def further(**variables):
    """Return the settings of a workspace beside the default one."""
    return {
        "API_KEY": "",
        "LOCATION": "us",
        "BASE_URL": "",
        "AGENT_ID": "",
        "VOICE_ID": "",
        "MAX_CALLS": 0,
        "WEBHOOK_SECRET": "",
        "WEBHOOK_SECRET_PREVIOUS": "",
    } | variables


@pytest.fixture(scope="session")
def _second_elevenlabs():
    fake = FakeElevenLabs(api_key="key-of-the-second")
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def second_account(settings, _second_elevenlabs):
    """Configure a workspace "second", in which nothing is set up yet; two calls each."""
    _second_elevenlabs.reset()
    settings.ELEVENLABS_MAX_CALLS = 2
    settings.ELEVENLABS_WORKSPACES = {
        "second": further(
            API_KEY=_second_elevenlabs.api_key,
            BASE_URL=_second_elevenlabs.url,
            MAX_CALLS=2,
        )
    }
    yield _second_elevenlabs
    _second_elevenlabs.reset()


@pytest.fixture(scope="session")
def _set_up():
    """Keep what a synchronisation makes: it takes a while, and is the same each time."""
    return {}


@pytest.fixture
def second(vendor, second_account, settings, _set_up):
    """Return the fake vendor's second workspace, set up; the first one is `vendor`."""
    if not _set_up:
        call_command("voice", "sync", "--workspace", "second", stdout=StringIO())
        for name in ("agents", "tools", "secrets", "webhooks"):
            _set_up[name] = copy.deepcopy(getattr(second_account, name))
    vars(second_account).update(copy.deepcopy(_set_up))
    [webhook] = second_account.webhooks.values()
    settings.ELEVENLABS_WORKSPACES["second"]["WEBHOOK_SECRET"] = webhook[
        "webhook_secret"
    ]
    return second_account

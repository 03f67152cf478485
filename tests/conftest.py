"""Fixtures of every test."""

import subprocess
from io import StringIO

import pytest
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.files.storage import storages
from django.core.management import call_command
from django.db.models.signals import post_migrate

from core.environment import BASE_DIR
from interviews.tokens import mint_token
from interviews.turns import script_by_id
from tests.factories import UserFactory
from tests.fake_elevenlabs import FakeElevenLabs
from tests.field_keys import IN_BOTH_MODES, INDEX_KEY, KEYS


@pytest.fixture(scope="session", autouse=True)
def _light_flush(django_db_setup):
    """Whenever tables are emptied Django writes each permission anew; roles need none."""
    name = "django.contrib.auth.management.create_permissions"
    assert post_migrate.disconnect(create_permissions, dispatch_uid=name)
    assert post_migrate.disconnect(create_contenttypes)


@pytest.fixture(autouse=True)
def _storages_stay():
    """Other STORAGES in a test make new ones; fields of models have the old ones."""
    before = dict(storages._storages)
    yield
    storages._storages.update(before)


@pytest.fixture(autouse=True)
def _empty_process_caches():
    """Caches of the process would make query counts depend on the order of the tests."""
    ContentType.objects.clear_cache()
    script_by_id.cache_clear()
    cache.clear()


@pytest.fixture(scope="session")
def _widget():
    """Build the call widget, unless `make widget` has."""
    if not (BASE_DIR / "static" / "vendor" / "VERSIONS.txt").exists():
        subprocess.run([BASE_DIR / "scripts" / "widget.sh"], check=True)


@pytest.fixture
def hr_client(client):
    client.force_login(UserFactory(hr=True))
    return client


def pytest_generate_tests(metafunc):
    """Run what touches encrypted fields most a second time, with keys."""
    module, name = metafunc.module.__name__, metafunc.function.__name__
    if name in IN_BOTH_MODES.get(module, ()):
        # First of all, so that other fixtures' rows are encrypted too.
        metafunc.fixturenames.insert(0, "is_encrypted")
        metafunc.parametrize("is_encrypted", [False, True], indirect=True)


@pytest.fixture
def is_encrypted(request):
    if request.param:
        request.getfixturevalue("field_keys")
    return request.param


@pytest.fixture
def field_keys(settings):
    """Have names, addresses and words encrypted."""
    settings.FIELD_KEYS = KEYS[:1]
    settings.FIELD_KEYS_OFF = False
    settings.FIELD_INDEX_KEY = INDEX_KEY
    settings.FIELD_INDEX_KEY_PREVIOUS = ""


@pytest.fixture
def agent_headers(settings):
    """Return the headers with which a voice agent calls for a session."""

    def headers(session, **extra):
        return {
            "authorization": f"Bearer {settings.AGENT_API_KEY}",
            "x-session-token": mint_token(session.pk),
        } | extra

    return headers


@pytest.fixture(scope="session")
def fake_elevenlabs():
    """Run the fake vendor, once for all tests that need it."""
    fake = FakeElevenLabs(api_key="key-of-the-account")
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def public_url():
    """Return where the vendor believes the portal to be."""
    return "https://portal.example"


@pytest.fixture
def vendor(fake_elevenlabs, settings, public_url, db):
    """Return a fake vendor whose account `voice sync` has set up."""
    fake_elevenlabs.reset()
    settings.ELEVENLABS_API_KEY = fake_elevenlabs.api_key
    settings.ELEVENLABS_BASE_URL = fake_elevenlabs.url
    settings.PUBLIC_URL = public_url
    call_command("voice", "sync", stdout=StringIO())
    [webhook] = fake_elevenlabs.webhooks.values()
    settings.ELEVENLABS_WEBHOOK_SECRET = webhook["webhook_secret"]
    yield fake_elevenlabs
    # What still runs must not call into the next test.
    fake_elevenlabs.reset()

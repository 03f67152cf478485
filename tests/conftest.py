"""Fixtures of every test."""

import subprocess

import pytest
from django.contrib.contenttypes.models import ContentType

from core.environment import BASE_DIR
from interviews.tokens import mint_token
from interviews.turns import script_by_id
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _empty_process_caches():
    """Caches of the process would make query counts depend on the order of the tests."""
    ContentType.objects.clear_cache()
    script_by_id.cache_clear()


@pytest.fixture(scope="session")
def _widget():
    """Build the call widget, unless `make widget` has."""
    if not (BASE_DIR / "static" / "vendor" / "VERSIONS.txt").exists():
        subprocess.run([BASE_DIR / "scripts" / "widget.sh"], check=True)


@pytest.fixture
def hr_client(client):
    client.force_login(UserFactory(hr=True))
    return client


@pytest.fixture
def agent_headers(settings):
    """Return the headers with which a voice agent calls for a session."""

    def headers(session, **extra):
        return {
            "authorization": f"Bearer {settings.AGENT_API_KEY}",
            "x-session-token": mint_token(session.pk),
        } | extra

    return headers

"""System checks of the voice service's settings."""

import pytest

from voice.checks import (
    calls_are_kept_until_fetched,
    portal_knows_its_address,
    webhook_secret_is_known,
)


@pytest.fixture(autouse=True)
def _voice(settings):
    settings.ELEVENLABS_API_KEY = "key"
    settings.PUBLIC_URL = "https://portal.example"
    settings.ELEVENLABS_WEBHOOK_SECRET = "wsec"
    settings.DEMO = False


@pytest.mark.parametrize(
    ("check", "name", "value", "identifier"),
    [
        (portal_knows_its_address, "PUBLIC_URL", "", "parley.W002"),
        (
            portal_knows_its_address,
            "PUBLIC_URL",
            "http://portal.example",
            "parley.W002",
        ),
        (webhook_secret_is_known, "ELEVENLABS_WEBHOOK_SECRET", "", "parley.W003"),
        (calls_are_kept_until_fetched, "ELEVENLABS_RETENTION_DAYS", 0, "parley.W004"),
        (calls_are_kept_until_fetched, "ELEVENLABS_RETENTION_DAYS", -2, "parley.W004"),
    ],
)
def test_check_warns_while_voice_is_on(settings, check, name, value, identifier):
    assert check() == []

    setattr(settings, name, value)
    assert [message.id for message in check()] == [identifier]

    settings.ELEVENLABS_API_KEY = ""
    assert check() == []


@pytest.mark.parametrize("days", [1, 30, -1])
def test_any_time_to_fetch_a_call_will_do(settings, days):
    settings.ELEVENLABS_RETENTION_DAYS = days

    assert calls_are_kept_until_fetched() == []

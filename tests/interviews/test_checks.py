"""System checks."""

from core.checks import agent_key_is_long
from interviews.checks import agent_location_is_known, agent_widget_is_built


def ids(messages):
    return [message.id for message in messages]


def test_agent_without_its_widget_is_an_error(settings, monkeypatch):
    monkeypatch.setattr("interviews.checks.finders.find", lambda path: None)

    assert ids(agent_widget_is_built()) == []
    settings.ELEVENLABS_API_KEY = "key"
    assert ids(agent_widget_is_built()) == ["parley.E001"]


def test_unknown_location_is_an_error(settings):
    assert ids(agent_location_is_known()) == []
    settings.ELEVENLABS_LOCATION = "mars"
    assert ids(agent_location_is_known()) == ["parley.E002"]


def test_short_agent_key_is_a_warning(settings):
    assert ids(agent_key_is_long()) == []
    settings.AGENT_API_KEY = "short"
    assert ids(agent_key_is_long()) == ["parley.W001"]

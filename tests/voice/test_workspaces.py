"""What the environment says of the workspaces, and what is wrong with it."""

import pytest

from config.settings import elevenlabs_workspace
from interviews.agent import call_hosts
from tests.voice.conftest import further
from voice import checks, vendor, workspaces
from voice.workspaces import Workspace, default


def test_plain_variables_are_the_default_workspace(settings):
    settings.ELEVENLABS_API_KEY = "key"
    settings.ELEVENLABS_AGENT_ID = "agent"
    settings.ELEVENLABS_MAX_CALLS = 3
    settings.ELEVENLABS_WEBHOOK_SECRET = "new"
    settings.ELEVENLABS_WEBHOOK_SECRET_PREVIOUS = "old"

    [workspace] = workspaces.workspaces()

    assert workspace == Workspace(
        name="default",
        api_key="key",
        location="us",
        address="",
        agent_id="agent",
        voice_id="",
        max_calls=3,
        webhook_secret="new",
        webhook_secret_previous="old",
    )
    assert workspace.base_url == "https://api.us.elevenlabs.io"
    assert workspace.webhook_secrets == ["new", "old"]
    assert workspace.variable("API_KEY") == "ELEVENLABS_API_KEY"


def test_further_workspace_has_variables_with_its_name(monkeypatch, settings):
    for variable, value in {
        "API_KEY": "key",
        "LOCATION": "eu-residency",
        "MAX_CALLS": "7",
        "WEBHOOK_SECRET": "wsec",
    }.items():
        monkeypatch.setenv(f"ELEVENLABS_SECOND_{variable}", value)
    settings.ELEVENLABS_WORKSPACES = {"second": elevenlabs_workspace("second")}

    first, second = workspaces.workspaces()

    assert first == default()
    assert second == Workspace(
        name="second",
        api_key="key",
        location="eu-residency",
        address="",
        agent_id="",
        voice_id="",
        max_calls=7,
        webhook_secret="wsec",
        webhook_secret_previous="",
    )
    assert second.base_url == "https://api.eu.residency.elevenlabs.io"
    assert second.variable("WEBHOOK_SECRET") == "ELEVENLABS_SECOND_WEBHOOK_SECRET"


def test_workspace_is_where_the_default_one_is_unless_it_says(settings, monkeypatch):
    monkeypatch.setattr("config.settings.ELEVENLABS_LOCATION", "in-residency")
    monkeypatch.setattr("config.settings.ELEVENLABS_VOICE_ID", "voice_1")

    second = elevenlabs_workspace("second")

    assert (second["LOCATION"], second["VOICE_ID"]) == ("in-residency", "voice_1")


def test_secrets_are_in_no_text_of_a_workspace(settings):
    settings.ELEVENLABS_WORKSPACES = {
        "second": further(
            API_KEY="k-1", WEBHOOK_SECRET="k-2", WEBHOOK_SECRET_PREVIOUS="k-3"
        )
    }

    assert "k-" not in repr(workspaces.workspaces())


def test_page_may_reach_the_hosts_of_all_workspaces(settings):
    settings.ELEVENLABS_WORKSPACES = {
        "second": further(BASE_URL="https://proxy.example:8443"),
        "third": further(LOCATION="eu-residency"),
    }

    assert call_hosts() - {"proxy.example:8443"} == {
        "api.us.elevenlabs.io",
        "api.elevenlabs.io",
        "api.eu.residency.elevenlabs.io",
        "api.in.residency.elevenlabs.io",
    }


def test_each_workspace_has_a_client_of_its_own(settings):
    settings.ELEVENLABS_WORKSPACES = {"second": further(API_KEY="two")}
    first, second = map(vendor.client, workspaces.workspaces())

    assert first is not second
    assert vendor.client(default()) is first


# Checks


@pytest.fixture
def two(settings):
    """Configure two workspaces with nothing amiss; return the second one's settings."""
    settings.ELEVENLABS_API_KEY = "one"
    settings.ELEVENLABS_MAX_CALLS = 1
    settings.ELEVENLABS_WEBHOOK_SECRET = "wsec_one"
    settings.ELEVENLABS_WORKSPACES = {
        "second": further(API_KEY="two", MAX_CALLS=2, WEBHOOK_SECRET="wsec_two")
    }
    return settings.ELEVENLABS_WORKSPACES["second"]


CHECKS = (
    checks.workspaces_have_names,
    checks.workspaces_have_keys,
    checks.workspaces_are_different,
    checks.workspaces_have_limits,
    checks.workspaces_are_somewhere,
    checks.webhook_secret_is_known,
)


def found():
    return [message for check in CHECKS for message in check()]


def test_two_good_workspaces_are_good(two):
    assert found() == []


def test_one_workspace_needs_no_limit(settings):
    settings.ELEVENLABS_WEBHOOK_SECRET = "wsec"

    assert found() == []


@pytest.mark.parametrize(
    ("variable", "value", "identifier", "text"),
    [
        ("API_KEY", "", "parley.E004", "ELEVENLABS_SECOND_API_KEY is not set"),
        (
            "API_KEY",
            "one",
            "parley.E005",
            "ELEVENLABS_API_KEY and ELEVENLABS_SECOND_API_KEY are the same",
        ),
        (
            "WEBHOOK_SECRET_PREVIOUS",
            "wsec_one",
            "parley.E005",
            "ELEVENLABS_WEBHOOK_SECRET and ELEVENLABS_SECOND_WEBHOOK_SECRET are the same",
        ),
        ("MAX_CALLS", 0, "parley.E006", "ELEVENLABS_SECOND_MAX_CALLS does not say"),
        ("LOCATION", "mars", "parley.E007", "ELEVENLABS_SECOND_LOCATION is none of"),
        (
            "WEBHOOK_SECRET",
            "",
            "parley.W003",
            "ELEVENLABS_SECOND_API_KEY is set, but ELEVENLABS_SECOND_WEBHOOK_SECRET is "
            "not.",
        ),
    ],
)
def test_check_names_the_variable_that_is_wrong(two, variable, value, identifier, text):
    two[variable] = value

    [message] = found()

    assert message.id == identifier
    assert text in message.msg
    assert message.hint or identifier == "parley.E007"
    assert "wsec" not in message.msg


@pytest.mark.parametrize("name", ["zweites büro", "2nd", "a-b", "_a", "a" * 31])
def test_check_wants_names_that_variables_can_have(two, settings, name):
    settings.ELEVENLABS_WORKSPACES = {name: two}

    [message] = found()

    assert message.id == "parley.E003"
    assert repr(name) in message.msg


def test_check_wants_the_first_workspace_first(two, settings):
    settings.ELEVENLABS_API_KEY = ""

    [message] = found()

    assert message.id == "parley.E004"
    assert "ELEVENLABS_API_KEY is not set" in message.msg

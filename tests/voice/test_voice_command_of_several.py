"""`manage.py voice` where there are several workspaces."""

import pytest
from django.core.management import CommandError

from tests.voice.test_voice_command import check, only, run
from voice import diagnosis

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _portal_answers(monkeypatch):
    monkeypatch.setattr(diagnosis, "portal_problem", lambda url: "")


def told_secrets(said):
    lines = [line for line in said.splitlines() if "WEBHOOK_SECRET=" in line]
    return dict(line.split("=") for line in lines)


def test_sync_sets_up_each_workspace_and_tells_each_secret(vendor, second_account):
    vendor.webhooks.clear()

    said = run("sync")

    assert told_secrets(said) == {
        "ELEVENLABS_WEBHOOK_SECRET": only(vendor.webhooks)["webhook_secret"],
        "ELEVENLABS_SECOND_WEBHOOK_SECRET": only(second_account.webhooks)[
            "webhook_secret"
        ],
    }
    assert "keep it as ELEVENLABS_SECOND_WEBHOOK_SECRET_PREVIOUS for now" in said
    headings = [line for line in said.splitlines() if line.endswith("”:")]
    assert headings == ["Workspace “default”:", "Workspace “second”:"]
    assert len(second_account.agents) == 1


def test_sync_of_one_workspace_leaves_the_others_alone(vendor, second_account):
    vendor.requests.clear()

    run("sync", "--workspace", "second")

    assert vendor.requests == []
    assert len(second_account.agents) == 1


def test_agent_of_each_workspace_speaks_with_its_own_voice(
    vendor, second_account, settings
):
    settings.ELEVENLABS_WORKSPACES["second"]["VOICE_ID"] = "voice_of_second"

    run("sync", "--workspace", "second")

    agent = only(second_account.agents)
    assert agent["conversation_config"]["tts"]["voice_id"] == "voice_of_second"


def test_agent_of_the_settings_is_the_workspaces_own(vendor, second_account, settings):
    settings.ELEVENLABS_WORKSPACES["second"]["AGENT_ID"] = "agent_gone"

    with pytest.raises(CommandError) as caught:
        run("sync")

    assert str(caught.value) == (
        "second: There is no agent agent_gone in this account. Correct "
        "ELEVENLABS_SECOND_AGENT_ID, or clear it: then the agent is found by its name, "
        "or made."
    )


def test_sync_goes_on_after_a_workspace_that_fails(vendor, second_account):
    vendor.faults.outage = True

    with pytest.raises(CommandError) as caught:
        run("sync")

    assert str(caught.value).startswith("default: ElevenLabs answered 503")
    assert len(second_account.agents) == 1


def test_secret_goes_into_the_file_under_the_workspaces_name(
    vendor, second_account, tmp_path
):
    file = tmp_path / ".env"
    file.write_text("ELEVENLABS_WEBHOOK_SECRET=first\n")

    run("sync", "--workspace", "second", "--env-file", str(file))

    secret = only(second_account.webhooks)["webhook_secret"]
    assert file.read_text() == (
        f"ELEVENLABS_WEBHOOK_SECRET=first\nELEVENLABS_SECOND_WEBHOOK_SECRET={secret}\n"
    )


@pytest.mark.parametrize("action", ["sync", "check"])
def test_unknown_workspace_is_named_with_those_there_are(vendor, second, action):
    with pytest.raises(CommandError) as caught:
        run(action, "--workspace", "thrid")

    assert str(caught.value) == (
        "There is no workspace “thrid”. There are: default, second."
    )


def test_check_says_in_one_line_that_all_is_well(vendor, second):
    assert check() == ("Voice interviews work.\n", 0)


def test_check_names_the_workspace_and_its_variable(vendor, second):
    second.api_key = "another"
    try:
        said, code = check()
    finally:
        second.api_key = "key-of-the-second"

    assert said.splitlines() == [
        "Workspace “second”:",
        "ElevenLabs answered 401: Invalid API key.",
        "  → Set ELEVENLABS_SECOND_API_KEY to a valid key. A key of an account with data "
        "residency works only with its own ELEVENLABS_SECOND_LOCATION.",
    ]
    assert code == 1


def test_check_says_how_to_make_the_secret_of_one_workspace_anew(
    vendor, second, settings
):
    settings.ELEVENLABS_WORKSPACES["second"]["WEBHOOK_SECRET"] = ""

    said, _ = check()

    assert "ELEVENLABS_SECOND_WEBHOOK_SECRET is not set" in said
    assert "manage.py voice sync --new-webhook --workspace second makes a new one" in (
        said
    )

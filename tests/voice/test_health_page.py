"""The page that says whether voice interviews can be held."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from tests.factories import (
    CallFactory,
    SessionFactory,
    UserFactory,
    VoiceEventFactory,
)
from voice import absences, admission, diagnosis
from voice.models import CallStatus, EventSource, EventState
from voice.vendor import VendorError
from voice.workspaces import find

pytestmark = pytest.mark.django_db

PAGE = "/admin/voice/voiceevent/health/"


@pytest.fixture(autouse=True)
def _portal_answers(monkeypatch):
    monkeypatch.setattr(diagnosis, "portal_problem", lambda url: "")


@pytest.fixture
def no_account(settings):
    settings.ELEVENLABS_API_KEY = ""


def test_page_has_the_address_that_links_use():
    assert reverse("admin:voice_health") == PAGE


def test_page_says_that_all_is_well(hr_client, vendor):
    vendor.requests.clear()

    page = hr_client.get(PAGE).text

    assert "Voice interviews work." in page
    assert vendor.writes == []


def test_page_names_what_is_wrong_and_what_to_do(hr_client, vendor):
    [agent] = vendor.agents.values()
    agent["conversation_config"]["agent"]["first_message"] = "<b>Hi</b>"

    page = hr_client.get(PAGE).text

    assert "Voice interviews work." not in page
    assert "1 thing to look at" in page
    assert "Not as the settings say: agent “Parley · portal.example”." in page
    assert (
        "conversation_config.agent.first_message: &lt;b&gt;Hi&lt;/b&gt;, expected:"
        in page
    )
    assert "Run manage.py voice sync." in page


def test_page_speaks_russian(hr_client, vendor):
    page = hr_client.get(PAGE, headers={"accept-language": "ru"})

    assert page.status_code == 200


def test_page_survives_an_outage(hr_client, vendor):
    vendor.faults.outage = True

    page = hr_client.get(PAGE).text

    assert "ElevenLabs answered 503" in page
    assert "Candidates can answer in writing meanwhile." in page


@pytest.mark.usefixtures("no_account")
def test_page_without_an_account_says_how_to_turn_voice_on(hr_client):
    page = hr_client.get(PAGE).text

    assert "Calls with a voice agent are off" in page
    assert "<code>manage.py voice sync</code>" in page
    assert "Check again" not in page


def test_page_shows_settings_and_no_secret(hr_client, vendor, settings):
    settings.ELEVENLABS_VOICE_ID = "voice_7"
    settings.ELEVENLABS_WEBHOOK_SECRET_PREVIOUS = "wsec_before"
    vendor.faults.outage = True  # even what fails shows none

    page = hr_client.get(PAGE).text

    for shown in ("voice_7", settings.ELEVENLABS_LLM, "https://portal.example"):
        assert shown in page
    for secret in (
        settings.ELEVENLABS_API_KEY,
        settings.AGENT_API_KEY,
        settings.ELEVENLABS_WEBHOOK_SECRET,
        settings.ELEVENLABS_WEBHOOK_SECRET_PREVIOUS,
    ):
        assert secret not in page


def test_page_counts_what_waits_or_failed(hr_client, vendor):
    late = timezone.now() - timedelta(minutes=16)
    soon = timezone.now() - timedelta(minutes=14)
    CallFactory(pull_after=late)
    CallFactory(pull_after=soon)
    CallFactory(pull_after=late, status=CallStatus.DONE)
    VoiceEventFactory.create_batch(2, state=EventState.QUARANTINED)
    VoiceEventFactory.create_batch(3, state=EventState.REJECTED)
    VoiceEventFactory(state=EventState.PROCESSED)

    response = hr_client.get(PAGE)

    assert [count for count, _, _ in response.context["figures"]] == [1, 2, 3]
    link = "/admin/voice/voiceevent/?state__exact=quarantined"
    assert f'href="{link}"' in response.text
    assert hr_client.get(link).status_code == 200


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.RECRUITER, 403), (Role.REVIEWER, 403), (Role.AUDITOR, 200)],
)
def test_page_is_for_those_who_may_see_events(client, vendor, role, status):
    client.force_login(UserFactory(is_staff=True, role=role))

    assert client.get(PAGE).status_code == status


def test_page_is_not_for_strangers(client):
    assert client.get(PAGE).status_code == 302


def test_menu_marks_this_page_alone(hr_client):
    response = hr_client.get("/admin/voice/voiceevent/health/")

    items = [
        item
        for group in response.context["sidebar_navigation"]
        for item in group["items"]
    ]
    assert [str(item["title"]) for item in items if item["active"]] == ["Health"]


def facts_of(response):
    return {name: dict(facts) for name, facts in response.context["workspaces"]}


def test_page_shows_how_each_workspace_is(hr_client, vendor, second):
    second.faults.outage = True
    for _ in range(3):
        admission.ask(SessionFactory().pk)
    VoiceEventFactory(workspace="default")
    VoiceEventFactory(workspace="second", source=EventSource.PULL)
    absences.leave_out(find("second"), VendorError("Away"))

    response = hr_client.get(PAGE)

    first, other = facts_of(response).values()
    assert list(facts_of(response)) == ["default", "second"]
    assert (first["Reachable"], other["Reachable"]) == ("yes", "no")
    step = "Agent as the settings say"
    assert (first[step], other[step]) == ("yes", "no")
    assert (first["Calls now"], other["Calls now"]) == ("2 of 2", "1 of 2")
    report = "Last report of a call"
    assert first[report] != "none yet" == other[report]
    assert first["Left out until"] == "not left out" != other["Left out until"]
    assert [name for name, _ in response.context["findings"]] == ["second"]
    assert "Workspace “second”" in response.text


def test_page_of_one_workspace_does_not_name_it(hr_client, vendor):
    [agent] = vendor.agents.values()
    agent["conversation_config"]["agent"]["first_message"] = "Hi"

    response = hr_client.get(PAGE)

    assert facts_of(response)["default"] | {"Last report of a call": ""} == {
        "Reachable": "yes",
        "Agent as the settings say": "no",
        "Calls now": "no limit",
        "Last report of a call": "",
        "Left out until": "not left out",
        "Address of ElevenLabs": vendor.url,
        "Agent": "Parley · portal.example",
        "Agent’s voice": "the account’s default",
        "Secret of the webhook": "is set",
    }
    assert [name for name, _ in response.context["findings"]] == [None]
    assert "default”" not in response.text
    assert "Workspace at ElevenLabs" in response.text


def test_page_shows_no_secret_of_any_workspace(hr_client, vendor, second, settings):
    settings.ELEVENLABS_WORKSPACES["second"]["WEBHOOK_SECRET_PREVIOUS"] = "wsec_before"
    second.faults.outage = True

    page = hr_client.get(PAGE).text

    variables = settings.ELEVENLABS_WORKSPACES["second"]
    for name in ("API_KEY", "WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS"):
        assert variables[name] not in page

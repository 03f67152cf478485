"""A workspace that fails: another one takes its calls, and it is left out for a while."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from interviews.models import Conversation
from tests.factories import CallFactory, ConversationFactory, SessionFactory
from tests.fake_elevenlabs import QUOTA_EXCEEDED
from tests.fake_elevenlabs.faults import Refusal
from tests.voice.test_voice_command import run
from voice import absences, admission, calls, provisioning
from voice.exceptions import VoiceUnavailable
from voice.models import Absence, Call, Place
from voice.vendor import VendorError
from voice.workspaces import default

pytestmark = pytest.mark.django_db

SIGNED = "/v1/convai/conversation/get-signed-url"


def begin():
    """Start a call of a new interview."""
    return calls.start_call(SessionFactory(started=True))


def signings(fake):
    return sum(path == SIGNED for _, path in fake.requests)


def outage(fake, monkeypatch):
    fake.faults.outage = True


def no_answer(fake, monkeypatch):
    for module, name in [
        (calls, "SIGNING_SECONDS"),
        (provisioning, "AGENT_ID_TIMEOUT_SECONDS"),
    ]:
        monkeypatch.setattr(module, name, 0.1)
    fake.faults.slow_rest = 1


def refused_key(fake, monkeypatch):
    fake.faults.refusal = Refusal(401, "invalid_api_key", "Invalid API key")


def used_up(fake, monkeypatch):
    fake.faults.refusal = QUOTA_EXCEEDED


def no_agent(fake, monkeypatch):
    fake.agents.clear()


def test_calls_are_begun_in_turn_by_the_agents_of_both(vendor, second):
    given = [begin() for _ in range(4)]

    agents = [parse_qs(urlsplit(call.signed_url).query)["agent_id"] for call in given]
    hosts = [urlsplit(call.signed_url).port for call in given]
    assert agents == [list(vendor.agents), list(second.agents)] * 2
    assert hosts == [vendor.port, second.port] * 2
    assert [Call.objects.get(pk=call.conversation_id).workspace for call in given] == [
        "default",
        "second",
    ] * 2
    assert isinstance(begin(), int)


@pytest.mark.parametrize("fault", [outage, no_answer, refused_key, used_up, no_agent])
def test_call_goes_to_another_workspace_in_the_same_request(
    vendor, second, monkeypatch, fault
):
    fault(vendor, monkeypatch)

    call = begin()

    assert urlsplit(call.signed_url).port == second.port
    assert Call.objects.get().workspace == Place.objects.get().workspace == "second"
    left_out = Absence.objects.get()
    assert left_out.workspace == "default"
    assert left_out.problem
    assert (
        timedelta(seconds=50)
        < left_out.until - timezone.now()
        <= (absences.AMONG_OTHERS)
    )


def test_workspace_left_out_is_not_asked_until_its_time_is_over(vendor, second):
    vendor.faults.outage = True
    begin()
    vendor.faults.outage = False
    vendor.requests.clear()

    begin()
    assert vendor.requests == []

    Absence.objects.update(until=timezone.now())
    begin()
    assert signings(vendor) == 1


def test_workspace_left_out_leaves_a_queue_for_the_others(vendor, second):
    vendor.faults.outage = True

    given = [begin() for _ in range(4)]

    assert [isinstance(call, int) and call for call in given] == [False, False, 1, 2]


def test_place_in_the_queue_is_kept_when_the_workspace_fails(vendor, second):
    for _ in range(2):
        admission.ask(SessionFactory().pk, {"default"})
    vendor.faults.outage = True

    assert begin() == 1


def test_voice_is_unavailable_once_all_have_failed(vendor, second, caplog):
    vendor.faults.outage = second.faults.outage = True

    with pytest.raises(VoiceUnavailable):
        begin()

    assert not Place.objects.exists()
    assert [
        line.workspace for line in caplog.records if line.name == "parley.voice"
    ] == [
        "default",
        "second",
    ]
    vendor.requests.clear()
    second.requests.clear()
    with pytest.raises(VoiceUnavailable):
        begin()
    assert vendor.requests == second.requests == []


def test_nobody_waits_for_a_third_workspace_after_ten_seconds(
    vendor, second, monkeypatch
):
    monkeypatch.setattr(calls, "PATIENCE_SECONDS", -1)
    vendor.faults.outage = True

    with pytest.raises(VoiceUnavailable):
        begin()

    assert signings(second) == 0


def test_where_there_are_others_to_turn_to_a_workspace_is_asked_once(
    vendor, second, settings
):
    [settings.ELEVENLABS_AGENT_ID] = vendor.agents
    vendor.faults.outage = True

    begin()

    assert signings(vendor) == 1


def test_lone_workspace_is_asked_twice(vendor, settings):
    [settings.ELEVENLABS_AGENT_ID] = vendor.agents
    vendor.faults.outage = True

    with pytest.raises(VoiceUnavailable):
        begin()

    assert signings(vendor) == 2


def test_synchronisation_that_succeeds_ends_the_absence(vendor, second):
    absences.leave_out(default(), VendorError("Away"))
    assert "default" in absences.absent()

    run("sync", "--workspace", "second", "--dry-run")
    assert "default" in absences.absent()

    run("sync", "--workspace", "default")
    assert absences.absent() == {}


@pytest.mark.parametrize(
    ("error", "is_left_out"),
    [
        (VendorError("Away"), True),
        (VendorError("ElevenLabs answered 503", 503), True),
        (VendorError("Invalid API key", 401), False),
        (VendorError("No agent", 404), False),
    ],
)
def test_lone_workspace_is_left_out_for_seconds_and_only_for_what_passes(
    error, is_left_out
):
    absences.leave_out(default(), error)

    assert list(absences.absent()) == (["default"] if is_left_out else [])
    for until in absences.absent().values():
        assert until - timezone.now() <= absences.ALONE


def test_long_words_of_the_vendor_fit():
    absences.leave_out(default(), VendorError("x" * 1000))

    assert Absence.objects.get().problem == "x" * 300


@pytest.mark.parametrize("conversation_id", ["conv_told", "conv_of_another"])
def test_call_that_the_page_named_is_expected_where_its_place_is(
    vendor, second, conversation_id
):
    """Where the vendor does not say the conversation's id, the page reports it."""
    second.conversation_id_in = "nowhere"
    vendor.faults.outage = True
    session = SessionFactory(started=True)
    calls.start_call(session)
    session.refresh_from_db()
    theirs = ConversationFactory(id="conv_of_another")

    calls.follow_call(
        session=session,
        event="connected",
        conversation_id=conversation_id,
        detail="",
    )

    expected = Call.objects.values_list("conversation", "workspace")
    is_own = conversation_id == "conv_told"
    assert list(expected) == ([("conv_told", "second")] if is_own else [])
    assert Conversation.objects.get(pk=theirs.pk).session != session


def test_call_of_before_is_the_default_workspaces():
    assert CallFactory().workspace == "default"

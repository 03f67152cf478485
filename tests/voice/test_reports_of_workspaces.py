"""Reports, records and recordings: each workspace speaks for its own calls and no others."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from interviews.models import Conversation
from tests.factories import CallFactory, SessionFactory, VoiceEventFactory
from tests.voice.deliveries import URL, signed
from tests.voice.records import conversation_of, record
from tests.voice.test_pull import held, opened
from voice import absences, events, processing, pull, recordings
from voice.models import Call, CallStatus, EventSource, EventState, VoiceEvent
from voice.signatures import WRONG, Check, Secret, Signature
from voice.workspaces import workspaces

pytestmark = pytest.mark.django_db

SECRETS = {"default": "wsec_default", "second": "wsec_second"}


@pytest.fixture
def two_secrets(second_account, settings):
    """Configure a secret of each workspace."""
    settings.ELEVENLABS_API_KEY = "key"
    settings.ELEVENLABS_WEBHOOK_SECRET = SECRETS["default"]
    settings.ELEVENLABS_WORKSPACES["second"] |= {
        "WEBHOOK_SECRET": SECRETS["second"],
        "WEBHOOK_SECRET_PREVIOUS": "wsec_second_before",
    }


@pytest.fixture
def call():
    """Return a call that is held in the second workspace."""
    session = SessionFactory(started=True)
    return CallFactory(conversation=conversation_of(session), workspace="second")


def report(call):
    data = record(call.pk, ("agent", "Hello"), ("me", "Hi"))
    return json.dumps({"type": "post_call_transcription", "data": data}).encode()


def deliver(client, raw, secret):
    return client.post(
        URL,
        raw,
        content_type="application/json",
        headers={"elevenlabs-signature": signed(raw, secret=secret)},
    )


@pytest.mark.usefixtures("two_secrets")
@pytest.mark.parametrize(
    ("secret", "workspace"),
    [
        ("wsec_default", "default"),
        ("wsec_second", "second"),
        ("wsec_second_before", "second"),
    ],
)
def test_report_is_of_the_workspace_whose_secret_signed_it(
    client, call, secret, workspace
):
    assert deliver(client, report(call), secret).status_code == 200

    assert VoiceEvent.objects.get().workspace == workspace


@pytest.mark.usefixtures("two_secrets")
def test_report_of_the_right_workspace_is_used(client, call):
    deliver(client, report(call), SECRETS["second"])

    processing.process(VoiceEvent.objects.get().pk)

    call.refresh_from_db()
    assert call.status == CallStatus.DONE
    assert [turn.text for turn in call.turns.all()] == ["Hello", "Hi"]


@pytest.mark.usefixtures("two_secrets")
@pytest.mark.parametrize("kind", ["post_call_transcription", "post_call_audio"])
def test_report_of_another_workspace_touches_nothing(client, call, kind):
    raw = report(call)
    if kind == "post_call_audio":
        data = {"conversation_id": call.pk, "full_audio": "SUQz"}
        raw = json.dumps({"type": kind, "data": data}).encode()
    before = Call.objects.values().get()
    deliver(client, raw, SECRETS["default"])

    processing.process(VoiceEvent.objects.get().pk)

    event = VoiceEvent.objects.get()
    assert event.state == EventState.QUARANTINED
    assert event.problem == "The conversation is another workspace's."
    assert Call.objects.values().get() == before
    assert not call.turns.exists()


@pytest.mark.usefixtures("two_secrets")
def test_report_of_a_conversation_that_only_the_page_named_says_where_it_is():
    conversation = conversation_of(SessionFactory(started=True))
    raw = report(Call(conversation=conversation))
    event, _ = events.store_event(raw, source=EventSource.WEBHOOK, workspace="second")

    processing.process(event.pk)

    assert Call.objects.get().workspace == "second"


@pytest.mark.usefixtures("two_secrets")
def test_refused_report_is_nobodys_until_its_secret_is_known(client, call, settings):
    deliver(client, report(call), "wsec_of_tomorrow")
    event = VoiceEvent.objects.get()
    assert (event.workspace, event.state) == ("", EventState.REJECTED)

    settings.ELEVENLABS_WORKSPACES["second"]["WEBHOOK_SECRET"] = "wsec_of_tomorrow"
    assert events.retry_event(event)

    assert VoiceEvent.objects.get().workspace == "second"


@pytest.mark.usefixtures("two_secrets")
def test_secrets_of_all_workspaces_are_compared_each_time(monkeypatch):
    compared = []

    def compare(ours, theirs):
        compared.append(ours)
        return True

    monkeypatch.setattr("voice.signatures.hmac.compare_digest", compare)
    secrets = [Secret(*pair) for pair in SECRETS.items()]
    check = Check(Signature("1800000000", "a" * 64), secrets)

    assert check.refusal(1_800_000_000) == ""
    assert len(compared) == len(set(compared)) == 2


def test_secret_that_is_empty_signs_for_nobody(two_secrets, settings, client, call):
    settings.ELEVENLABS_WORKSPACES["second"]["WEBHOOK_SECRET_PREVIOUS"] = ""

    assert deliver(client, report(call), "").status_code == 401
    assert VoiceEvent.objects.get().problem == WRONG


QUOTA = "This request exceeds your quota limit."


@pytest.mark.usefixtures("two_secrets")
@pytest.mark.parametrize(
    ("status", "reason", "age", "is_left_out"),
    [
        ("failed", QUOTA, timedelta(), True),
        ("done", QUOTA, timedelta(), False),
        ("failed", "The candidate hung up.", timedelta(), False),
        ("failed", QUOTA, timedelta(hours=1), False),
    ],
)
def test_workspace_whose_quota_cuts_calls_short_is_left_out(
    call, status, reason, age, is_left_out
):
    Conversation.objects.update(opened_at=timezone.now() - age)
    data = record(call.pk, status=status, metadata={"termination_reason": reason})
    raw = json.dumps({"type": "post_call_transcription", "data": data}).encode()
    stored, _ = events.store_event(raw, source=EventSource.PULL, workspace="second")

    processing.process(stored.pk)

    assert list(absences.absent()) == (["second"] if is_left_out else [])
    for until in absences.absent().values():
        assert until - timezone.now() > timedelta(minutes=9)


# Records and recordings


def test_record_is_fetched_where_the_call_was(vendor, second):
    call = opened(workspace="second")
    held(second, call)
    vendor.requests.clear()

    assert pull.pull_now() == 1

    call.refresh_from_db()
    assert call.status == CallStatus.DONE
    assert VoiceEvent.objects.get().workspace == "second"
    assert vendor.requests == []


def test_recording_is_fetched_where_the_call_was(vendor, second):
    call = opened(status=CallStatus.DONE, has_audio=True, workspace="second")
    held(second, call)

    assert recordings.fetch(call.pk) == call

    call.refresh_from_db()
    assert call.recording.read() == second.conversations[call.pk].audio


def test_workspace_that_is_away_does_not_keep_the_others_records(vendor, second):
    theirs, ours = opened(), opened(workspace="second")
    held(second, ours)
    vendor.faults.outage = True

    assert pull.pull_now() == 1

    theirs.refresh_from_db()
    assert theirs.status == CallStatus.OPEN


@pytest.mark.parametrize(
    ("age", "status"),
    [(timedelta(days=1), CallStatus.OPEN), (timedelta(days=15), CallStatus.FAILED)],
)
def test_call_of_a_workspace_that_is_no_more_is_given_up_in_the_end(
    vendor, age, status
):
    call = opened(age, workspace="sold")
    vendor.requests.clear()

    assert pull.pull_now() == 0

    call.refresh_from_db()
    assert call.status == status
    assert call.pull_after > timezone.now() or status == CallStatus.FAILED
    assert vendor.requests == []


def test_recording_of_a_workspace_that_is_no_more_is_left_for_later(vendor, caplog):
    call = opened(status=CallStatus.DONE, has_audio=True, workspace="sold")

    assert recordings.fetch(call.pk) is None

    assert "sold is not configured" in caplog.records[-1].problem
    call.refresh_from_db()
    assert call.pull_after > timezone.now()


def test_event_of_before_is_the_default_workspaces():
    assert VoiceEventFactory().workspace == "default"
    assert [one.name for one in workspaces()] == ["default"]

"""What no webhook brought is fetched."""

import logging
from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from interviews.models import Conversation, SessionStatus
from tests.factories import CallFactory, ConversationFactory, SessionFactory
from tests.fake_elevenlabs import FakeElevenLabs
from voice import pull, recordings, tasks
from voice.models import Call, CallStatus, EventSource, EventState, VoiceEvent
from voice.workspaces import default

pytestmark = pytest.mark.django_db

NUMBERS = count()


@pytest.fixture(scope="module")
def vendor():
    fake = FakeElevenLabs(api_key="test-key")
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture(autouse=True)
def _account(vendor, settings):
    vendor.reset()
    settings.ELEVENLABS_API_KEY = "test-key"
    settings.ELEVENLABS_BASE_URL = vendor.url


def opened(age=timedelta(minutes=10), session=None, **fields):
    """A call opened some time ago, whose record is due."""
    session = session or SessionFactory(started=True)
    conversation = ConversationFactory(id=f"conv_{next(NUMBERS)}", session=session)
    opened_at = timezone.now() - age
    Conversation.objects.filter(pk=conversation.pk).update(opened_at=opened_at)
    return CallFactory(
        conversation=conversation, **{"pull_after": timezone.now()} | fields
    )


def held(vendor, call, **fields):
    """Let the call have taken place at the vendor's."""
    questions = [one.text for one in call.conversation.session.vacancy.questions.all()]
    said = [
        part
        for question in questions
        for part in (
            {"role": "agent", "message": question},
            {"role": "user", "message": f"My answer to: {question[:10]}"},
            {
                "role": "agent",
                "message": None,
                "tool_calls": [{"tool_name": "save_answer"}],
            },
        )
    ]
    vendor.add_conversation(call.pk, transcript=said, **fields)


def asked(vendor):
    return [path.rpartition("/")[2] for _, path in vendor.requests]


def pull_as_task():
    tasks.pull_calls(timestamp=0)


# What is fetched


def test_a_record_that_no_webhook_brought_closes_the_session(vendor):
    call = opened()
    held(vendor, call)

    assert pull.pull_now() == 1

    call.refresh_from_db()
    session = call.conversation.session
    session.refresh_from_db()
    assert (call.status, call.turns.count()) == (CallStatus.DONE, 9)
    assert session.answers.count() == 3
    assert session.status == SessionStatus.FINISHED
    event = VoiceEvent.objects.get()
    assert (event.source, event.state, event.kind, event.conversation_id) == (
        EventSource.PULL,
        EventState.PROCESSED,
        "post_call_transcription",
        call.pk,
    )


def test_what_is_here_is_not_asked_for_again(vendor):
    held(vendor, opened())
    pull.pull_now()

    assert pull.pull_now() == 0
    assert len(vendor.requests) == 1


def test_what_a_webhook_brought_is_not_asked_for(vendor):
    opened(status=CallStatus.DONE)

    assert pull.pull_now() == 0
    assert vendor.requests == []


def test_a_young_call_is_left_to_the_webhook(vendor):
    CallFactory()

    pull.pull_now()

    assert vendor.requests == []


def test_a_conversation_that_the_page_named_is_asked_for(vendor):
    conversation = ConversationFactory()
    Conversation.objects.update(opened_at=timezone.now() - timedelta(minutes=10))
    held(vendor, Call(conversation=conversation))

    assert pull.pull_now() == 1
    assert Call.objects.get().status == CallStatus.DONE


def test_without_an_account_nothing_is_asked(vendor, settings):
    settings.ELEVENLABS_API_KEY = ""
    opened()

    assert pull.pull_now() == 0
    assert vendor.requests == []


def test_an_id_is_never_a_path(vendor):
    conversation = ConversationFactory(id="../agents?x=1#y")
    CallFactory(conversation=conversation, pull_after=timezone.now())

    pull.pull_now()

    assert [path for _, path in vendor.requests] == [
        "/v1/convai/conversations/../agents?x=1#y"
    ]


# What is not over, or never was


@pytest.mark.parametrize(
    ("age", "waits"),
    [
        (timedelta(minutes=10), timedelta()),
        (timedelta(hours=11), timedelta()),
        (timedelta(hours=13), timedelta(hours=1)),
        (timedelta(days=13), timedelta(hours=1)),
    ],
)
def test_a_call_that_goes_on_is_asked_for_later(vendor, age, waits):
    call = opened(age)
    held(vendor, call, status="in-progress")

    assert pull.pull_now() == 0

    call.refresh_from_db()
    assert call.status == CallStatus.OPEN
    assert abs(timezone.now() + waits - call.pull_after) < timedelta(minutes=1)
    assert not VoiceEvent.objects.exists()


def test_a_record_that_never_gets_ready_is_given_up(vendor):
    call = opened(timedelta(days=14, minutes=1))
    held(vendor, call)
    vendor.faults.processing_forever = True

    pull.pull_now()

    call.refresh_from_db()
    assert (call.status, call.end_reason) == (CallStatus.FAILED, "no record came")


@pytest.mark.parametrize(
    ("age", "status", "waits"),
    [
        (timedelta(minutes=10), CallStatus.OPEN, timedelta()),
        (timedelta(hours=2), CallStatus.OPEN, timedelta(hours=1)),
        (timedelta(hours=25), CallStatus.GONE, None),
    ],
)
def test_a_call_that_never_began_is_given_up(vendor, age, status, waits):
    call = opened(age)

    pull.pull_now()

    call.refresh_from_db()
    assert call.status == status
    if waits is not None:
        assert abs(timezone.now() + waits - call.pull_after) < timedelta(minutes=1)


def test_a_session_is_closed_when_its_last_call_never_began(vendor):
    over = opened()
    session = over.conversation.session
    left = opened(timedelta(hours=25), session=session)
    session.conversation_id = left.pk
    session.save()
    held(vendor, over)

    pull.pull_now()

    session.refresh_from_db()
    assert session.status == SessionStatus.FINISHED


def test_a_record_that_cannot_be_read_is_kept_and_asked_for_again(monkeypatch):
    call = opened()
    monkeypatch.setattr(pull, "fetch", lambda client, workspace, call: b"<html>")

    for _ in range(2):
        assert pull.pull_now() == 0

    call.refresh_from_db()
    event = VoiceEvent.objects.get()
    assert bytes(event.raw) == b'{"type":"post_call_transcription","data":<html>}'
    assert event.state == EventState.QUARANTINED
    assert call.status == CallStatus.OPEN


# A vendor that is away


def test_after_three_hours_of_outage_one_pull_brings_everything(vendor):
    calls = [opened(timedelta(hours=3) - timedelta(minutes=n)) for n in range(20)]
    for call in calls:
        held(vendor, call)
    vendor.faults.outage = True
    for _ in range(36):
        assert pull.pull_now() == 0
    during = len(vendor.requests)

    vendor.faults.outage = False
    pull.pull_now()

    assert set(Call.objects.values_list("status", flat=True)) == {CallStatus.DONE}
    assert min(call.turns.count() for call in calls) == 9
    # An outage costs the vendor and us little.
    assert during == 36 * pull.THREADS


def test_a_vendor_that_cannot_be_reached(vendor, settings, caplog):
    settings.ELEVENLABS_BASE_URL = "http://127.0.0.1:9"
    call = opened()

    with caplog.at_level(logging.WARNING, "parley.voice"):
        assert pull.pull_now() == 0

    call.refresh_from_db()
    assert (call.status, call.pull_after <= timezone.now()) == (CallStatus.OPEN, True)
    assert [entry.message for entry in caplog.records] == ["the vendor is away"]


def test_a_refused_key_does_not_give_calls_up(vendor, settings):
    settings.ELEVENLABS_API_KEY = "wrong"
    for _ in range(20):
        opened(timedelta(days=2))

    pull.pull_now()

    assert len(vendor.requests) == pull.THREADS
    assert set(Call.objects.values_list("status", flat=True)) == {CallStatus.OPEN}


def test_one_conversation_that_fails_does_not_hold_up_the_others(vendor):
    ages = [timedelta(hours=1) - timedelta(minutes=n) for n in range(pull.THREADS + 2)]
    bad, *good = [opened(age) for age in ages]
    for call in good:
        held(vendor, call)
    vendor.add_conversation(bad.pk)
    del vendor.conversations[bad.pk].metadata["start_time_unix_secs"]

    assert pull.pull_now() == len(good)
    assert pull.pull_now() == 0

    bad.refresh_from_db()
    assert bad.status == CallStatus.OPEN


# Recordings


def test_the_recording_is_fetched(vendor):
    call = opened()
    held(vendor, call, audio=b"mp3" * 100_000)

    pull_as_task()
    jobs = ProcrastinateJob.objects.filter(task_name="voice.tasks.fetch_recording")
    assert [job.args for job in jobs] == [{"conversation_id": call.pk}]
    tasks.fetch_recording(**jobs[0].args)

    call.refresh_from_db()
    assert call.recording.read() == b"mp3" * 100_000


def test_a_recording_is_fetched_once(vendor):
    call = opened(status=CallStatus.DONE, has_audio=True)
    held(vendor, call)

    tasks.fetch_recording(conversation_id=call.pk)
    tasks.fetch_recording(conversation_id=call.pk)

    assert asked(vendor) == ["audio"]


@pytest.mark.parametrize(
    ("fault", "age", "waits"),
    [
        # After an outage the next pull brings it, however old the call is by then.
        ("outage", timedelta(hours=4), timedelta(minutes=4)),
        ("outage", timedelta(hours=12), timedelta(hours=3)),
        ("no_audio", timedelta(hours=4), timedelta(hours=1)),
        ("no_audio", timedelta(minutes=1), timedelta(minutes=4)),
    ],
)
def test_a_recording_that_does_not_come_is_asked_for_later(vendor, fault, age, waits):
    call = opened(age, status=CallStatus.DONE, has_audio=True)
    held(vendor, call)
    setattr(vendor.faults, fault, True)

    tasks.fetch_recording(conversation_id=call.pk)

    call.refresh_from_db()
    wait = call.pull_after - timezone.now()
    assert call.recording.name == ""
    assert abs(wait - waits) < timedelta(minutes=1)
    assert list(recordings.missing()) == []


@pytest.mark.parametrize(
    ("fields", "is_missing"),
    [
        ({}, True),
        ({"status": CallStatus.FAILED}, True),
        ({"status": CallStatus.OPEN}, False),
        ({"has_audio": False}, False),
        ({"recording": "conv.mp3"}, False),
        ({"age": timedelta(days=15)}, False),
    ],
)
def test_which_recordings_are_missing(fields, is_missing):
    opened(**{"status": CallStatus.DONE, "has_audio": True} | fields)

    assert recordings.missing().exists() == is_missing


def half():
    yield b"half"
    raise recordings.VendorError("The line broke")


@pytest.mark.parametrize("stream", [half, lambda: iter(())], ids=["half", "empty"])
def test_half_a_recording_is_none(monkeypatch, stream):
    call = opened(status=CallStatus.DONE, has_audio=True)
    audio = recordings.client(default()).conversational_ai.conversations.audio
    monkeypatch.setattr(type(audio), "get", lambda *args, **options: stream())

    tasks.fetch_recording(conversation_id=call.pk)

    call.refresh_from_db()
    assert call.recording.name == ""
    assert not call.recording.storage.exists(f"{call.pk}.mp3")


# The other periodic tasks


def test_sessions_that_ended_since_are_looked_at_again():
    call = opened(status=CallStatus.DONE)

    tasks.reconcile_late(timestamp=0)
    tasks.reconcile_late(timestamp=0)
    (job,) = ProcrastinateJob.objects.all()
    tasks.reconcile_session(**job.args)

    call.refresh_from_db()
    assert call.reconciled_at is not None


@pytest.mark.parametrize("fails", [False, True])
def test_the_calls_duration_is_kept_up(monkeypatch, caplog, settings, fails):
    from voice import provisioning

    settings.ELEVENLABS_API_KEY = "key"

    def keep(workspace):
        if fails:
            raise tasks.VendorError("Away")

    monkeypatch.setattr(provisioning, "keep_duration", keep)
    with caplog.at_level(logging.WARNING, "parley.voice"):
        tasks.keep_duration(timestamp=0)

    assert len(caplog.records) == fails

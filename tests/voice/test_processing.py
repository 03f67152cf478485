"""What becomes of stored events."""

import base64
import json
import logging
from itertools import permutations

import pytest
from django.core.files.base import ContentFile
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.factories import CallFactory, ConversationFactory, SessionFactory
from tests.threads import race
from tests.voice.records import STARTED_AT, event, record
from voice import processing, recordings
from voice.models import Call, CallStatus, EventSource, EventState, VoiceEvent
from voice.tasks import process_event

pytestmark = pytest.mark.django_db

SAID = [("agent", "Question 1 of X?"), ("me", "An answer"), ("tool", "save_answer")]


@pytest.fixture
def conversation():
    return ConversationFactory(id="conv_a")


def process(data, **options):
    stored = event(data, **options)
    processing.process(stored.pk)
    stored.refresh_from_db()
    return stored


def outcome(stored):
    return (stored.state, stored.kind, stored.conversation_id, stored.problem)


def turns():
    return list(Call.objects.get().turns.values_list("position", "speaker", "text"))


# What can be used


def test_a_record_becomes_a_call_and_its_turns(conversation):
    stored = process(record("conv_a", *SAID, has_audio=True))

    call = Call.objects.get()
    assert outcome(stored) == (
        EventState.PROCESSED,
        "post_call_transcription",
        "conv_a",
        "",
    )
    assert stored.processed_at is not None
    assert (
        call.status,
        call.started_at,
        call.duration_seconds,
        call.end_reason,
        call.has_audio,
    ) == (CallStatus.DONE, STARTED_AT, 30, "end_call tool was called.", True)
    assert turns() == [
        (0, "agent", "Question 1 of X?"),
        (1, "candidate", "An answer"),
        (2, "tool", "save_answer"),
    ]
    assert call.reconciled_at is not None


def test_a_failed_call(conversation):
    process(record("conv_a", *SAID, status="failed"))

    assert Call.objects.get().status == CallStatus.FAILED
    assert len(turns()) == 3


def test_a_recording_is_kept(conversation):
    audio = base64.b64encode(b"mp3").decode()

    stored = process(
        {"conversation_id": "conv_a", "full_audio": audio}, kind="post_call_audio"
    )

    call = Call.objects.get()
    assert stored.state == EventState.PROCESSED
    assert call.recording.read() == b"mp3"
    assert call.has_audio
    assert call.status == CallStatus.OPEN


def test_what_is_of_no_use_is_noted():
    stored = process({"conversation_id": "conv_x"}, kind="call_initiation_failure")

    assert outcome(stored) == (
        EventState.PROCESSED,
        "call_initiation_failure",
        "",
        "Not used.",
    )


# What cannot


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"[" * 100_000, "The event is nested too deeply."),
        (b"9" * 5000, "The event is not a JSON object."),
        (b"\xff\xfe\x00", "The event is not JSON."),
        (b'{"type": "news", "data": {}}', "The kind of event is not known."),
        (
            b'{"type": "post_call_transcription", "data": {}}',
            "The event names no conversation.",
        ),
        (
            b'{"type": "post_call_audio", "data": {"conversation_id": "conv_a"}}',
            "The event holds no recording.",
        ),
        (
            b'{"type": "post_call_audio", "data":'
            b' {"conversation_id": "conv_a", "full_audio": "YQ=!"}}',
            "The recording is damaged (base64).",
        ),
        (
            b'{"type": "post_call_transcription", "data":'
            b' {"conversation_id": "conv_a", "transcript": "text"}}',
            "The transcript is not a list.",
        ),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_what_cannot_be_used_is_set_aside(conversation, raw, problem):
    stored = process(raw)

    assert (stored.state, stored.problem) == (EventState.QUARANTINED, problem)
    assert bytes(stored.raw) == raw


@pytest.mark.parametrize("key", ["conv_unknown", "x" * 5000, "a\0b", "\ud800"])
def test_a_conversation_of_nobody_is_set_aside(key):
    stored = process(record(key, *SAID))

    assert outcome(stored) == (
        EventState.QUARANTINED,
        "post_call_transcription",
        key.replace("\0", "\ufffd").replace("\ud800", "\ufffd")[:100],
        "The conversation is none of this portal's.",
    )
    assert not Call.objects.exists()


def test_an_endless_kind_is_cut():
    assert process({}, kind="k" * 5000).kind == "k" * 50


def test_an_event_set_aside_can_be_tried_again():
    stored = process(record("conv_late", *SAID))
    assert stored.state == EventState.QUARANTINED

    ConversationFactory(id="conv_late")
    processing.process(stored.pk)

    stored.refresh_from_db()
    assert (stored.state, stored.problem) == (EventState.PROCESSED, "")


@pytest.mark.parametrize("state", [EventState.PROCESSED, EventState.REJECTED])
def test_an_event_done_or_refused_is_left_alone(conversation, state):
    stored = event(record("conv_a", *SAID))
    VoiceEvent.objects.update(state=state)

    assert processing.process(stored.pk) is None
    assert not Call.objects.exists()


def test_words_survive_bad_characters_and_numbers(conversation):
    raw = json.dumps(
        {
            "type": "post_call_transcription",
            "data": record("conv_a", ("me", "a\0b\ud800")),
        }
    )

    stored = process(raw.replace('"done"', '"done", "cost": [NaN, 1e400]').encode())

    assert stored.state == EventState.PROCESSED
    assert turns() == [(0, "candidate", "a\ufffdb\ufffd")]


@pytest.mark.parametrize("times", [0, 1])
def test_the_recording_is_fetched_although_the_worker_died_before_it_asked(
    conversation, times
):
    stored = event(record("conv_a", *SAID, has_audio=True))
    for _ in range(times):
        processing.process(stored.pk)

    process_event(event_id=stored.pk)

    [job] = ProcrastinateJob.objects.filter(task_name="voice.tasks.fetch_recording")
    assert job.args == {"conversation_id": "conv_a"}


# Whose it is


def test_the_session_is_ours_and_not_what_the_page_said(conversation, caplog):
    other = SessionFactory(started=True)
    named = {"dynamic_variables": {"session_id": str(other.pk)}}

    with caplog.at_level(logging.WARNING, "parley.voice"):
        process(record("conv_a", *SAID, conversation_initiation_client_data=named))

    call = Call.objects.get()
    assert call.conversation.session == conversation.session
    assert call.end_reason == "named another session"
    assert len(turns()) == 3
    assert [entry.message for entry in caplog.records] == [
        "a call named another session than its own"
    ]


def test_its_own_session_is_no_news(conversation, caplog):
    own = {"dynamic_variables": {"session_id": str(conversation.session_id)}}

    process(record("conv_a", *SAID, conversation_initiation_client_data=own))

    assert Call.objects.get().end_reason == "end_call tool was called."
    assert caplog.records == []


# In any order, more than once


def test_the_order_of_events_does_not_matter(conversation):
    audio = {"conversation_id": "conv_a", "full_audio": "YQ=="}
    kinds = [
        (record("conv_a", *SAID, has_audio=True), "post_call_transcription"),
        (record("conv_a", *SAID[:1], status="in-progress"), "post_call_transcription"),
        (record("conv_a", transcript=None), "post_call_transcription"),
        (audio, "post_call_audio"),
    ]
    results = set()
    for order in permutations(kinds):
        Call.objects.all().delete()
        for data, kind in order * 2:
            process(data, kind=kind)
        call = Call.objects.get()
        results.add((call.status, call.duration_seconds, call.has_audio, *turns()))
        assert call.recording.read() == b"a"

    assert results == {
        (
            "done",
            30,
            True,
            (0, "agent", "Question 1 of X?"),
            (1, "candidate", "An answer"),
            (2, "tool", "save_answer"),
        )
    }


@pytest.mark.parametrize(
    "texts", [("One", "Another", "A third"), ("A third", "Another", "One")]
)
def test_of_records_as_long_as_each_other_the_later_counts(conversation, texts):
    """By the time at which the vendor wrote them, not by the order in which they come."""
    heard = [[("me", text)] for text in texts]
    moments = [
        event(record("conv_a", *said, metadata={"call_duration_secs": 7 + place}))
        for place, said in enumerate(heard)
    ]
    results = set()
    for order in permutations(moments):
        Call.objects.all().delete()
        VoiceEvent.objects.update(state=EventState.RECEIVED)
        for stored in order:
            processing.process(stored.pk)
        results.add((Call.objects.get().duration_seconds, *turns()))

    assert results == {(9, (0, "candidate", texts[-1]))}


def test_a_call_of_before_ranks_is_not_made_poorer(conversation):
    process(record("conv_a", *SAID))
    Call.objects.update(record_rank="")

    process(record("conv_a", *SAID[:2]))

    assert len(turns()) == 3


def test_an_unfinished_record_changes_nothing_of_a_finished_one(conversation):
    process(record("conv_a", *SAID))
    before = Call.objects.values().get(), turns()

    process(
        record(
            "conv_a",
            *[(who, "…") for who, _ in SAID],
            status="in-progress",
            metadata={"termination_reason": "", "start_time_unix_secs": 1},
        )
    )

    after = Call.objects.values().get()
    assert (after | {"reconciled_at": before[0]["reconciled_at"]}, turns()) == before


def test_a_webhook_without_the_transcript_leaves_it_to_the_pull(conversation):
    process(record("conv_a"))
    assert Call.objects.get().status == CallStatus.OPEN

    process(record("conv_a"), source=EventSource.PULL)
    assert Call.objects.get().status == CallStatus.DONE


@pytest.mark.parametrize("status", [CallStatus.GONE, CallStatus.FAILED])
def test_a_record_that_comes_after_all_is_taken(conversation, status):
    CallFactory(conversation=conversation, status=status)

    process(record("conv_a", *SAID))

    assert Call.objects.get().status == CallStatus.DONE


def test_a_failure_does_not_undo_a_record(conversation):
    process(record("conv_a", *SAID))
    process(record("conv_a", *SAID, status="failed"))

    assert Call.objects.get().status == CallStatus.DONE


def test_the_same_turns_are_not_written_again(conversation):
    process(record("conv_a", *SAID))
    before = list(Call.objects.get().turns.values("pk"))
    process(record("conv_a", *SAID))

    assert list(Call.objects.get().turns.values("pk")) == before


@pytest.mark.django_db(transaction=True)
def test_two_records_at_once(conversation):
    said = [("me", f"Word {number}") for number in range(12)]
    stored = [event(record("conv_a", *said[:number])) for number in range(12)]

    race(
        lambda number: processing.process(stored[2 * number].pk),
        lambda number: processing.process(stored[2 * number + 1].pk),
        rounds=6,
    )

    assert [text for _, _, text in turns()] == [
        f"Word {number}" for number in range(11)
    ]
    assert set(VoiceEvent.objects.values_list("state", flat=True)) == {"processed"}


@pytest.mark.django_db(transaction=True)
def test_a_recording_that_comes_at_the_same_time_stays(conversation):
    call = CallFactory(conversation=conversation)
    stored = [event(record("conv_a", ("me", f"Word {n}"))) for n in range(30)]

    for one in stored:
        Call.objects.update(recording="")
        race(
            lambda _, one=one: processing.process(one.pk),
            lambda _: recordings.save(call, ContentFile(b"mp3")),
        )
        assert Call.objects.get().recording.name != ""


# The task


def test_the_task_asks_for_the_recording_once(conversation):
    for number in range(2):
        process_event(
            event_id=event(record("conv_a", *SAID, has_audio=True, n=number)).pk
        )

    jobs = ProcrastinateJob.objects.filter(task_name="voice.tasks.fetch_recording")
    assert [job.args for job in jobs] == [{"conversation_id": "conv_a"}]


def test_the_task_asks_for_no_recording_where_there_is_none(conversation):
    process_event(event_id=event(record("conv_a", *SAID)).pk)

    assert not ProcrastinateJob.objects.exists()

"""What experiments with webhooks need of the portal's own models: see `faults.child`."""

import base64
import hashlib
import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from unittest.mock import patch

from faults.webhooks import dice, event

logger = logging.getLogger(__name__)

TRANSCRIPT, AUDIO = "post_call_transcription", "post_call_audio"
UNUSED = "call_initiation_failure"
START = 1_790_000_000
SECONDS = 10  # from one turn to the next


def digests() -> list[str]:
    """Return the digests of the bytes that are stored, as the portal reads them."""
    from voice.models import VoiceEvent

    keys = VoiceEvent.objects.values_list("pk", flat=True)
    # One at a time: they are large.
    raws = (
        VoiceEvent.objects.values_list("raw", flat=True).get(pk=key) for key in keys
    )
    return [hashlib.sha256(bytes(raw)).hexdigest() for raw in raws]


def read_events(most_bytes: int) -> int:
    """Process what is stored, as the worker does; return how many fail or stay unread."""
    from voice import processing
    from voice.models import EventState, VoiceEvent

    events = VoiceEvent.objects.filter(
        state=EventState.RECEIVED, size__lte=most_bytes
    ).values_list("pk", flat=True)
    failed = 0
    for pk in list(events):
        try:
            processing.process(pk)
        except Exception:
            logger.exception("an event could not be read")
            failed += 1
    return failed + events.all().count()


def stored_bodies(most_bytes: int) -> dict[str, Any]:
    return {"digests": digests(), "left": read_events(most_bytes)}


def make_calls(numbers: list[int]) -> list[list[tuple[str, list[str]]]]:
    """Make interviews of a call each; return each call's id and its events in order.

    In so many groups. The n-th call is the same in each of them but for its ids.
    """
    return [[*made_calls(number)] for number in numbers]


def made_calls(number: int) -> Iterator[tuple[str, list[str]]]:
    from interviews.models import Conversation, InterviewProgress
    from interviews.simulation import people

    interviews = people.make(number, 3)
    Conversation.objects.bulk_create(
        Conversation(id=each.conversation_id, session_id=each.session_id)
        for each in interviews
    )
    InterviewProgress.objects.bulk_create(
        answer
        for place, each in enumerate(interviews)
        for answer in answers(place, each)
    )
    for place, each in enumerate(interviews):
        yield each.conversation_id, [raw.decode() for raw in events(place, each)]


def answers(place: int, interview: Any) -> Iterator[Any]:
    """Yield what the agent stored during the call: a retelling, of two questions."""
    from interviews.models import Channel, InterviewProgress

    for number, question in enumerate(list(interview.questions)[:2]):
        seconds = (3 * number + 2) * SECONDS
        yield InterviewProgress(
            session_id=interview.session_id,
            question_id=question,
            answered=True,
            answer_text=f"Told answer {number} of call {place}",
            channel=Channel.AGENT,
            timestamp=datetime.fromtimestamp(START + place, UTC)
            + timedelta(seconds=seconds),
        )


def events(place: int, interview: Any) -> list[bytes]:
    """Return all that is ever told of a call, in the order in which it comes about.

    A call under way; one that never began (of no use); a report without its words, one
    with a part of them, with all, and with all heard better; the recording.
    """
    key, whole = interview.conversation_id, turns(interview, "said")
    reports = [
        (TRANSCRIPT, record(key, place, whole[:2], status="in-progress")),
        (UNUSED, {"conversation_id": key, "failure_reason": "unknown"}),
        (TRANSCRIPT, record(key, place, [])),
        (TRANSCRIPT, record(key, place, whole[:4])),
        (TRANSCRIPT, record(key, place, whole)),
        (TRANSCRIPT, record(key, place, turns(interview, "really said"))),
        (AUDIO, {"conversation_id": key, "full_audio": recording(place)}),
    ]
    return [
        event(kind, data, START + place + 1000 + number)
        for number, (kind, data) in enumerate(reports)
    ]


def turns(interview: Any, verb: str) -> list[dict[str, Any]]:
    """Return the transcript of an interview of three questions, as the vendor has it."""
    said: list[dict[str, Any]] = []
    for number, text in enumerate(interview.questions.values()):
        answer = f"I {verb} what answer {number} is, and then some more words"
        said += [
            {"role": "agent", "message": text},
            {"role": "user", "message": answer},
            {"role": "agent", "tool_calls": [{"tool_name": "save_answer"}]},
        ]
    said.append({"role": "agent", "message": interview.closing})
    return [
        turn | {"time_in_call_secs": SECONDS * place} for place, turn in enumerate(said)
    ]


def record(
    key: str, place: int, said: list[dict[str, Any]], status: str = "done"
) -> dict[str, Any]:
    return {
        "conversation_id": key,
        "status": status,
        "has_audio": status == "done" and len(said) > 4,
        "transcript": said,
        "metadata": {
            "start_time_unix_secs": START + place,
            "call_duration_secs": SECONDS * len(said),
            "termination_reason": f"after {len(said)} turns",
        },
    }


def recording(place: int) -> str:
    return base64.b64encode(hashlib.sha256(b"%d" % place).digest() * 20).decode()


def compare(shuffled: list[str], twins: list[Any], naive: list[Any]) -> dict[str, int]:
    """Count the calls of which something else is known than of their twins.

    The twins' events are processed here, once and in order; those of the naive ones in
    any order, with the guarantee taken away that a record is held against what is known.
    """
    take([raw for _, events in twins for raw in events])
    raws = [raw for _, events in naive for raw in events]
    dice(7).shuffle(raws)
    with last_one_wins():
        take(raws)
    expected = [state(key) for key, _ in twins]
    return {
        "shuffled": differences([state(key) for key in shuffled], expected),
        "naive": differences([state(key) for key, _ in naive], expected),
    }


def differences(found: list[str], expected: list[str]) -> int:
    return sum(one != other for one, other in zip(found, expected, strict=False))


def take(raws: list[str]) -> None:
    """Store and process events one after another."""
    from voice import processing
    from voice.events import store_event
    from voice.models import EventSource

    for raw in raws:
        stored, _ = store_event(raw.encode(), source=EventSource.WEBHOOK)
        processing.process(stored.pk)


def last_one_wins() -> AbstractContextManager[Any]:
    from voice.transcripts import CallRecord

    numbers = count()
    return patch.object(
        CallRecord, "rank", lambda record, moment: f"9{next(numbers):020d}"
    )


def state(key: str) -> str:
    """Return what is known of a call and its interview, but for ids and history."""
    from voice.models import Call

    call = Call.objects.select_related("conversation__session__vacancy").get(pk=key)
    session = call.conversation.session
    said = call.turns.values_list("position", "speaker", "text", "seconds")
    answers = session.answers.order_by("question__order").values_list(
        *("question__order", "answer_text", "verbatim_text", "channel"),
        *("duration_ms", "timestamp", "answer_audio_url"),
    )
    whole = [
        *(call.status, str(call.started_at), call.duration_seconds, call.end_reason),
        hashlib.sha256(call.recording.read()).hexdigest() if call.recording else "",
        *(call.has_audio, session.status, session.finished_at is not None),
        *([*map(list, said)], [[*map(str, answer)] for answer in answers]),
    ]
    # The name of a run is in what was said, the call's id in addresses.
    run = session.vacancy.title.removeprefix("Simulation ")
    return repr(whole).replace(run, "").replace(key, "")

"""Reading what the vendor says of a call. Pure functions; nothing is stored here.

Field names are the vendor's own (GET conversation; the post-call webhook carries the
same as `data`). Whatever the rest of an event is like, words that can be read are read:
an answer must not be lost to one bad character or number beside it.
"""

import base64
import binascii
import hashlib
import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from voice.models import Speaker

TRANSCRIPT = "post_call_transcription"
RECORDING = "post_call_audio"
# What the vendor may send besides, and the portal has no use for.
UNUSED = {"call_initiation_failure", "answering_machine_detection"}

SPEAKERS = {"agent": Speaker.AGENT, "user": Speaker.CANDIDATE}
UNFINISHED = {"initiated", "in-progress", "processing"}
# Neither can be stored as text: PostgreSQL refuses NUL, UTF-8 lone surrogates.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
LONGEST_INTEGER = 18  # digits
QUESTION_ID = re.compile(r"\A[0-9]{1,18}\Z")
MAX_SECONDS = 7 * 24 * 3600
YEAR_2100 = 4_102_444_800


class Unreadable(Exception):
    """The event cannot be used. The text says why, in words, and quotes nobody."""


class Event(NamedTuple):
    """An event's envelope; `data` depends on its kind, `moment` is the vendor's (Unix)."""

    kind: str
    data: dict[str, Any]
    moment: int


class Said(NamedTuple):
    """A turn, as `voice.models.Turn` keeps it."""

    speaker: Speaker
    text: str
    seconds: int
    question_id: int | None = None


class CallRecord(NamedTuple):
    """What the vendor knows of a call; None or empty where it does not say."""

    conversation_id: str
    is_over: bool
    has_failed: bool
    turns: list[Said]
    started_at: datetime | None
    duration_seconds: int | None
    end_reason: str
    has_audio: bool
    named_session: str

    def rank(self, moment: int) -> str:
        """Return what tells the better of two records of a call, whichever came first.

        A final one before one that is not, the longer before the shorter, of equally
        long ones the later; then the words decide, so that there is no draw. As text
        it sorts like that.
        """
        words = json.dumps(self.turns).encode()
        digest = hashlib.sha256(words).hexdigest()[:16]
        return f"{self.is_over:d}{len(self.turns):06d}{moment:010d}{digest}"


def read(raw: bytes) -> Event:
    """Decode an event; raises Unreadable."""
    event = decode(raw)
    kind = text(event.get("type"))
    if not kind:
        raise Unreadable("The event does not say what it is.")
    data = event.get("data")
    if not isinstance(data, dict):
        raise Unreadable("The event has no data.")
    return Event(kind, data, clamped(event.get("event_timestamp"), YEAR_2100) or 0)


def decode(raw: bytes) -> dict[str, Any]:
    """Decode JSON as far as it goes: bad bytes replaced, numbers beyond reason empty."""
    try:
        event = json.loads(
            raw.decode("utf-8-sig", errors="replace"),
            parse_constant=lambda _: None,
            parse_int=lambda digits: (
                int(digits) if len(digits) <= LONGEST_INTEGER else None
            ),
        )
    except RecursionError:
        raise Unreadable("The event is nested too deeply.") from None
    except ValueError:
        raise Unreadable("The event is not JSON.") from None
    if not isinstance(event, dict):
        raise Unreadable("The event is not a JSON object.")
    return event


def read_conversation_id(data: dict[str, Any]) -> str:
    """Return the id of the event's call; raises Unreadable."""
    conversation_id = text(data.get("conversation_id"))
    if not conversation_id:
        raise Unreadable("The event names no conversation.")
    return conversation_id


def read_call(data: dict[str, Any]) -> CallRecord:
    """Read a GET-conversation answer; raises Unreadable."""
    transcript = data.get("transcript")
    if transcript is not None and not isinstance(transcript, list):
        raise Unreadable("The transcript is not a list.")
    metadata, status = mapping(data.get("metadata")), text(data.get("status"))
    start = mapping(data.get("conversation_initiation_client_data"))
    return CallRecord(
        conversation_id=read_conversation_id(data),
        is_over=status not in UNFINISHED,
        has_failed=status == "failed",
        turns=list(read_turns(transcript or [])),
        started_at=moment(metadata.get("start_time_unix_secs")),
        duration_seconds=seconds(metadata.get("call_duration_secs")),
        end_reason=end_reason(metadata),
        has_audio=data.get("has_audio") is True,
        named_session=text(mapping(start.get("dynamic_variables")).get("session_id")),
    )


def read_turns(transcript: list[Any]) -> Iterator[Said]:
    """Yield what was said and done, in order; backchannels ("mhm") are left out."""
    now = 0
    for turn in map(mapping, transcript):
        time = seconds(turn.get("time_in_call_secs"))
        now = now if time is None else time
        speaker = SPEAKERS.get(text(turn.get("role")))
        if speaker is None or turn.get("ignored_as_backchannel") is True:
            continue
        if said := text(turn.get("message")).strip():
            yield Said(speaker, said, now)
        for call in map(mapping, items(turn.get("tool_calls"))):
            if name := text(call.get("tool_name")):
                yield Said(Speaker.TOOL, name, now, question_of(call))


def question_of(tool_call: dict[str, Any]) -> int | None:
    """Return the id of the question that a tool call was about, if it says so.

    The model does not choose it: it is in what was sent, not among the model's own
    parameters.
    """
    sent = mapping(tool_call.get("tool_details")).get("body")
    for written in (sent, tool_call.get("params_as_json")):
        # A number, or a dynamic variable: those are strings.
        question_id = str(mapping(decoded(written)).get("questionId"))
        if QUESTION_ID.match(question_id):
            return int(question_id)
    return None


def decoded(written: Any) -> Any:
    try:
        return json.loads(written) if isinstance(written, str) else written
    except (ValueError, RecursionError):
        return None


def read_recording(data: dict[str, Any]) -> bytes:
    """Return the MP3 of a recording's event; raises Unreadable."""
    try:
        audio = base64.b64decode(text(data.get("full_audio")), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("The recording is damaged (base64).") from None
    if not audio:
        raise Unreadable("The event holds no recording.")
    return audio


def end_reason(metadata: dict[str, Any]) -> str:
    error = mapping(metadata.get("error"))
    reason = text(metadata.get("termination_reason")) or text(error.get("reason"))
    return reason[:200]


def text(value: object) -> str:
    """Return a string as it can be stored; anything else is empty."""
    return UNSTORABLE.sub("\ufffd", value) if isinstance(value, str) else ""


def mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def seconds(value: object) -> int | None:
    """Return whole seconds, within what a call can have; None for what is no number."""
    return clamped(value, MAX_SECONDS)


def moment(unix: object) -> datetime | None:
    value = clamped(unix, YEAR_2100)
    return datetime.fromtimestamp(value, UTC) if value else None


def clamped(value: object, highest: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if math.isnan(value):
        return None
    return int(min(max(value, 0), highest))

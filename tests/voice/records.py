"""Records of calls as the vendor gives them, made by hand."""

import hashlib
import json
from datetime import UTC, datetime
from itertools import count

from tests.factories import ConversationFactory, VoiceEventFactory
from voice.models import EventSource

START = 1_700_000_000
STARTED_AT = datetime.fromtimestamp(START, UTC)
TIMESTAMPS = count(START)
ROLES = {"agent": "agent", "me": "user", "tool": "agent"}


def turn(who, text, seconds=None, **fields):
    """A turn of the vendor's transcript; `who` is agent, me or tool."""
    said = {"role": ROLES[who], "time_in_call_secs": seconds, "tool_calls": []}
    if who == "tool":
        said |= {"message": None, "tool_calls": [{"tool_name": text}]}
    else:
        said["message"] = text
    return said | fields


def record(conversation_id, *said, status="done", metadata=None, **fields):
    """A GET-conversation answer; turns are (who, text), ten seconds apart."""
    return {
        "conversation_id": conversation_id,
        "agent_id": "agent_1",
        "status": status,
        "has_audio": False,
        "transcript": [
            turn(*one, seconds=10 * number) if isinstance(one, tuple) else one
            for number, one in enumerate(said)
        ],
        "metadata": {
            "start_time_unix_secs": START,
            "call_duration_secs": 10 * len(said),
            "termination_reason": "end_call tool was called.",
        }
        | (metadata or {}),
    } | fields


def event(data, *, kind="post_call_transcription", source=EventSource.WEBHOOK):
    """Store an event as the webhook would; `data` may be bytes for the whole."""
    raw = data
    if not isinstance(data, bytes):
        whole = {"type": kind, "event_timestamp": next(TIMESTAMPS), "data": data}
        raw = json.dumps(whole).encode()
    return VoiceEventFactory(
        raw=raw, source=source, size=len(raw), sha256=hashlib.sha256(raw).hexdigest()
    )


def conversation_of(session, conversation_id="conv_a"):
    """The call that holds the session."""
    session.conversation_id = conversation_id
    session.save(update_fields=["conversation_id"])
    return ConversationFactory(id=conversation_id, session=session)

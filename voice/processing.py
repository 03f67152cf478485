"""Making of a stored event what is in it: a call's record, its turns, its recording.

Events come in any order, more than once, from the vendor and from our own asking. So
what is known of a call is merged, and the poorer record never replaces the richer one.
"""

import logging
from typing import Any

from django.db import transaction
from django.utils import timezone

from interviews.models import Conversation
from voice import absences, reconciliation, recordings, transcripts
from voice.models import (
    Call,
    CallStatus,
    EventSource,
    EventState,
    Turn,
    VoiceEvent,
)
from voice.transcripts import CallRecord, Said, Unreadable

logger = logging.getLogger("parley.voice")

FACTS = ("started_at", "duration_seconds", "end_reason", "has_audio")
READABLE = (EventState.RECEIVED, EventState.QUARANTINED)


def process(event_id: int) -> Call | None:
    """Process an event; return the call it told of, None if it told of none.

    An event that cannot be used is set aside, for people to look at. Raises
    VoiceEvent.DoesNotExist.
    """
    event = VoiceEvent.objects.get(pk=event_id)
    if event.state not in READABLE:
        return None
    try:
        call = take(event)
    except Unreadable as problem:
        settle(event, EventState.QUARANTINED, problem=str(problem))
        return None
    settle(event, EventState.PROCESSED, problem="" if call else "Not used.")
    return call


def call_told_of(event_id: int) -> Call | None:
    """Return the call that an event told of when it was processed; None if of none."""
    told = VoiceEvent.objects.filter(pk=event_id, state=EventState.PROCESSED)
    return Call.objects.filter(pk__in=told.values("conversation_id")).first()


def take(event: VoiceEvent) -> Call | None:
    """Take what is in the event; raises Unreadable."""
    kind, data, moment = transcripts.read(bytes(event.raw))
    event.kind = kind[:50]
    if kind in transcripts.UNUSED:
        return None
    if kind not in {transcripts.TRANSCRIPT, transcripts.RECORDING}:
        raise Unreadable("The kind of event is not known.")
    conversation_id = transcripts.read_conversation_id(data)
    event.conversation_id = conversation_id[:100]
    call = known_call(conversation_id, event.workspace)
    if call.conversation.session.consent_withdrawn_at:
        return None
    if kind == transcripts.RECORDING:
        recordings.keep(call, transcripts.read_recording(data))
    else:
        take_record(call, data, moment, is_pulled=event.source == EventSource.PULL)
    reconciliation.reconcile(call.conversation.session_id)
    # As it is now: what came was merged into the row, not into this object.
    call.refresh_from_db()
    return call


def settle(event: VoiceEvent, state: EventState, *, problem: str) -> None:
    event.state, event.problem, event.processed_at = state, problem, timezone.now()
    event.save(
        update_fields=["state", "problem", "processed_at", "kind", "conversation_id"]
    )


def known_call(conversation_id: str, workspace: str) -> Call:
    """Return the call of a conversation that the portal opened; raises Unreadable.

    The portal's own rows say whose it is, and never what the event says of the session:
    that came from the candidate's browser. One workspace's word does not count for
    another's call.
    """
    if not Conversation.objects.filter(pk=conversation_id).exists():
        raise Unreadable("The conversation is none of this portal's.")
    call, _ = Call.objects.select_related("conversation__session").get_or_create(
        conversation_id=conversation_id, defaults={"workspace": workspace}
    )
    if call.workspace != workspace:
        raise Unreadable("The conversation is another workspace's.")
    return call


def take_record(
    call: Call, data: dict[str, Any], moment: int, *, is_pulled: bool
) -> None:
    record = transcripts.read_call(data)
    # A webhook may leave the transcript out, by a setting of the vendor's workspace.
    is_whole = record.is_over and (is_pulled or bool(record.turns))
    merge(call.pk, record, moment, is_whole=is_whole)
    absences.note_end(call, record)


@transaction.atomic
def merge(
    conversation_id: str, record: CallRecord, moment: int = 0, *, is_whole: bool
) -> None:
    """Bring what the portal has of a call up to the record, or leave it if that is less.

    In whatever order records come, the same is known in the end. `moment`: when the
    vendor wrote it (Unix), 0 if it does not say. `is_whole`: nothing more is to be
    expected; the call is not asked for again.
    """
    call = (
        Call.objects.select_for_update(of=["self"])
        .select_related("conversation")
        .get(pk=conversation_id)
    )
    note_stranger(call, record)
    if record.is_over:
        call.has_audio = call.has_audio or record.has_audio
    if is_whole and call.status != CallStatus.DONE:
        call.status = CallStatus.FAILED if record.has_failed else CallStatus.DONE
    if (rank := record.rank(moment)) > known_rank(call):
        call.record_rank = rank
        take_facts(call, record)
        replace_turns(call, record.turns)
    if call.status not in reconciliation.KNOWN or record.is_over:
        call.reconciled_at = None
    # Not the recording: it may be coming at this moment.
    call.save(update_fields=["status", "reconciled_at", "record_rank", *FACTS])


def known_rank(call: Call) -> str:
    """Return the rank of what is known; of a call of before ranks, by its turns."""
    if call.record_rank or call.status not in reconciliation.KNOWN:
        return call.record_rank
    return f"1{call.turns.count():06d}"


def note_stranger(call: Call, record: CallRecord) -> None:
    if record.named_session not in {"", str(call.conversation.session_id)}:
        # Somebody has changed the page to get at another interview.
        logger.warning("a call named another session than its own")
        call.end_reason = reconciliation.FOREIGN


def take_facts(call: Call, record: CallRecord) -> None:
    call.started_at = record.started_at
    call.duration_seconds = record.duration_seconds
    if call.end_reason != reconciliation.FOREIGN:
        call.end_reason = record.end_reason


def replace_turns(call: Call, turns: list[Said]) -> None:
    """Store the turns, unless the same are there."""
    kept = [
        Said(*(getattr(turn, name) for name in Said._fields))
        for turn in call.turns.all()
    ]
    if turns == kept:
        return
    call.turns.all().delete()
    Turn.objects.bulk_create(
        Turn(call=call, position=position, **said._asdict())
        for position, said in enumerate(turns)
    )

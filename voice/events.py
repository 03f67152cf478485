"""Storing what comes from the vendor, before anything is made of it."""

import hashlib
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from core.database import reconnecting
from voice.models import EventSource, EventState, VoiceEvent
from voice.signatures import Signature, signer_of
from voice.workspaces import DEFAULT

PROCESS = "voice.tasks.process_event"
# Of what bears a bad signature so much is kept, and no more: anyone can send it.
KEPT_BYTES = 1024 * 1024
KEPT_EVENTS = 100
KEPT_FOR = timedelta(days=1)


@reconnecting
@transaction.atomic
def store_event(
    raw: bytes, *, source: EventSource, workspace: str = DEFAULT
) -> tuple[VoiceEvent, bool]:
    """Store the bytes and queue their processing, both or neither.

    `workspace`: the one that signed them, or that was asked for them.

    Returns the event and whether it is new: the same bytes are stored once. Bytes that
    were kept with a bad signature count as new when they come with a good one.
    """
    event, is_new = get_or_store(raw, source=source, workspace=workspace)
    if is_new:
        queue(event)
    elif event.state == EventState.REJECTED:
        is_new = receive_again(event, source=source, workspace=workspace)
    return event, is_new


@reconnecting
@transaction.atomic
def store_refused(raw: bytes, *, signature: Signature, problem: str) -> bool:
    """Keep bytes whose signature was refused; return whether they are in the table.

    At most KEPT_EVENTS are kept (and one more for each request under way); then those
    older than KEPT_FOR make way, and without such, newer ones are not kept. So a flood
    costs little, and cannot wash out what came in the day before it.
    """
    if not has_room():
        return False
    get_or_store(
        raw,
        source=EventSource.WEBHOOK,
        workspace="",
        state=EventState.REJECTED,
        signature=str(signature),
        problem=problem,
    )
    return True


@transaction.atomic
def retry_event(event: VoiceEvent) -> bool:
    """Queue an event once more; return whether it was.

    A refused one must bear the signature of a secret that is configured now. Its age
    does not matter any more: somebody decides, and the same bytes are stored once.
    """
    if event.state == EventState.PROCESSED:
        return False
    if event.state != EventState.REJECTED:
        return receive_again(event)
    workspace = signer_of(bytes(event.raw), event.signature)
    return bool(workspace) and receive_again(event, workspace=workspace)


def queue(event: VoiceEvent) -> None:
    """Have the event processed, if the transaction is committed.

    By the task's name: the tasks build on this module.
    """
    app.configure_task(PROCESS, allow_unknown=False).defer(event_id=event.pk)


def get_or_store(raw: bytes, **fields: Any) -> tuple[VoiceEvent, bool]:
    # Deferred: a repeated recording need not be read back.
    return VoiceEvent.objects.defer("raw").get_or_create(
        sha256=hashlib.sha256(raw).hexdigest(),
        defaults={"raw": raw, "size": len(raw), **fields},
    )


def receive_again(event: VoiceEvent, **changes: Any) -> bool:
    """Put an event back to its start and queue it, unless somebody else just has."""
    fresh = {"state": EventState.RECEIVED, "problem": "", "processed_at": None}
    found = VoiceEvent.objects.filter(pk=event.pk, state=event.state)
    if not found.update(**fresh, **changes):
        return False
    event.refresh_from_db(fields=[*fresh, *changes])
    queue(event)
    return True


def has_room() -> bool:
    refused = VoiceEvent.objects.filter(state=EventState.REJECTED)
    if refused.count() < KEPT_EVENTS:
        return True
    made, _ = refused.filter(received_at__lt=timezone.now() - KEPT_FOR).delete()
    return made > 0

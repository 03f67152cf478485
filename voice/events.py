"""Storing what comes from the vendor, before anything is made of it."""

import hashlib

from django.db import transaction

from voice.models import EventSource, VoiceEvent
from voice.tasks import process_event


@transaction.atomic
def store_event(raw: bytes, *, source: EventSource) -> tuple[VoiceEvent, bool]:
    """Store the bytes and queue their processing, both or neither.

    Returns the event and whether it is new: the same bytes are stored once.
    """
    event, is_new = VoiceEvent.objects.get_or_create(
        sha256=hashlib.sha256(raw).hexdigest(),
        defaults={"source": source, "raw": raw, "size": len(raw)},
    )
    if is_new:
        process_event.defer(event_id=event.pk)
    return event, is_new

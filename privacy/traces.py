"""Rows that tell of a person without a key that leads there: found, and taken out.

Each function works on what is about to go (`Gone`), in the transaction of the erasure, and
returns how many rows it changed or removed.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Model, Q
from django.utils import timezone

from accounts.models import SavedFilter
from interviews.models import (
    Conversation,
    InterviewSession,
    InvitationBatch,
    Message,
    Take,
)
from reviews.models import Export, ExportState, Share
from vacancies.models import Submission
from voice.models import VoiceEvent

# Shorter words are in everybody's name.
SHORTEST_WORD = 3
# How jobs call the rows that they are about.
ARGUMENTS = {
    Take: "take_id",
    Message: "message_id",
    Conversation: "conversation_id",
    InterviewSession: "session_id",
    VoiceEvent: "event_id",
}
# A member of staff may have been a candidate, and is signed in by the same address.
OWN_ACCOUNT = ("_auth", "account")
FORGET_JOBS = """
    DELETE FROM procrastinate_jobs WHERE status <> 'doing' AND EXISTS (
        SELECT FROM jsonb_each_text(args) AS argument
        WHERE argument.key = %s AND argument.value = ANY(%s)
    )
"""


class Gone(NamedTuple):
    """What is about to go: the keys of the rows, and what the person is called.

    `name` and `email` are empty where the person stays on file.
    """

    keys: dict[type[Model], list[Any]]
    name: str
    email: str

    @property
    def sessions(self) -> list[Any]:
        return self.keys[InterviewSession]

    @property
    def conversations(self) -> list[str]:
        return self.keys[Conversation]

    def is_named_in(self, text: str) -> bool:
        """Tell whether a text holds the whole name or the address."""
        text = text.casefold()
        return any(
            known and known.casefold() in text for known in (self.name, self.email)
        )

    def is_searched_by(self, text: str) -> bool:
        """Tell whether somebody who looks for this text looks for the person."""
        words = {word for word in text.casefold().split() if len(word) >= SHORTEST_WORD}
        own = {*self.name.casefold().split(), *self.email.casefold().split("@")[:1]}
        return self.is_named_in(text) or bool(words & own)


def voice_events(gone: Gone) -> list[int]:
    """Return the keys of the events of the person's calls, read or not."""
    known = VoiceEvent.objects.filter(conversation_id__in=gone.conversations)
    found = set(known.values_list("pk", flat=True))
    if gone.conversations:
        unread = VoiceEvent.objects.filter(conversation_id="").only(
            "pk", "raw", "sha256"
        )
        found |= {
            event.pk
            for event in unread.order_by().iterator(chunk_size=20)
            if any(key.encode() in bytes(event.raw) for key in gone.conversations)
        }
    return sorted(found)


def forget_jobs(gone: Gone) -> int:
    """Remove jobs about rows that go; one that runs now finds nothing, and ends."""
    removed = 0
    with connection.cursor() as cursor:
        for model, argument in ARGUMENTS.items():
            if keys := [str(key) for key in gone.keys.get(model, ())]:
                cursor.execute(FORGET_JOBS, [argument, keys])
                removed += cursor.rowcount
    return removed


def forget_log_entries(gone: Gone) -> int:
    """Remove Django's own lines about rows that go, which hold names."""
    lines = Q(pk__in=[])
    for model, keys in gone.keys.items():
        if keys:
            kind = ContentType.objects.get_for_model(model)
            lines |= Q(content_type=kind, object_id__in=[str(key) for key in keys])
    return LogEntry.objects.filter(lines).delete()[0]


def forget_filters(gone: Gone) -> int:
    """Remove saved filters that search for the person, or are called by the name."""
    found = [
        kept.pk
        for kept in SavedFilter.objects.order_by().iterator()
        if any(
            gone.is_searched_by(text)
            for text in [kept.name, *(value for _, value in parse_qsl(kept.query))]
        )
    ]
    return SavedFilter.objects.filter(pk__in=found).delete()[0]


def leave_lists(gone: Gone) -> int:
    """Take the person out of lists of people that are not emptied yet."""
    changed = 0
    lists = InvitationBatch.objects.select_for_update(of=["self"]).exclude(rows=[])
    for batch in lists.order_by("pk"):
        rows = [row for row in batch.rows if not is_about(row, gone)]
        if len(rows) < len(batch.rows):
            batch.rows = rows
            batch.save(update_fields=["rows"])
            changed += 1
    return changed


def is_about(row: Any, gone: Gone) -> bool:
    """Tell whether a row of a list is the person's: a key, or a line as it was read.

    Somebody of the same name with another address is somebody else.
    """
    if not isinstance(row, dict):
        return row in {str(key) for key in gone.sessions}
    address = str(row.get("email", "")).strip().casefold()
    if address and not row.get("problem"):
        return bool(gone.email) and address == gone.email.casefold()
    return gone.is_named_in(f"{row.get('name', '')} {address}")


def mark_exports(gone: Gone) -> list[Export]:
    """Mark the exports that hold the person, or may; return them.

    What a list held when the file was made is known no more: every list exported since
    the person was invited may have.
    """
    keys = {str(key) for key in gone.sessions}
    first = (
        InterviewSession.objects.filter(pk__in=gone.sessions)
        .order_by("created_at")
        .values_list("created_at", flat=True)
        .first()
    )
    if first is None:
        return []
    since = Export.objects.filter(created_at__gte=first).exclude(state=ExportState.GONE)
    found = [
        export
        for export in since
        if "ids" not in export.chosen or keys & set(map(str, export.chosen["ids"]))
    ]
    for export in found:
        # Not the file: its name is still wanted, for it is deleted by that.
        Export.objects.filter(pk=export.pk).update(state=ExportState.GONE, file="")
        # The search may name the person.
        export.chosen = {"ids": []}
        export.save(update_fields=["chosen"])
    return found


def leave_sign_ins(gone: Gone) -> int:
    """Take what names the person out of the sessions of staff: unread messages above all."""
    changed = 0
    for session in Session.objects.filter(expire_date__gt=timezone.now()):
        held = session.get_decoded()
        naming = [
            key
            for key, value in held.items()
            if not key.startswith(OWN_ACCOUNT)
            and gone.is_named_in(json.dumps(value, ensure_ascii=False, default=str))
        ]
        if naming:
            kept = {key: value for key, value in held.items() if key not in naming}
            session.session_data = SessionStore().encode(kept)
            session.save(update_fields=["session_data"])
            changed += 1
    return changed


def forget_submissions(gone: Gone) -> int:
    found = Q(pk__in=[])
    for key in gone.sessions:
        found |= Q(outcome__contains=str(key))
    return Submission.objects.filter(found).delete()[0] if gone.sessions else 0


def revoke_empty(shares: Iterable[int]) -> int:
    """Revoke the links that show nobody any more."""
    empty = Share.objects.filter(pk__in=list(shares), rows=None, revoked_at=None)
    return empty.update(revoked_at=timezone.now())

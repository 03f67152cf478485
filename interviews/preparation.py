"""Making one file of a take's pieces: a worker's business, safe to repeat at any point.

The pieces are deleted only after the file is in the storage and the row says so.
"""

import logging
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from django.core.files import File
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from interviews import audio
from interviews.models import (
    AnswerRevision,
    InterviewProgress,
    Take,
    TakeState,
)
from interviews.takes import close, queue_preparation, take_url
from interviews.turns import MAX_DURATION_MS

logger = logging.getLogger("parley.takes")

# Somebody may speak on when the deadline passes; a take is never longer than this.
LAST_WORDS = timedelta(hours=1)


def prepare(take_id: UUID) -> None:
    """Make a closed take's file, or note that it cannot be read. Harmless when repeated.

    Takes that are open, empty, or prepared already stay as they are.
    """
    take = Take.objects.filter(pk=take_id, state=TakeState.CLOSED, size__gt=0).first()
    if take is None:
        return
    with TemporaryDirectory() as folder:
        try:
            make_file(take, Path(folder))
        except audio.Unreadable:
            logger.warning("a recording cannot be read", extra={"bytes": take.size})
            closed(take).update(state=TakeState.UNREADABLE)


def make_file(take: Take, folder: Path) -> None:
    target = folder / "joined"
    joined = audio.join(write_parts(take, folder), target)
    with target.open("rb") as file:
        storage = take.file.storage
        name = storage.save(f"takes/{take.pk}.{joined.kind}", File(file))
    keep(take, name, joined)


def write_parts(take: Take, folder: Path) -> list[Path]:
    """Write each part into a file of its own, holding one piece in memory at a time."""
    keys = take.chunks.order_by("part", "position").values_list("part", "pk")
    parts: dict[int, Path] = {}
    for part, key in keys:
        path = parts.setdefault(part, folder / str(part))
        with path.open("ab") as file:
            file.write(take.chunks.values_list("data", flat=True).get(pk=key))
    return list(parts.values())


@transaction.atomic
def keep(take: Take, name: str, joined: audio.Joined) -> None:
    """Say that the file is there and how long it is, and let go of the pieces."""
    duration_ms = min(joined.duration_ms, MAX_DURATION_MS)
    kept = closed(take).update(
        state=TakeState.READY,
        file=name,
        content_type=joined.content_type,
        duration_ms=duration_ms,
    )
    if not kept:
        return
    url = take_url(take.pk)
    for answers in (
        InterviewProgress.objects.filter(session=take.session_id),
        AnswerRevision.objects.filter(progress__session=take.session_id),
    ):
        answers.filter(answer_audio_url=url).update(duration_ms=duration_ms)
    take.chunks.all().delete()


def closed(take: Take) -> QuerySet[Take]:
    return Take.objects.filter(pk=take.pk, state=TakeState.CLOSED)


def prepare_what_was_left() -> None:
    """Close the takes nobody will go on with, and queue all that is not prepared yet."""
    close(abandoned())
    queue_preparation(Take.objects.all())


def abandoned() -> QuerySet[Take]:
    """Return open takes of interviews that are over, or of questions answered since."""
    answer = InterviewProgress.objects.filter(
        session=OuterRef("session"), question=OuterRef("question")
    )
    return Take.objects.filter(
        Q(session__finished_at__isnull=False)
        | Q(session__cancelled_at__isnull=False)
        | Q(session__expires_at__lte=timezone.now() - LAST_WORDS)
        | Exists(answer),
        state=TakeState.OPEN,
        size__gt=0,
    )

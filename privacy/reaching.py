"""What no transaction reaches: files, and the voice service's own records of calls.

Each thing is a step, written down with the erasure and tried until it is gone. A step may
be done twice without harm: a file that is not there, and a call that the vendor does not
know, are as good as deleted.
"""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.storage import Storage, storages
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.audit import record
from accounts.models import AuditAction
from core import backup_erasures
from core.queue import queue_once
from interviews.models import Conversation, DataCopy, Take, TakeChunk
from privacy.models import Cause, Erasure, ErasureStep, Extent, Place, StepOutcome
from privacy.tables import Scope
from privacy.traces import Gone
from reviews.exports.making import CONTENT_TYPES
from reviews.models import Export
from voice.models import Call, VoiceEvent
from voice.transcripts import RECORDING
from voice.vendor import VendorError, client, vendor_errors
from voice.workspaces import find, workspaces

logger = logging.getLogger("parley.privacy")

TASK = "privacy.tasks.reach_outside"
SECOND_LOOK = "privacy.tasks.look_again"
# Whatever was being written then, a recording or an export, is written by now.
SECOND_LOOK_AFTER = timedelta(hours=1)
# A call lasts hours at most, and is reported within another.
LATE_FOR = timedelta(days=2)
SHORTEST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
STEPS_AT_ONCE = 1000
NOT_FOUND = 404
# As `interviews.preparation` and `voice.recordings` call them, finished or not.
TAKE_FILES = ("webm", "mp4")


def order(erasure: Erasure, gone: Gone, exports: list[Export]) -> None:
    """Write down what is to follow, and queue it, in the erasure's transaction."""
    keys = gone.keys
    steps = [
        *files(erasure, Place.RECORDINGS, names_of_recordings(keys[Take], gone)),
        *files(erasure, Place.EXPORTS, names_of_exports(exports)),
        *files(erasure, Place.EXPORTS, names_of_copies(keys[DataCopy])),
        *calls(erasure, gone.conversations),
    ]
    ErasureStep.objects.bulk_create(steps, ignore_conflicts=True)
    queue(erasure)


def queue(erasure: Erasure) -> None:
    key = str(erasure.pk)
    queue_once(TASK, key, erasure_id=key)
    app.configure_task(
        SECOND_LOOK,
        queueing_lock=f"{SECOND_LOOK}:{key}",
        schedule_in={"seconds": int(SECOND_LOOK_AFTER.total_seconds())},
        allow_unknown=False,
    ).defer(erasure_id=key)


def files(erasure: Erasure, place: Place, names: set[str]) -> list[ErasureStep]:
    return [
        ErasureStep(erasure=erasure, place=place, name=name) for name in sorted(names)
    ]


def names_of_recordings(takes: list[UUID], gone: Gone) -> set[str]:
    """Return what recordings are called, those too that a worker is about to write."""
    kept = Take.objects.filter(pk__in=takes).exclude(file="")
    heard = Call.objects.filter(pk__in=gone.conversations).exclude(recording="")
    return {
        *(f"takes/{key}.{kind}" for key in takes for kind in TAKE_FILES),
        *(f"{key}.mp3" for key in gone.conversations),
        *kept.values_list("file", flat=True),
        *heard.values_list("recording", flat=True),
    }


def names_of_exports(exports: list[Export]) -> set[str]:
    known = {str(export.file) for export in exports if export.file}
    return known | {
        f"{export.pk}.{kind}" for export in exports for kind in CONTENT_TYPES
    }


def names_of_copies(copies: list[UUID]) -> set[str]:
    kept = DataCopy.objects.filter(pk__in=copies).exclude(file="")
    return {
        *(f"copies/{key}.zip" for key in copies),
        *kept.values_list("file", flat=True),
    }


def calls(erasure: Erasure, conversations: list[str]) -> list[ErasureStep]:
    """Return a step for each call: in its workspace, or wherever it may have been."""
    everywhere = [one.name for one in workspaces() if one.api_key]
    known = dict(
        Call.objects.filter(pk__in=conversations).values_list("pk", "workspace")
    )
    return [
        ErasureStep(erasure=erasure, place=Place.VENDOR, name=key, workspace=workspace)
        for key in conversations
        for workspace in ([known[key]] if key in known else everywhere)
    ]


def take_recordings(scope: Scope) -> Erasure | None:
    """Remove an interview's recordings, and order their files to follow; None: no such."""
    takes = list(Take.objects.filter(session__in=scope.sessions))
    heard = Call.objects.filter(conversation__session__in=scope.sessions)
    conversations = list(heard.filter(has_audio=True).values_list("pk", flat=True))
    if not takes and not conversations:
        return None
    erasure = Erasure.objects.create(
        extent=Extent.RECORDINGS,
        cause=Cause.RETENTION,
        candidate_key=scope.candidate_key,
    )
    keys: dict[type[Model], list[Any]] = {
        Take: [take.pk for take in takes],
        Conversation: conversations,
        DataCopy: [],
    }
    order(erasure, Gone(keys, "", ""), [])
    pieces = TakeChunk.objects.filter(take__in=takes)
    brought = VoiceEvent.objects.filter(
        kind=RECORDING, conversation_id__in=conversations
    )
    counts = {
        "answer_take_chunk": pieces.delete()[0],
        "answer_take": Take.objects.filter(pk__in=keys[Take]).delete()[0],
        "voice_event": brought.delete()[0],
        # Not to be fetched again: there is none.
        "voice_call": heard.filter(pk__in=conversations).update(
            recording="", has_audio=False
        ),
    }
    erasure.counts = {table: number for table, number in counts.items() if number}
    erasure.save(update_fields=["counts"])
    record(
        AuditAction.ERASED,
        erasure,
        actor=Cause.RETENTION.value,
        detail=f"recordings of interview {scope.sessions[0]}",
    )
    return erasure


def reach(erasure_id: UUID) -> None:
    """Do the steps that are due; the erasure is finished when none is left."""
    erasure = Erasure.objects.filter(pk=erasure_id, finished_at=None).first()
    if erasure is None:
        return
    note(erasure)
    due = erasure.steps.filter(done_at=None, next_try_at__lte=timezone.now())
    for step in due.order_by("next_try_at", "pk")[:STEPS_AT_ONCE]:
        do(step)
    finish(erasure)


def note(erasure: Erasure) -> None:
    """Put the person on the list by which a restored backup is put right."""
    if erasure.noted_at or erasure.extent != Extent.PERSON:
        return
    backup_erasures.note(erasure.candidate_key)
    erasure.noted_at = timezone.now()
    erasure.save(update_fields=["noted_at"])


@transaction.atomic
def finish(erasure: Erasure) -> None:
    if not erasure.steps.filter(done_at=None).exists():
        unfinished = Erasure.objects.filter(pk=erasure.pk, finished_at=None)
        unfinished.update(finished_at=timezone.now())


def do(step: ErasureStep) -> None:
    """Try a step; what fails is noted, and tried again later."""
    step.attempts += 1
    try:
        step.outcome = removed(step)
    except (OSError, VendorError) as error:
        postpone(step, str(error) if isinstance(error, VendorError) else "")
    except Exception as error:  # noqa: BLE001 (each storage has errors of its own)
        postpone(step, type(error).__name__)
    else:
        step.done_at, step.problem = timezone.now(), ""
    step.save()


def postpone(step: ErasureStep, problem: str) -> None:
    wait = min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** min(step.attempts - 1, 10))
    step.next_try_at = timezone.now() + wait
    step.problem = (problem or "The storage refused it")[:300]
    logger.warning("a step of an erasure failed", extra={"place": step.place})


def removed(step: ErasureStep) -> StepOutcome:
    """Remove what the step is about; raises what the storage raises, and VendorError."""
    if step.place == Place.VENDOR:
        return deleted_by_vendor(step)
    storage = storage_of(step)
    was_there = storage.exists(step.name)
    storage.delete(step.name)
    return StepOutcome.DELETED if was_there else StepOutcome.ABSENT


def storage_of(step: ErasureStep) -> Storage:
    return storages[step.place]


def deleted_by_vendor(step: ErasureStep) -> StepOutcome:
    workspace = find(step.workspace)
    if workspace is None or not workspace.api_key:
        raise VendorError(f"The workspace {step.workspace} is not configured")
    try:
        with vendor_errors(workspace):
            # Tried again by the step's own rule.
            conversations = client(workspace).conversational_ai.conversations
            conversations.delete(step.name, request_options={"max_retries": 0})
    except VendorError as error:
        if error.status == NOT_FOUND:
            return StepOutcome.ABSENT
        raise
    return StepOutcome.DELETED


def look_again(erasure_id: UUID) -> None:
    """Delete the files once more: somebody may have been writing one at the time."""
    steps = ErasureStep.objects.filter(erasure=erasure_id, done_at__isnull=False)
    for step in steps.exclude(place=Place.VENDOR).iterator(chunk_size=500):
        storage = storage_of(step)
        if storage.exists(step.name):
            storage.delete(step.name)
            ErasureStep.objects.filter(pk=step.pk).update(
                outcome=StepOutcome.DELETED, done_at=timezone.now()
            )


def go_on() -> None:
    """Take up what is due again, and forget what came late."""
    forget_what_came_late()
    due = Erasure.objects.unfinished().filter(
        steps__done_at=None, steps__next_try_at__lte=timezone.now()
    )
    for erasure in due.distinct():
        queue_once(TASK, str(erasure.pk), erasure_id=str(erasure.pk))


@transaction.atomic
def forget_what_came_late() -> int:
    """Remove reports of erased calls that came afterwards, and have the call erased again."""
    since = timezone.now() - LATE_FOR
    ended = ErasureStep.objects.filter(
        place=Place.VENDOR, erasure__erased_at__gte=since
    ).exclude(erasure__extent=Extent.RECORDINGS)
    late = VoiceEvent.objects.filter(
        received_at__gte=since, conversation_id__in=ended.values("name")
    )
    names = set(late.values_list("conversation_id", flat=True))
    again = ended.filter(name__in=names)
    Erasure.objects.filter(steps__in=again).update(finished_at=None)
    again.update(done_at=None, outcome="", next_try_at=timezone.now())
    return late.filter(conversation_id__in=names).delete()[0]

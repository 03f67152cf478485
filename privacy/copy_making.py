"""Making copies: at once if they are small, by the worker if they are large."""

import json
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID
from zipfile import ZipFile

from django.core.files import File
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.audit import record
from accounts.models import AuditAction, User
from candidates.models import Candidate
from core.queue import queue_once
from interviews.models import (
    CopyState,
    DataCopy,
    InterviewSession,
    SessionQuerySet,
)
from interviews.models.data_copies import copies_storage
from privacy import copy_files
from reviews import blind
from reviews.rating import peek

KEPT = timedelta(days=7)
# In bytes of sound: some minutes of it, which are packed while the browser waits.
MOST_AT_ONCE = 8 * 1024 * 1024
FOLDER = "copies"
MAKE = "privacy.copy_tasks.make_copy"


def ask_for_own(session: InterviewSession, *, language: str) -> DataCopy:
    """Have the candidate's copy of one interview made: it is ready now, or soon."""
    return ask(
        DataCopy(
            candidate=session.candidate,
            session=session,
            language=language,
        )
    )


def ask_for_all(candidate: Candidate, *, user: User, language: str) -> DataCopy:
    """Have a copy of all made that the person may see of a candidate.

    It tells what colleagues think: whoever could not see that yet has seen it by this.
    """
    for session in sessions_of(candidate, user).filter(started_at__isnull=False):
        if not blind.may_see_others(user, session):
            peek(session=session, reviewer=user)
    return ask(DataCopy(candidate=candidate, asked_by=user, language=language))


@transaction.atomic
def ask(wanted: DataCopy) -> DataCopy:
    """Return the copy that is wanted: the one that is being made already, or a new one."""
    # One click at a time.
    Candidate.objects.select_for_update(no_key=True).get(pk=wanted.candidate_id)
    same = DataCopy.objects.filter(
        candidate=wanted.candidate_id,
        session=wanted.session_id,
        asked_by=wanted.asked_by_id,
        state=CopyState.QUEUED,
    ).first()
    if same:
        return same
    wanted.save(force_insert=True)
    queue_once(MAKE, str(wanted.pk), copy_id=str(wanted.pk))
    return wanted


def is_small(wanted: DataCopy) -> bool:
    return copy_files.size_of_audio(sessions_for(wanted)) <= MOST_AT_ONCE


def make_if_small(wanted: DataCopy) -> None:
    """Make a small copy while the browser waits; the worker then finds it done."""
    if is_small(wanted):
        make_and_keep(wanted.pk)


def sessions_for(wanted: DataCopy) -> list[InterviewSession]:
    """Return the interviews that go into a copy, as may be seen now."""
    if wanted.session_id:
        found = InterviewSession.objects.filter(pk=wanted.session_id)
    else:
        assert wanted.asked_by is not None  # by a constraint
        found = sessions_of(wanted.candidate, wanted.asked_by)
    return list(with_all(found))


def sessions_of(candidate: Candidate, user: User) -> SessionQuerySet:
    return InterviewSession.objects.visible_to(user).filter(candidate=candidate)


def with_all(sessions: SessionQuerySet) -> SessionQuerySet:
    return (
        sessions.select_related("candidate", "vacancy__company", "script", "consent")
        .defer("vacancy__company__logo")
        .order_by("created_at")
    )


def sessions_in(wanted: DataCopy) -> list[InterviewSession]:
    """Return the interviews that a copy holds, as its own table of contents says."""
    with opened(wanted) as file, ZipFile(file) as archive:
        contents = json.loads(archive.read(copy_files.CONTENTS))
    keys = [row["id"] for row in contents]
    return list(InterviewSession.objects.filter(pk__in=keys))


def opened(wanted: DataCopy) -> File:
    """Open the file of a copy, each time anew; raises FileNotFoundError."""
    return wanted.file.storage.open(str(wanted.file), "rb")


def may_still_have(wanted: DataCopy) -> bool:
    """Tell whether it is there, and who asked may still see all that is in it."""
    now = {session.pk for session in sessions_for(wanted)}
    try:
        return all(session.pk in now for session in sessions_in(wanted))
    except FileNotFoundError:
        return False


def write_all(candidate: Candidate, file: IO[bytes], *, language: str) -> int:
    """Write everything held about a candidate; return the number of interviews."""
    sessions = list(with_all(InterviewSession.objects.filter(candidate=candidate)))
    copy_files.write(candidate, sessions, file, language=language, is_whole=True)
    return len(sessions)


def make_and_keep(copy_id: UUID) -> None:
    """Make a copy and keep it for some days; nothing happens if it is there already."""
    wanted = (
        DataCopy.objects.select_related("candidate", "asked_by")
        .filter(pk=copy_id)
        .exclude(state=CopyState.READY)
        .first()
    )
    if wanted is None:
        return
    try:
        with TemporaryFile() as file:
            write_copy(wanted, file)
            keep(wanted, file)
    except Exception:
        unmade = DataCopy.objects.filter(pk=copy_id).exclude(state=CopyState.READY)
        unmade.update(state=CopyState.FAILED)
        raise


def write_copy(wanted: DataCopy, file: IO[bytes]) -> None:
    sessions = sessions_for(wanted)
    number = InterviewSession.objects.filter(candidate=wanted.candidate_id).count()
    copy_files.write(
        wanted.candidate,
        sessions,
        file,
        language=wanted.language,
        is_whole=number == len(sessions),
    )


def keep(wanted: DataCopy, file: IO[bytes]) -> None:
    """Store the file under the copy's key, so that making it twice leaves one."""
    name = copies_storage().save(f"{FOLDER}/{wanted.pk}.zip", File(file, name="copy"))
    kept = DataCopy.objects.filter(pk=wanted.pk).update(
        state=CopyState.READY, file=name, ready_at=timezone.now()
    )
    if not kept:  # the candidate was erased meanwhile
        copies_storage().delete(name)


def record_download(wanted: DataCopy, *, request: HttpRequest) -> None:
    """Add to the log of each interview in it that the copy was taken."""
    actor = "" if wanted.asked_by_id else "the candidate"
    for session in sessions_in(wanted):
        record(
            AuditAction.EXPORTED,
            session,
            request=request,
            detail="copy of the data",
            actor=actor,
        )


def delete_old() -> None:
    """Delete copies after some days, and files whose copy is gone."""
    for old in DataCopy.objects.filter(created_at__lt=timezone.now() - KEPT):
        if old.file:
            old.file.delete(save=False)
        old.delete()
    try:
        _, names = copies_storage().listdir(FOLDER)
    except FileNotFoundError:
        return
    kept = {str(key) for key in DataCopy.objects.values_list("pk", flat=True)}
    for name in names:
        if name.partition(".")[0] not in kept:
            copies_storage().delete(f"{FOLDER}/{name}")

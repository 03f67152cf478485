"""Making files of interviews: at once if they are few, by the worker if they are many."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, NamedTuple
from uuid import UUID

from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from accounts.audit import record
from accounts.models import AuditAction, User
from core.queue import queue_once
from core.replica import reading_what_is_written
from interviews.models import InterviewSession, SessionQuerySet
from reviews.exports.as_csv import write_csv
from reviews.exports.as_json import write_json
from reviews.exports.as_pdf import write_reports
from reviews.exports.as_xlsx import write_xlsx
from reviews.exports.choosing import (
    UnreadableList,
    chosen_sessions,
    questions_of_one_vacancy,
)
from reviews.exports.rows import Interview, interviews
from reviews.models import Export, ExportFormat, ExportState
from reviews.models.exports import exports_storage

# A report takes a third of a second, a line of a table next to nothing.
MOST_AT_ONCE = {ExportFormat.PDF: 10}
MOST_ROWS_AT_ONCE = 100
KEPT = timedelta(days=7)
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "pdf": "application/pdf",
    "zip": "application/zip",
}
RIGHT = "reviews.add_export"


class NothingToExport(Exception):
    """Not one of the interviews that were chosen is this person's to see."""


class Counted:
    """Interviews on their way into a file: how many, and of which vacancies.

    `first` are the first of them, by their keys alone: what the log names one by one.
    """

    def __init__(self, rows: Iterator[Interview]) -> None:
        self.rows, self.count = rows, 0
        self.by_vacancy: Counter[int] = Counter()
        self.first: list[InterviewSession] = []

    def __iter__(self) -> Iterator[Interview]:
        return self

    def __next__(self) -> Interview:
        row = next(self.rows)
        key, vacancy_id = row.session.pk, row.session.vacancy_id
        self.count += 1
        self.by_vacancy[vacancy_id] += 1
        if self.count <= MOST_ROWS_AT_ONCE:
            self.first.append(InterviewSession(pk=key, vacancy_id=vacancy_id))
        return row


class Made(NamedTuple):
    """What a file turned out to be: its extension, and what is in it."""

    extension: str
    rows: Counted


def most_at_once(export_format: str) -> int:
    """Return how many interviews are made while the browser waits."""
    return MOST_AT_ONCE.get(ExportFormat(export_format), MOST_ROWS_AT_ONCE)


def is_large(export: Export) -> bool:
    """Tell whether an export is for the worker to make; raises UnreadableList."""
    most = most_at_once(export.format)
    sessions = chosen_sessions(export.chosen, export.user).order_by()
    return sessions[: most + 1].count() > most


def make(export: Export, file: IO[bytes]) -> Made:
    """Write the file an export asks for, with what its person may see now.

    The file is left at its beginning. Raises NothingToExport, also if the person has lost
    the right to export, and UnreadableList.
    """
    user = export.user
    if not user.is_active or not user.has_perm(RIGHT):
        raise NothingToExport
    with override(export.language):
        sessions = chosen_sessions(export.chosen, user)
        rows = Counted(
            interviews(sessions, user, portal=export.chosen.get("portal", ""))
        )
        extension = write(export, sessions, rows, file)
    if not rows.count:
        raise NothingToExport
    file.seek(0)
    return Made(extension, rows)


def write(
    export: Export, sessions: SessionQuerySet, rows: Counted, file: IO[bytes]
) -> str:
    """Write the interviews in the export's format; return the extension."""
    if export.format == ExportFormat.PDF:
        return write_reports(rows, file, for_whom=export.user.email)
    if export.format == ExportFormat.CSV:
        write_csv(rows, file, export.chosen.get("separator", ","))
    elif export.format == ExportFormat.XLSX:
        write_xlsx(rows, file, questions_of_one_vacancy(sessions))
    else:
        write_json(rows, file)
    return export.format


def make_at_once(export: Export, file: IO[bytes]) -> Made:
    """Write a file that the portal does not keep, and record whose data it holds."""
    made = make(export, file)
    with transaction.atomic():
        for session in made.rows.first:
            record(
                AuditAction.EXPORTED,
                session,
                user=export.user,
                vacancy_id=session.vacancy_id,
                detail=f"{export.format}: {made.rows.count}",
            )
    return made


@transaction.atomic
def ask(export: Export) -> Export:
    """Have the worker make the file; asked for twice, it is made once."""
    # One click of this person at a time.
    User.objects.select_for_update(no_key=True).get(pk=export.user_id)
    same = Export.objects.filter(
        user=export.user_id,
        format=export.format,
        language=export.language,
        chosen=export.chosen,
        state=ExportState.QUEUED,
    ).first()
    if same:
        return same
    export.save(force_insert=True)
    queue(export)
    return export


@transaction.atomic
def ask_again(export: Export) -> None:
    """Have a file made that could not be; nothing happens to any other."""
    failed = Export.objects.filter(pk=export.pk, state=ExportState.FAILED)
    if failed.update(state=ExportState.QUEUED, rows=None):
        queue(export)


def queue(export: Export) -> None:
    queue_once("reviews.tasks.make_export", str(export.pk), export_id=str(export.pk))


def make_and_keep(export_id: UUID) -> None:
    """Make the file of an export and keep it; nothing happens if it is there already.

    What goes wrong is seen on the page of exports, and raised.
    """
    export = Export.objects.select_related("user").filter(pk=export_id).first()
    if export is None or export.state in {ExportState.READY, ExportState.GONE}:
        return
    try:
        with TemporaryFile() as file:
            with reading_what_is_written():
                made = make(export, file)
            keep(export, made, file)
    except (NothingToExport, UnreadableList):
        fail(export, rows=0)
    except Exception:
        fail(export, rows=None)
        raise


def fail(export: Export, *, rows: int | None) -> None:
    unmade = Export.objects.filter(pk=export.pk).exclude(
        state__in=[ExportState.READY, ExportState.GONE]
    )
    unmade.update(state=ExportState.FAILED, rows=rows)


def keep(export: Export, made: Made, file: IO[bytes]) -> None:
    """Store the file under the export's key, so that making it twice leaves one."""
    name = exports_storage().save(
        f"{export.pk}.{made.extension}", File(file, name="export")
    )
    with transaction.atomic():
        wanted = Export.objects.filter(pk=export.pk).exclude(state=ExportState.GONE)
        kept = wanted.update(
            state=ExportState.READY,
            rows=made.rows.count,
            file=name,
            ready_at=timezone.now(),
        )
        if kept:
            record_by_vacancy(export, made.rows)
    # Its person was deleted meanwhile, or somebody in it was erased.
    if not kept:
        exports_storage().delete(name)


def record_by_vacancy(export: Export, rows: Counted) -> None:
    """Add a line for each vacancy: so its own recruiters can read of it."""
    for vacancy_id, count in rows.by_vacancy.items():
        record(
            AuditAction.EXPORTED,
            export,
            user=export.user,
            vacancy_id=vacancy_id,
            detail=f"{export.format}: {count}",
        )


def delete_old() -> None:
    """Delete exports after some days, and files whose export is gone."""
    for export in Export.objects.filter(created_at__lt=timezone.now() - KEPT):
        if export.file:
            export.file.delete(save=False)
        export.delete()
    _, names = exports_storage().listdir("")
    kept = {str(key) for key in Export.objects.values_list("pk", flat=True)}
    for name in names:
        if name.partition(".")[0] not in kept:
            exports_storage().delete(name)

"""Erasing a person, or one interview, or its recordings: at once in the database.

All of it is one transaction, with the proof, the line of the audit log, and the job that
reaches files and the voice service (`privacy.reaching`). Whatever dies, either everything
is there still, or the rows are gone and the rest is on its way.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from accounts.audit import record
from accounts.models import AuditAction, User
from candidates.models import Candidate
from interviews.models import (
    CandidateRequest,
    InterviewSession,
    RequestKind,
    TakeChunk,
)
from privacy import holds, proof, reaching, traces
from privacy.exceptions import AlreadyErased, Held, StillOpen
from privacy.models import Cause, Erasure, Extent, LegalHold
from privacy.tables import InterviewConsent, Scope, held
from privacy.traces import Gone
from reviews.models import SharedSession, Standing
from voice.models import Place, VoiceEvent

# Parts of what is shown: nobody knows them by a name.
UNNAMED = {InterviewConsent, Place, SharedSession, Standing, TakeChunk}
# Says to the database that what is never removed goes now (reviews, migration 0002).
ERASING = "SELECT set_config('parley.erasing', 'on', true)"


class Order(NamedTuple):
    """Why something is erased, and who says so; nobody where a period is over."""

    cause: Cause
    user: User | None = None
    # An open interview is ended by it.
    ends_open: bool = False


class Outlook(NamedTuple):
    """What would go, by what people call it, and what stands against it."""

    rows: list[tuple[str, int]]
    conversations: int
    holds: list[LegalHold]
    open_sessions: list[InterviewSession]


def scope_of(candidate: Candidate) -> Scope:
    """Return all that is of the person."""
    keys = candidate.sessions.order_by("pk").values_list("pk", flat=True)
    return Scope(candidate.pk, list(keys), is_person=True)


def outlook(scope: Scope) -> Outlook:
    """Look at what would go; nothing is changed."""
    keys = dict(held(scope))
    rows = [
        (str(model._meta.verbose_name_plural), len(found))
        for model, found in keys.items()
        if found and model not in UNNAMED
    ]
    gone = Gone(keys, "", "")
    events = len(traces.voice_events(gone))
    if events:
        rows.append((str(VoiceEvent._meta.verbose_name_plural), events))
    return Outlook(
        rows, len(gone.conversations), list(holds.on(scope)), list(open_of(scope))
    )


def open_of(scope: Scope) -> QuerySet[InterviewSession]:
    """Return the interviews that their candidate may still go on with."""
    sessions = InterviewSession.objects.filter(pk__in=scope.sessions)
    return sessions.open().unexpired().select_related("vacancy").order_by("pk")


@transaction.atomic
def erase_person(*, candidate: Candidate, order: Order) -> Erasure:
    """Erase all that is of a candidate.

    Raises Held, StillOpen and AlreadyErased.
    """
    candidate = locked(candidate.pk)
    scope = scope_of(candidate)
    lock_sessions(scope)
    check(scope, order)
    requested_at = asked_at(scope)
    if requested_at and order.cause == Cause.STAFF:
        order = order._replace(cause=Cause.REQUEST)
    erasure = Erasure.objects.create(
        extent=Extent.PERSON,
        cause=order.cause,
        candidate_key=candidate.pk,
        address_hash=proof.hash_of(candidate.email),
        asked_by=order.user,
        requested_at=requested_at,
    )
    return remove(erasure, scope, candidate.name, candidate.email)


@transaction.atomic
def erase_interview(*, session_id: UUID, order: Order) -> Erasure:
    """Erase one interview; the person too, if there is no other.

    Raises Held, StillOpen and AlreadyErased.
    """
    session = InterviewSession.objects.filter(pk=session_id).first()
    if session is None:
        raise AlreadyErased
    candidate = locked(session.candidate_id)
    if not candidate.sessions.exclude(pk=session_id).exists():
        return erase_person(candidate=candidate, order=order)
    scope = Scope(candidate.pk, [session_id], is_person=False)
    lock_sessions(scope)
    check(scope, order)
    erasure = Erasure.objects.create(
        extent=Extent.INTERVIEW,
        cause=order.cause,
        candidate_key=candidate.pk,
        asked_by=order.user,
    )
    return remove(erasure, scope, "", "")


def locked(candidate_key: int) -> Candidate:
    """Return the candidate's row, held until the end; raises AlreadyErased."""
    rows = Candidate.objects.select_for_update(of=["self"])
    candidate = rows.filter(pk=candidate_key).first()
    if candidate is None:
        raise AlreadyErased
    return candidate


def lock_sessions(scope: Scope) -> None:
    """Let no answer come, and no call begin, from now on."""
    rows = InterviewSession.objects.filter(pk__in=scope.sessions).order_by("pk")
    list(rows.select_for_update(of=["self"]).values_list("pk", flat=True))


def check(scope: Scope, order: Order) -> None:
    """Raise Held or StillOpen if something stands against it."""
    if holds.on(scope).exists():
        raise Held
    if not order.ends_open and open_of(scope).exists():
        raise StillOpen


def asked_at(scope: Scope) -> datetime | None:
    """Return when the person first asked for it, if that waits still."""
    asked = CandidateRequest.objects.filter(
        session__in=scope.sessions, kind=RequestKind.ERASURE, handled_at=None
    )
    return asked.order_by("created_at").values_list("created_at", flat=True).first()


def remove(erasure: Erasure, scope: Scope, name: str, email: str) -> Erasure:
    """Remove the rows, and order what lies outside to follow."""
    keys = dict(held(scope))
    gone = Gone(keys, name, email)
    keys[VoiceEvent] = traces.voice_events(gone)
    vacancies = vacancies_of(scope)
    shares = shares_of(scope)
    exports = traces.mark_exports(gone)
    reaching.order(erasure, gone, exports)
    with connection.cursor() as cursor:
        cursor.execute(ERASING)
    counts = Counter(
        {
            "procrastinate_jobs": traces.forget_jobs(gone),
            "django_admin_log": traces.forget_log_entries(gone),
            "saved_filter": traces.forget_filters(gone),
            "invitation_batch": traces.leave_lists(gone),
            "form_submission": traces.forget_submissions(gone),
            "django_session": traces.leave_sign_ins(gone),
            "export": len(exports),
        }
    )
    counts += delete_rows(keys)
    counts["share"] = traces.revoke_empty(shares)
    erasure.counts = {
        table: number for table, number in sorted(counts.items()) if number
    }
    erasure.save(update_fields=["counts"])
    tell(erasure, vacancies)
    return erasure


def delete_rows(keys: dict[type[Model], list[Any]]) -> Counter[str]:
    """Delete the rows, in the order of the tables; return how many of each."""
    counts: Counter[str] = Counter()
    for model, found in keys.items():
        _, deleted = model._default_manager.filter(pk__in=found).delete()
        for label, number in deleted.items():
            counts[table_of(label)] += number
    return counts


def table_of(label: str) -> str:
    return apps.get_model(label)._meta.db_table


def vacancies_of(scope: Scope) -> list[int]:
    sessions = InterviewSession.objects.filter(pk__in=scope.sessions).order_by()
    return sorted(set(sessions.values_list("vacancy", flat=True)))


def shares_of(scope: Scope) -> list[int]:
    rows = SharedSession.objects.filter(session__in=scope.sessions).order_by()
    return sorted(set(rows.values_list("share", flat=True)))


def tell(erasure: Erasure, vacancies: Sequence[int]) -> None:
    """Add to the log that it was done, for the recruiters of each vacancy."""
    rows = sum(erasure.counts.values())
    told: Sequence[int | None] = vacancies or [None]
    for vacancy in told:
        record(
            AuditAction.ERASED,
            erasure,
            user=erasure.asked_by,
            actor="" if erasure.asked_by else "retention",
            vacancy_id=vacancy,
            detail=(
                f"{erasure.extent} of candidate {erasure.candidate_key}, "
                f"{erasure.cause}, rows: {rows}"
            ),
        )


@transaction.atomic
def erase_recordings(*, session_id: UUID) -> Erasure | None:
    """Erase an interview's recordings, here and at the vendor; what was said stays.

    None if there are none. Raises Held and AlreadyErased.
    """
    session = InterviewSession.objects.filter(pk=session_id).first()
    if session is None:
        raise AlreadyErased
    locked(session.candidate_id)
    scope = Scope(session.candidate_id, [session_id], is_person=False)
    lock_sessions(scope)
    check(scope, Order(Cause.RETENTION, ends_open=True))
    return reaching.take_recordings(scope)

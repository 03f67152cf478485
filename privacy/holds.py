"""Legal holds: what must be kept, until a person releases it."""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.audit import record
from accounts.models import AuditAction, User
from interviews.models import InterviewSession
from privacy.models import LegalHold
from privacy.tables import Scope


def on(scope: Scope) -> QuerySet[LegalHold]:
    """Return the holds that stand against erasing this."""
    sessions = InterviewSession.objects.filter(pk__in=scope.sessions)
    return LegalHold.objects.standing().filter(
        Q(candidate=scope.candidate_key)
        | Q(session__in=scope.sessions)
        | Q(vacancy__in=sessions.values("vacancy"))
    )


def held(reference: str = "") -> Exists:
    """Return the condition that an interview is held; `reference` leads to it."""
    start = f"{reference}__" if reference else ""
    holds = LegalHold.objects.standing().filter(
        Q(session=OuterRef(f"{start}pk"))
        | Q(candidate=OuterRef(f"{start}candidate"))
        | Q(vacancy=OuterRef(f"{start}vacancy"))
    )
    return Exists(holds)


@transaction.atomic
def place(*, hold: LegalHold, user: User) -> LegalHold:
    """Place a hold that was filled in; from now on nothing of it is erased.

    Waits for an erasure that has begun: then there is nothing left to hold, and the
    database refuses the row.
    """
    hold.placed_by = user
    hold.save(force_insert=True)
    record(AuditAction.HELD, hold, user=user, detail=what(hold), vacancy_id=whose(hold))
    return hold


@transaction.atomic
def release(*, hold: LegalHold, user: User) -> bool:
    """Release a hold; False if somebody already had."""
    standing = LegalHold.objects.standing().filter(pk=hold.pk)
    if not standing.update(released_at=timezone.now(), released_by=user):
        return False
    record(
        AuditAction.RELEASED, hold, user=user, detail=what(hold), vacancy_id=whose(hold)
    )
    return True


def what(hold: LegalHold) -> str:
    """Name by its key what is held."""
    keys: dict[str, Any] = {
        "candidate": hold.candidate_id,
        "interview": hold.session_id,
        "vacancy": hold.vacancy_id,
    }
    return next(f"{kind} {key}" for kind, key in keys.items() if key)


def whose(hold: LegalHold) -> int | None:
    """Return the key of the vacancy whose recruiters may read of it."""
    return hold.session.vacancy_id if hold.session else hold.vacancy_id

"""Periods: what was kept long enough is erased, every night.

A period is counted from the last decision on an interview. Without one it is counted from
the interview's end: when it was finished or cancelled, and if it was neither, from its
deadline, which covers invitations nobody followed and interviews broken off. While the
deadline is still to come, nothing is counted. A decision taken later counts anew.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from interviews.models import InterviewSession, SessionQuerySet, Take
from privacy import erasing, holds
from privacy.erasing import Order
from privacy.exceptions import AlreadyErased, Held, StillOpen
from privacy.models import Cause
from reviews.models import Decision
from vacancies.models import Vacancy
from vacancies.retention import kept_days, recordings_kept_days
from voice.models import Call

logger = logging.getLogger("parley.privacy")

BATCH = 200
SOON = timedelta(days=30)
A_DAY = Value(timedelta(days=1), DurationField())


class Due(NamedTuple):
    """What of a vacancy falls due; days 0: it is kept for ever."""

    vacancy: Vacancy
    days: int
    recording_days: int
    interviews: int
    recordings: int
    held: int
    interviews_soon: int


class Done(NamedTuple):
    """How many interviews went, and of how many the recordings alone."""

    interviews: int
    recordings: int


def counted_from() -> Greatest:
    """Return the moment from which an interview's periods run, as an expression."""
    decided = (
        Decision.objects.filter(session=OuterRef("pk"))
        .order_by()
        .values("session")
        .annotate(last=Max("decided_at"))
        .values("last")
    )
    return Greatest(
        Coalesce("finished_at", "cancelled_at", "expires_at"),
        Subquery(decided, output_field=DateTimeField()),
    )


def days(column: str, default: int) -> Coalesce:
    """Return the vacancy's period in days, or the portal's, as an expression."""
    return Coalesce(
        F(f"vacancy__{column}"), Value(default), output_field=IntegerField()
    )


def ended() -> SessionQuerySet:
    """Return all interviews with their periods: `since`, `days`, `recording_days`."""
    return InterviewSession.objects.alias(
        since=counted_from(),
        days=days("retention_days", settings.RETENTION_DAYS),
        recording_days=days("audio_retention_days", settings.RECORDING_RETENTION_DAYS),
    ).order_by()


def over(period: str, moment: datetime) -> Q:
    """Return the condition that a period is over by then; 0 days never are."""
    length = ExpressionWrapper(F(period) * A_DAY, DurationField())
    last = ExpressionWrapper(
        Value(moment, DateTimeField()) - length, output_field=DateTimeField()
    )
    return Q(**{f"{period}__gt": 0, "since__lte": last})


def due(moment: datetime) -> SessionQuerySet:
    """Return the interviews that are to be erased."""
    return ended().filter(over("days", moment)).exclude(holds.held())


def held(moment: datetime) -> SessionQuerySet:
    """Return the interviews that would be, if no legal hold stood against it."""
    return ended().filter(over("days", moment)).filter(holds.held())


def due_recordings(moment: datetime) -> SessionQuerySet:
    """Return the interviews whose recordings alone are to be erased."""
    taken = Take.objects.filter(session=OuterRef("pk"))
    heard = Call.objects.filter(conversation__session=OuterRef("pk"), has_audio=True)
    return (
        ended()
        .filter(over("recording_days", moment), Exists(taken) | Exists(heard))
        .exclude(over("days", moment))
        .exclude(holds.held())
    )


def run(moment: datetime | None = None) -> Done:
    """Erase what is due; each interview by itself, so that a run may end anywhere."""
    moment = moment or timezone.now()
    done = Done(
        sum(map(erase, batches(due(moment)))),
        sum(map(erase_recordings, batches(due_recordings(moment)))),
    )
    if any(done):
        logger.info("periods were over", extra=done._asdict())
    return done


def batches(sessions: SessionQuerySet) -> Iterator[UUID]:
    """Yield the keys, a batch at a time; what could not be erased is passed over."""
    last: UUID | None = None
    while True:
        rest = sessions.filter(pk__gt=last) if last else sessions
        keys = list(rest.order_by("pk").values_list("pk", flat=True)[:BATCH])
        yield from keys
        if len(keys) < BATCH:
            return
        last = keys[-1]


def erase(session_id: UUID) -> bool:
    """Erase an interview; False if something has come between."""
    try:
        erasing.erase_interview(session_id=session_id, order=Order(Cause.RETENTION))
    except (AlreadyErased, Held, StillOpen):
        return False
    return True


def erase_recordings(session_id: UUID) -> bool:
    try:
        return erasing.erase_recordings(session_id=session_id) is not None
    except (AlreadyErased, Held):
        return False


def forecast(moment: datetime | None = None) -> list[Due]:
    """Return what is due of each vacancy, and what will be; nothing is erased."""
    moment = moment or timezone.now()
    now, soon = by_vacancy(due(moment)), by_vacancy(due(moment + SOON))
    recordings, kept = by_vacancy(due_recordings(moment)), by_vacancy(held(moment))
    return [
        Due(
            vacancy,
            kept_days(vacancy),
            recordings_kept_days(vacancy),
            now.get(vacancy.pk, 0),
            recordings.get(vacancy.pk, 0),
            kept.get(vacancy.pk, 0),
            soon.get(vacancy.pk, 0) - now.get(vacancy.pk, 0),
        )
        for vacancy in Vacancy.objects.actual().order_by("title", "pk")
    ]


def by_vacancy(sessions: SessionQuerySet) -> dict[int, int]:
    counted = sessions.values("vacancy").annotate(number=Count("pk"))
    return dict(counted.values_list("vacancy", "number"))

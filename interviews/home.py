"""What the first page tells of interviews: which end soon, which go on now, the last week.

Each function asks a fixed number of queries, and none counts further than it shows.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    Max,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce, Greatest, TruncDate
from django.utils import timezone

from accounts.models import User
from candidates.models import Consent
from interviews.models import (
    CandidateRequest,
    EventKind,
    InterviewProgress,
    InterviewSession,
    Message,
    MessageState,
    SessionEvent,
    SessionQuerySet,
    Take,
    TakeState,
)
from vacancies.models import VacancyStatus

SOON = timedelta(days=3)
LIVE = timedelta(minutes=30)
# Trouble that nobody cared for in a month is no news.
LATELY = timedelta(days=30)
ROWS = 10
MOST_COUNTED = 100


class Some(NamedTuple):
    """The first rows, and how many there are: at most MOST_COUNTED, more if `is_more`."""

    rows: list[InterviewSession]
    total: int
    is_more: bool


class LiveInterview(NamedTuple):
    """An interview that goes on now, at question `position` of `total`."""

    session: InterviewSession
    position: int
    total: int
    last_sign: datetime

    @property
    def minutes(self) -> int:
        """Return how long ago it gave a sign of life, in whole minutes."""
        return (timezone.now() - self.last_sign) // timedelta(minutes=1)


def some(sessions: SessionQuerySet) -> Some:
    """Return the first rows and their number, without counting a whole table."""
    counted = capped(sessions)
    rows = sessions.select_related("candidate", "vacancy", "consent")[:ROWS]
    return Some(list(rows), min(counted, MOST_COUNTED), counted > MOST_COUNTED)


def capped(rows: QuerySet[Any]) -> int:
    """Return how many rows there are, at most MOST_COUNTED + 1."""
    return rows.order_by().values("pk")[: MOST_COUNTED + 1].count()


def ending_soon(user: User) -> Some:
    """Return open interviews whose deadline is near, the nearest first."""
    sessions = ending(InterviewSession.objects.visible_to(user))
    return some(sessions.order_by("expires_at"))


def ending(sessions: SessionQuerySet) -> SessionQuerySet:
    """Return those whose deadline is near.

    Not those whose candidate has refused, nor those that cannot begin any more.
    """
    now = timezone.now()
    refused = Consent.objects.filter(pk=OuterRef("consent"), given=False)
    return (
        sessions.open()
        .filter(expires_at__gt=now, expires_at__lte=now + SOON)
        .exclude(Exists(refused))
        .exclude(started_at=None, vacancy__status=VacancyStatus.CLOSED)
    )


def live(user: User) -> list[LiveInterview]:
    """Return the interviews that gave a sign of life lately, the latest first."""
    now = timezone.now()
    since = now - LIVE
    answers = InterviewProgress.objects.filter(session=OuterRef("pk"))
    events = SessionEvent.objects.filter(session=OuterRef("pk"))
    sessions = (
        InterviewSession.objects.visible_to(user)
        .filter(
            pk__in=signs_of_life(since),
            finished_at=None,
            cancelled_at=None,
            started_at__isnull=False,
            expires_at__gt=now,
        )
        .annotate(
            last_sign=Greatest(
                "started_at", latest(answers, "timestamp"), latest(events, "at")
            )
        )
        .select_related("candidate", "vacancy")
        .with_progress()
        .order_by("-last_sign")
    )
    return [live_interview(session) for session in sessions[: ROWS * 2]]


def signs_of_life(since: datetime) -> QuerySet[Any, Any]:
    """Return the keys of the interviews: each kind of sign is found by its own index."""
    answered = InterviewProgress.objects.filter(timestamp__gte=since).order_by()
    noted = SessionEvent.objects.filter(at__gte=since).order_by()
    started = InterviewSession.objects.filter(started_at__gte=since).order_by()
    return started.values("pk").union(
        answered.values("session"), noted.values("session")
    )


def live_interview(session: Any) -> LiveInterview:
    """Return where the interview is; of a row with its progress and last sign of life."""
    total = session.question_count
    position = min(session.answered_count + 1, total)
    return LiveInterview(session, position, total, session.last_sign)


def latest(rows: object, field: str) -> Coalesce:
    last = rows.order_by().values("session").annotate(last=Max(field)).values("last")  # type: ignore[attr-defined]
    return Coalesce(Subquery(last, output_field=DateTimeField()), "started_at")


def mails_in_trouble(user: User) -> int:
    """Return how many interviews' e-mails failed or came back lately."""
    since = timezone.now() - LATELY
    return capped(
        Message.objects.visible_to(user).filter(
            state__in=[MessageState.FAILED, MessageState.BOUNCED], queued_at__gte=since
        )
    )


def recordings_in_trouble(user: User) -> int:
    """Return how many interviews have a recording that cannot be played."""
    unreadable = Take.objects.filter(
        state=TakeState.UNREADABLE, began_at__gte=timezone.now() - LATELY
    )
    return capped(
        InterviewSession.objects.visible_to(user).filter(
            pk__in=unreadable.values("session")
        )
    )


def calls_in_trouble(user: User) -> int:
    """Return how many interviews had trouble in a call in the last days."""
    failed = SessionEvent.objects.filter(
        kind=EventKind.CALL_FAILED, at__gte=timezone.now() - SOON
    )
    return capped(
        InterviewSession.objects.visible_to(user).filter(
            pk__in=failed.values("session")
        )
    )


def open_requests(user: User) -> int:
    return capped(CandidateRequest.objects.visible_to(user).filter(handled_at=None))


def overdue_requests(user: User) -> int:
    return capped(CandidateRequest.objects.visible_to(user).overdue())


def last_days(first: date, user: User) -> dict[str, dict[date, int]]:
    """Return how many were invited, began and finished on each day since the first."""
    sessions = InterviewSession.objects.visible_to(user)
    fields = {
        "invited": "created_at",
        "started": "started_at",
        "finished": "finished_at",
    }
    return {name: by_day(sessions, field, first) for name, field in fields.items()}


def by_day(rows: object, field: str, first: date) -> dict[date, int]:
    """Return how many rows fall on each day since the first, in the portal's zone."""
    begin = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    found: Iterable[tuple[date, int]] = (
        rows.filter(**{f"{field}__gte": begin})  # type: ignore[attr-defined]
        .order_by()
        .annotate(day=TruncDate(field))
        .values("day")
        .annotate(number=Count("pk"))
        .values_list("day", "number")
    )
    return dict(found)

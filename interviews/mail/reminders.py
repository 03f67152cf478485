"""Reminders: some days and some hours before the deadline, to those who have not finished."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, Func, OuterRef, Q, TextField
from django.utils import timezone

from interviews.mail import delivery, outbox
from interviews.models import (
    InterviewSession,
    Message,
    MessageKind,
    MessageState,
    SessionQuerySet,
)
from interviews.services import TIME_TO_FINISH
from vacancies.models import VacancyStatus

DAYS_BEFORE, HOURS_BEFORE = timedelta(days=3), timedelta(hours=2)
# Later than this before the deadline, a letter would only annoy.
TOO_LATE = timedelta(minutes=10)
# Nobody is reminded of what they have just been told.
REST = {
    MessageKind.REMINDER_DAYS: timedelta(days=1),
    MessageKind.REMINDER_HOURS: timedelta(hours=2),
}
AT_ONCE = 500
DEADLINE_AS_OCCASION = Func(
    F("expires_at"),
    template=(
        "to_char(%(expressions)s AT TIME ZONE 'UTC', "
        """'YYYY-MM-DD"T"HH24:MI:SS.US')"""
    ),
    output_field=TextField(),
)


def remind() -> int:
    """Queue the reminders that are due; return how many. What is left comes next time."""
    if not delivery.is_on():
        return 0
    now = timezone.now()
    return remind_of(
        MessageKind.REMINDER_HOURS, now + TOO_LATE, now + HOURS_BEFORE
    ) + remind_of(MessageKind.REMINDER_DAYS, now + HOURS_BEFORE, now + DAYS_BEFORE)


def remind_of(kind: MessageKind, after: datetime, until: datetime) -> int:
    sessions = due(kind, after, until).order_by("expires_at")[:AT_ONCE]
    return outbox.queue(sessions=sessions, kind=kind)


def due(kind: MessageKind, after: datetime, until: datetime) -> SessionQuerySet:
    """Return the interviews whose deadline lies between, and who were not reminded of it.

    Only those whom the portal has written to before, and not just now. Read along the
    index of open interviews' deadlines: what ended long ago costs nothing.
    """
    now = timezone.now()
    written = Message.objects.filter(session=OuterRef("pk"))
    reminded = written.filter(kind=kind, occasion=OuterRef("deadline_named"))
    sent = written.filter(state=MessageState.SENT)
    return (
        InterviewSession.objects.open()
        .alias(deadline_named=DEADLINE_AS_OCCASION)
        .filter(
            Q(opens_at=None) | Q(opens_at__lte=now),
            # Whoever has just begun is at it.
            Q(started_at=None) | Q(started_at__lte=now - TIME_TO_FINISH),
            Q(consent=None) | Q(consent__given=True),
            Exists(sent),
            ~Exists(sent.filter(sent_at__gt=now - REST[kind])),
            ~Exists(reminded),
            expires_at__gt=after,
            expires_at__lte=until,
            created_at__lte=now - REST[kind],
            vacancy__status=VacancyStatus.OPEN,
            vacancy__sends_reminders=True,
        )
    )

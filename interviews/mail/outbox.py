"""Letters to candidates: queued with what they tell of, sent once by the worker."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop, override
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.types import JSONValue

from accounts.models import User
from core.fields import plain, sealed
from interviews.mail import delivery
from interviews.mail.letters import Letter, compose
from interviews.models import (
    EventKind,
    InterviewSession,
    Message,
    MessageKind,
    MessageState,
    SessionState,
)
from vacancies.models import VacancyStatus

logger = logging.getLogger(__name__)

SEND = "interviews.tasks.send_message"
# Whoever asks again so soon has clicked twice.
SAME_CLICK = timedelta(minutes=1)
MOST_ATTEMPTS = 7
# Longer than any server takes to answer: a worker silent for so long has died.
PATIENCE = timedelta(minutes=15)
LONGEST_WAIT = timedelta(days=1)
# A list of thousands must not keep recordings and calls waiting.
AFTER_ALL_ELSE = -10
OF_A_DEADLINE = frozenset(
    {
        MessageKind.REMINDER_DAYS,
        MessageKind.REMINDER_HOURS,
        MessageKind.DEADLINE_MOVED,
    }
)
WAITING = frozenset({MessageState.QUEUED, MessageState.SENDING})
# Of a job: it waits for a worker, or has one.
UNDER_WAY = ("todo", "doing")
WELCOME = {
    MessageKind.INVITATION: {
        SessionState.NOT_OPEN,
        SessionState.INVITED,
        SessionState.IN_PROGRESS,
    },
    MessageKind.REMINDER_DAYS: {SessionState.INVITED, SessionState.IN_PROGRESS},
    MessageKind.REMINDER_HOURS: {SessionState.INVITED, SessionState.IN_PROGRESS},
    MessageKind.DEADLINE_MOVED: {
        SessionState.NOT_OPEN,
        SessionState.INVITED,
        SessionState.IN_PROGRESS,
    },
    MessageKind.CANCELLED: {SessionState.CANCELLED},
}
UNCLEAR = gettext_noop(
    "It is unclear whether this e-mail went out: the connection ended in the middle."
)
NOT_SENT = gettext_noop("Nothing could be sent for a whole day.")
REMINDERS = frozenset({MessageKind.REMINDER_DAYS, MessageKind.REMINDER_HOURS})


@transaction.atomic
def queue(
    *, sessions: Iterable[InterviewSession], kind: str, asked_by: User | None = None
) -> int:
    """Queue one letter for each session, unless it is on its way; return how many.

    A second click within a minute asks for the same letter; what tells of a deadline is
    sent once for each deadline. In a constant number of queries.
    """
    keys = [session.pk for session in sessions]
    # One at a time for each interview: two workers, two clicks.
    locked = (
        InterviewSession.objects.select_for_update(no_key=True)
        .filter(pk__in=keys)
        .order_by("pk")
    )
    earlier = defaultdict(list)
    rows = list(locked)
    for message in Message.objects.filter(session__in=keys, kind=kind).defer("body"):
        earlier[message.session_id].append(message)
    queued = Message.objects.bulk_create(
        Message(session=session, kind=kind, occasion=occasion, asked_by=asked_by)
        for session in rows
        if (occasion := occasion_of(session, kind, earlier[session.pk])) is not None
    )
    if queued:
        jobs: list[dict[str, JSONValue]] = [{"message_id": m.pk} for m in queued]
        app.configure_task(
            SEND, priority=AFTER_ALL_ELSE, allow_unknown=False
        ).batch_defer(*jobs)
    return len(queued)


def occasion_of(
    session: InterviewSession, kind: str, earlier: list[Message]
) -> str | None:
    """Name what the letter is about; None: it was queued already."""
    if kind in OF_A_DEADLINE:
        deadline = deadline_occasion(session.expires_at)
        is_queued = any(message.occasion == deadline for message in earlier)
        return None if is_queued else deadline
    if any(is_same_click(message) for message in earlier):
        return None
    return str(len(earlier) + 1) if earlier else ""


def deadline_occasion(moment: datetime) -> str:
    """Name a deadline, as `reminders.DEADLINE_AS_OCCASION` does in the database."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def is_same_click(message: Message) -> bool:
    return message.state in WAITING or message.queued_at > timezone.now() - SAME_CLICK


def send(message_id: int, *, is_taken_up: bool = False) -> None:
    """Send a letter that waits; harmless when repeated, by any number of workers.

    No lock is held while the server is spoken to. So the row says "being sent" first, and
    a worker that dies in the middle leaves it at that: whether the letter went out is
    then unknown. The queue has the job taken up again (`is_taken_up`), and the letter is
    sent under the same Message-ID, which mailboxes show once: a candidate who gets it
    twice is better off than one who never does. Raises TryLater for the queue to try again.
    """
    claimed = claim(message_id, is_taken_up=is_taken_up)
    if claimed is None:
        return
    message, letter = claimed
    try:
        provider_id = delivery.deliver(letter, to=message.to, key=key_of(message))
    except delivery.TryLater as error:
        if message.attempts < MOST_ATTEMPTS:
            end(message, MessageState.QUEUED, problem=str(error))
            raise
        end(message, MessageState.FAILED, problem=str(error))
    except delivery.Unclear as error:
        end(message, MessageState.FAILED, problem=unclear(str(error)))
    except delivery.NotSent as error:
        end(message, MessageState.FAILED, problem=str(error))
    else:
        mark_sent(message, provider_id)


@transaction.atomic
def claim(
    message_id: int, *, is_taken_up: bool = False
) -> tuple[Message, Letter] | None:
    """Make the letter this worker's to send, and write it; None: it is not to be sent."""
    states = WAITING if is_taken_up else {MessageState.QUEUED}
    message = (
        Message.objects.select_for_update(of=["self"])
        .select_related("session__candidate", "session__vacancy__company")
        .select_related("session__consent", "session__script")
        .defer("session__vacancy__company__logo")
        .filter(pk=message_id, state__in=states)
        .first()
    )
    if message is None:
        return None
    # As it stands in the code: whoever reads it has a language of their own.
    with override(None):
        problem = delivery.problem()
    if problem:
        end(message, MessageState.FAILED, problem=problem)
        return None
    if not is_wanted(message):
        end(message, MessageState.SKIPPED)
        return None
    letter = compose(message.session, message.kind)
    message.state = MessageState.SENDING
    message.tried_at = timezone.now()
    message.attempts += 1
    message.to = message.session.candidate.email
    message.subject, message.body = letter.subject[:300], letter.text
    message.save()
    return message, letter


def key_of(message: Message) -> str:
    """Name the letter for good; numbers alone begin anew with a restored database."""
    return f"letter {message.pk} {message.queued_at.isoformat()}"


def is_wanted(message: Message) -> bool:
    """Tell whether the letter is still true: the interview may have ended meanwhile."""
    session = message.session
    if session.state not in WELCOME[MessageKind(message.kind)]:
        return False
    if message.kind in OF_A_DEADLINE and message.occasion != deadline_occasion(
        session.expires_at
    ):
        return False
    vacancy = session.vacancy
    return message.kind not in REMINDERS or (
        vacancy.sends_reminders and vacancy.status == VacancyStatus.OPEN
    )


def end(message: Message, state: MessageState, *, problem: str = "") -> None:
    words = sealed(message, "problem", problem[:500])
    Message.objects.filter(pk=message.pk).update(state=state, problem=words)


@transaction.atomic
def mark_sent(message: Message, provider_id: str) -> None:
    """Keep that the letter went out. A bounce may have been quicker, and stays."""
    now = timezone.now()
    rows = Message.objects.filter(pk=message.pk)
    rows.update(sent_at=now, provider_id=provider_id[:200])
    rows.exclude(state=MessageState.BOUNCED).update(state=MessageState.SENT, problem="")
    message.session.events.create(kind=EventKind.MAILED, at=now, detail=message.kind)


def give_up_on_the_lost() -> None:
    """End what a failing worker left unfinished, and no job will take up again."""
    now = timezone.now()
    jobs = ProcrastinateJob.objects.filter(task_name=SEND, status__in=UNDER_WAY)
    died = (
        Message.objects.filter(state=MessageState.SENDING, tried_at__lte=now - PATIENCE)
        .exclude(pk__in=list(jobs.values_list("args__message_id", flat=True)))
        .update(state=MessageState.FAILED, problem=plain(unclear("")))
    )
    left = Message.objects.filter(
        state=MessageState.QUEUED, queued_at__lte=now - LONGEST_WAIT
    ).update(state=MessageState.FAILED, problem=plain(NOT_SENT))
    if died or left:
        logger.warning("letters given up", extra={"died": died, "left": left})


def unclear(words: str) -> str:
    """Say that nobody knows, before the words of the server."""
    return f"{UNCLEAR}\n{words}".strip()

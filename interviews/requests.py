"""What candidates say to the hiring team beside their answers: requests, and a rating."""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from interviews import services
from interviews.exceptions import NotAvailable, RequestIsFull
from interviews.models import (
    CandidateRequest,
    EventKind,
    InterviewSession,
    RequestKind,
    SessionState,
)

# In characters: of one message, and of all that one request gathers.
MAX_MESSAGE_LENGTH = 2_000
MAX_REQUEST_LENGTH = 20_000

Rule = Callable[[InterviewSession], bool]
MAY_ASK: dict[str, Rule] = {
    RequestKind.ANOTHER_WAY: lambda session: session.finished_at is None,
    RequestKind.HUMAN_REVIEW: lambda session: session.started_at is not None,
    RequestKind.ERASURE: lambda session: True,
    # Done, not asked for: interviews.rights.
    RequestKind.WITHDRAWAL: lambda session: False,
}


def check_may_ask(session: InterviewSession, kind: str) -> None:
    """Raise NotAvailable if the session is in no state to ask for this."""
    if not MAY_ASK[kind](session):
        raise NotAvailable


@transaction.atomic
def ask(*, session: InterviewSession, kind: str, message: str = "") -> bool:
    """Record what the candidate asks for; False if it was asked already.

    While a request is open, a further one of its kind only adds its message to it.
    Raises NotAvailable as `check_may_ask` does, and RequestIsFull.
    """
    session = services.lock(session)
    check_may_ask(session, kind)
    # Locked: a person may be handling it, and then this is a new one.
    asked = (
        session.requests.select_for_update().filter(kind=kind, handled_at=None).first()
    )
    if asked:
        add_message(asked, message)
        return False
    session.requests.create(kind=kind, message=message)
    session.events.create(kind=EventKind.REQUESTED, detail=kind)
    return True


def add_message(asked: CandidateRequest, message: str) -> None:
    if not message or asked.message.endswith(message):
        return  # sent twice
    text = f"{asked.message}\n\n{message}".lstrip()
    if len(text) > MAX_REQUEST_LENGTH:
        raise RequestIsFull
    asked.message = text
    asked.save(update_fields=["message"])


@transaction.atomic
def handle(*, asked: CandidateRequest, user: User, note: str) -> bool:
    """Record that a person has dealt with a request; False if somebody already had."""
    asked = CandidateRequest.objects.select_for_update().get(pk=asked.pk)
    if asked.handled_at:
        return False
    asked.handled_at = timezone.now()
    asked.handled_by = user
    asked.note = note
    asked.save(update_fields=["handled_at", "handled_by", "note"])
    return True


@transaction.atomic
def rate(*, session: InterviewSession, rating: int) -> None:
    """Keep how the interview was for the candidate, 1 to 5; the last word counts.

    Raises NotAvailable before the interview is finished.
    """
    session = services.lock(session)
    if session.state != SessionState.FINISHED:
        raise NotAvailable
    session.rating = rating
    session.save(update_fields=["rating"])

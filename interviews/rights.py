"""What candidates may always do: take their consent back, and refuse scores by AI.

Whoever scores asks `may_be_scored` first, for each interview and each time.
"""

from django.db import transaction
from django.utils import timezone

from candidates.services import record_withdrawal
from interviews import services
from interviews.exceptions import NotAvailable
from interviews.models import (
    EventKind,
    InterviewSession,
    RequestKind,
    Take,
)
from interviews.takes import close

WITHDRAWN = "consent_withdrawn"


@transaction.atomic
def withdraw_consent(*, session: InterviewSession) -> bool:
    """Take the consent back: the interview ends, and the hiring team is told.

    False if it was withdrawn already. Raises NotAvailable before the start, when there is
    nothing to take back. From then on no endpoint and no recording takes anything.
    """
    session = services.lock(session)
    if session.consent_withdrawn_at:
        return False
    if session.started_at is None or session.consent is None:
        raise NotAvailable
    services.set_consent(session, record_withdrawal(session.consent))
    end(session)
    # A piece of a recording may be on its way: it comes to a closed door.
    close(Take.objects.filter(session=session.pk))
    session.events.create(kind=EventKind.WITHDRAWN)
    session.requests.get_or_create(kind=RequestKind.WITHDRAWAL, handled_at=None)
    return True


def end(session: InterviewSession) -> None:
    """Close the interview, unless it is over: what was answered stays until erased."""
    session.consent_withdrawn_at = timezone.now()
    if not session.finished_at and not session.cancelled_at:
        session.finished_at = session.consent_withdrawn_at
        session.finish_reason = WITHDRAWN
    session.save(update_fields=["consent_withdrawn_at", "finished_at", "finish_reason"])


def has_scoring_choice(session: InterviewSession) -> bool:
    """Tell whether there is anything to say no to, or yes again."""
    return bool(session.scoring_told_at) and not session.consent_withdrawn_at


@transaction.atomic
def choose_scoring(*, session: InterviewSession, allows: bool) -> bool:
    """Keep whether AI may suggest scores; False if that was the last word already.

    Raises NotAvailable where no AI scores this interview.
    """
    session = services.lock(session)
    if not has_scoring_choice(session):
        raise NotAvailable
    if allows == (session.scoring_declined_at is None):
        return False
    session.scoring_declined_at = None if allows else timezone.now()
    session.save(update_fields=["scoring_declined_at"])
    kind = EventKind.SCORING_ALLOWED if allows else EventKind.SCORING_DECLINED
    session.events.create(kind=kind)
    return True


def may_be_scored(session: InterviewSession) -> bool:
    """Tell whether AI may suggest scores for this interview, now.

    Only where the vacancy uses it still, the candidate was told before agreeing, has not
    said no, and has not taken the consent back. Reads the vacancy.
    """
    return (
        session.vacancy.uses_ai_scores
        and has_scoring_choice(session)
        and session.scoring_declined_at is None
    )

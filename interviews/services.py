"""Changes of a session's state, apart from its turns (interviews.turns)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from candidates.consent import consent_hash, consent_paragraphs
from candidates.models import Candidate, Consent
from candidates.services import record_consent
from interviews.exceptions import ConsentTextChanged, NotAvailable, NoticeTooShort
from interviews.models import (
    Conversation,
    EventKind,
    InterviewSession,
    SessionEvent,
    SessionState,
    default_deadline,
    is_expired,
)
from vacancies.companies import Employer, employer
from vacancies.models import Vacancy
from vacancies.notice import earliest_opening
from vacancies.services import freeze_script

# Whoever starts in the last minute before the deadline still has time to finish.
TIME_TO_FINISH = timedelta(hours=3)
PAGE_OF_THE_CALL = "call"
CALL_EVENTS = {
    "connected": EventKind.CALL_CONNECTED,
    "error": EventKind.CALL_FAILED,
    "disconnected": EventKind.CALL_DISCONNECTED,
}


def spoken_to_ai() -> bool:
    """Tell whether this installation has a voice agent."""
    return bool(settings.ELEVENLABS_API_KEY)


def offers_call(vacancy: Vacancy) -> bool:
    """Tell whether the vacancy's candidates may call the agent: not if voice stays here."""
    return spoken_to_ai() and not vacancy.keeps_voice_here


def lock(session: InterviewSession) -> InterviewSession:
    return (
        InterviewSession.objects.select_for_update(of=["self"])
        .select_related("vacancy__company", "candidate", "consent")
        .defer("vacancy__company__logo")
        .get(pk=session.pk)
    )


class Invited(NamedTuple):
    """Everybody's session, and which of them this invitation made or revived."""

    sessions: list[InterviewSession]
    fresh: list[InterviewSession]


def invite(
    *,
    candidate: Candidate,
    vacancy: Vacancy,
    expires_at: datetime | None = None,
    opens_at: datetime | None = None,
) -> InterviewSession:
    """Return the candidate's session for the vacancy, made if there is none to use.

    A second click, or a second invitation, gives the same link. After the deadline the
    link gets a new one: whoever had begun continues, with the answers so far.
    """
    [session] = invite_all(
        candidates=[candidate],
        vacancy=vacancy,
        expires_at=expires_at,
        opens_at=opens_at,
    ).sessions
    return session


@transaction.atomic
def invite_all(
    *,
    candidates: Sequence[Candidate],
    vacancy: Vacancy,
    expires_at: datetime | None = None,
    opens_at: datetime | None = None,
) -> Invited:
    """Invite them all, as `invite` does each, in a constant number of queries.

    `expires_at` is the deadline of those who get a new one; without it, the usual one.
    Where the vacancy gives notice, nobody is asked before it is over: `opens_at` is moved.
    Raises NoticeTooShort if a new one's deadline, as given, would pass before that.
    """
    earliest = earliest_opening(vacancy, timezone.now())
    opens_at = max(filter(None, [opens_at, earliest]), default=None)
    deadline = expires_at or default_deadline(opens_at if earliest else None)
    keys = [candidate.pk for candidate in candidates]
    # One invitation of each candidate at a time.
    list(Candidate.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    known = {
        session.candidate_id: session
        for session in InterviewSession.objects.open().filter(
            vacancy=vacancy, candidate__in=keys
        )
    }
    missing = [candidate for candidate in candidates if candidate.pk not in known]
    if missing and earliest and opens_at and deadline <= opens_at:
        raise NoticeTooShort
    revived = [s for s in known.values() if is_expired(s.status, s.expires_at)]
    for session in revived:
        session.expires_at = deadline
    InterviewSession.objects.bulk_update(revived, ["expires_at"])
    made = InterviewSession.objects.bulk_create(
        InterviewSession(
            candidate=candidate,
            vacancy=vacancy,
            expires_at=deadline,
            opens_at=opens_at,
        )
        for candidate in dict.fromkeys(missing)
    )
    SessionEvent.objects.bulk_create(
        SessionEvent(session=session, kind=EventKind.INVITED)
        for session in [*made, *revived]
    )
    by_candidate = known | {session.candidate_id: session for session in made}
    return Invited([by_candidate[key] for key in keys], [*made, *revived])


@transaction.atomic
def move_deadline(*, session: InterviewSession, expires_at: datetime) -> bool:
    """Give one candidate until then; an expired interview is open again.

    False if nothing changed: the interview is over, or has this deadline already.
    """
    session = lock(session)
    if session.finished_at or session.cancelled_at or session.expires_at == expires_at:
        return False
    session.expires_at = expires_at
    session.save(update_fields=["expires_at"])
    session.events.create(
        kind=EventKind.DEADLINE_MOVED, detail=expires_at.isoformat(timespec="minutes")
    )
    return True


@transaction.atomic
def cancel(*, session: InterviewSession) -> bool:
    """Withdraw an open session; the answers so far stay. False if it was not open."""
    session = lock(session)
    if session.finished_at or session.cancelled_at:
        return False
    session.cancelled_at = timezone.now()
    session.save(update_fields=["cancelled_at"])
    session.events.create(kind=EventKind.CANCELLED)
    return True


@transaction.atomic
def decline(*, session: InterviewSession) -> None:
    """Record that the candidate refused consent; open to a change of mind."""
    session = lock(session)
    if session.state == SessionState.DECLINED:
        return
    if session.state != SessionState.INVITED:
        raise NotAvailable
    keep_consent(session, given=False)
    session.events.create(kind=EventKind.DECLINED)


@transaction.atomic
def start(
    *, session: InterviewSession, agreed_to: str = "", declines_scores: bool = False
) -> InterviewSession:
    """Record consent, freeze the script, start the clock; harmless when repeated.

    `agreed_to` is the hash of the text that the candidate saw; raises ConsentTextChanged
    if it is another by now. `declines_scores`: that no AI shall suggest scores.
    """
    session = lock(session)
    if session.state == SessionState.IN_PROGRESS:
        return session
    if session.state not in {SessionState.INVITED, SessionState.DECLINED}:
        raise NotAvailable
    keep_consent(session, given=True, agreed_to=agreed_to)
    session.script = freeze_script(session.vacancy)
    session.started_at = timezone.now()
    session.expires_at = max(session.expires_at, session.started_at + TIME_TO_FINISH)
    session.save(update_fields=["script", "started_at", "expires_at"])
    session.events.create(kind=EventKind.STARTED, at=session.started_at)
    if session.vacancy.uses_ai_scores:
        keep_told_of_scores(session, declines=declines_scores)
    return session


def keep_consent(
    session: InterviewSession, *, given: bool, agreed_to: str = ""
) -> None:
    """Record what the candidate said to the text that is shown now."""
    paragraphs = consent_text(session.vacancy)
    if agreed_to and agreed_to != consent_hash(paragraphs):
        raise ConsentTextChanged
    consent = record_consent(
        candidate=session.candidate,
        given=given,
        language=session.vacancy.language,
        paragraphs=paragraphs,
    )
    set_consent(session, consent)


def consent_text(vacancy: Vacancy, who: Employer | None = None) -> list[str]:
    """Return the paragraphs that a candidate of the vacancy reads before the start.

    `who` is the vacancy's employer, if that is known already.
    """
    return consent_paragraphs(
        vacancy,
        employer=who or employer(vacancy),
        spoken_to_ai=offers_call(vacancy),
    )


def set_consent(session: InterviewSession, consent: Consent) -> None:
    """Make it the session's last word; what was said before stays on record."""
    session.consent = consent
    session.save(update_fields=["consent"])
    session.consents.add(consent)


def keep_told_of_scores(session: InterviewSession, *, declines: bool) -> None:
    session.scoring_told_at = session.started_at
    session.scoring_declined_at = session.started_at if declines else None
    session.save(update_fields=["scoring_told_at", "scoring_declined_at"])
    if declines:
        session.events.create(kind=EventKind.SCORING_DECLINED)


def resume(*, session: InterviewSession) -> None:
    """Note that the candidate came back, on this device or another."""
    if session.state != SessionState.IN_PROGRESS:
        raise NotAvailable
    session.events.create(kind=EventKind.RESUMED)


@transaction.atomic
def note_call(
    *,
    session: InterviewSession,
    event: str,
    conversation_id: str = "",
    detail: str = "",
) -> None:
    """Follow a call with the voice agent, as the candidate's page reports it.

    The page names the call only where the vendor did not before it began.
    """
    session = lock(session)
    if session.state != SessionState.IN_PROGRESS:
        raise NotAvailable
    session.events.create(kind=CALL_EVENTS[event], detail=detail[:200])
    if (
        event == "connected"
        and not session.conversation_id
        and claim_conversation(session, conversation_id)
    ):
        session.conversation_id = conversation_id
        session.save(update_fields=["conversation_id"])


@transaction.atomic
def open_conversation(*, session: InterviewSession, conversation_id: str) -> bool:
    """Bind a call to the session before it begins; from now on only that call may write.

    An empty id frees the session of the call before: the page reports the new one's id.
    False if the conversation is another session's.
    """
    session = lock(session)
    if session.state != SessionState.IN_PROGRESS:
        raise NotAvailable
    if conversation_id and not claim_conversation(session, conversation_id):
        return False
    session.conversation_id = conversation_id
    # A page left open with a question must not overwrite what is said in the call.
    session.page_id = PAGE_OF_THE_CALL
    session.save(update_fields=["conversation_id", "page_id"])
    session.events.create(kind=EventKind.CALL_STARTING)
    return True


def claim_conversation(session: InterviewSession, conversation_id: str) -> bool:
    """Bind the conversation to the session; False if it is another session's."""
    conversation, _ = Conversation.objects.get_or_create(
        id=conversation_id, defaults={"session": session}
    )
    return conversation.session_id == session.pk

"""Holding the answers on record against what was said in the calls.

What the agent never stored is filled in, what it retold gains the candidate's own words,
and a session whose questions are all answered is closed when the agent did not close it.
Everything here may be repeated: it leads to the same.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from interviews import evidence, turns
from interviews.models import (
    Channel,
    InterviewProgress,
    InterviewSession,
    SessionState,
)
from interviews.services import lock
from vacancies.scripts import FrozenScript
from voice.askings import words
from voice.models import Call, CallStatus
from voice.spans import Span, spans

# The end of a call that named another session than its own: its words are shown, but
# nothing is made of them.
FOREIGN = "named another session"
# The end of a call whose record never came, or never was.
NO_RECORD = "no record came"
KNOWN = (CallStatus.DONE, CallStatus.FAILED)
# Answers came by these ways; one in writing is the candidate's own already.
SPOKEN = {Channel.AGENT, Channel.TRANSCRIPT}
# The agent may save the last answer while the call ends, and clocks differ a little.
AFTER_THE_END = timedelta(minutes=2)
CLOCK_DIFFERENCE = 5  # seconds


class Heard(NamedTuple):
    """A span and the call it is of."""

    call: Call
    span: Span

    @property
    def said_at(self) -> datetime:
        return started_at(self.call) + timedelta(seconds=self.span.end)

    @property
    def audio_url(self) -> str:
        """Where these words can be heard; empty until the recording has come."""
        if not self.call.recording:
            return ""
        return f"{recording_url(self.call)}#t={self.span.start},{self.span.end}"


def recording_url(call: Call) -> str:
    return reverse("recording", args=[call.pk])


@transaction.atomic
def reconcile(session_id: UUID) -> None:
    """Bring a session's answers in line with the calls whose record has come."""
    session = lock(InterviewSession(pk=session_id))
    calls = list(calls_of(session))
    if session.script:
        script = session.script.frozen()
        update_answers(session, script, heard_in(script, usable(calls)))
        close_if_done(session, script, calls)
    known = [call.pk for call in calls if call.status in KNOWN]
    # The database's clock, by which the session's end is dated too.
    Call.objects.filter(pk__in=known).update(reconciled_at=Now())


def calls_of(session: InterviewSession) -> QuerySet[Call]:
    return (
        Call.objects.filter(conversation__session=session)
        .select_related("conversation")
        .prefetch_related("turns")
    )


def usable(calls: Iterable[Call]) -> list[Call]:
    return [
        call for call in calls if call.status in KNOWN and call.end_reason != FOREIGN
    ]


def heard_in(script: FrozenScript, calls: Iterable[Call]) -> list[Heard]:
    """Return what the candidate said to which question, in the order of the calls."""
    return [
        Heard(call, span)
        for call in calls
        for span in spans(
            script, list(call.turns.all()), duration=call.duration_seconds
        )
    ]


def update_answers(
    session: InterviewSession, script: FrozenScript, heard: Sequence[Heard]
) -> None:
    answers = {answer.question_id: answer for answer in session.answers.all()}
    is_open = session.state == SessionState.IN_PROGRESS
    for question in script.questions:
        said = [one for one in heard if one.span.question_id == question.id]
        answer = answers.get(question.id)
        if answer is None or answer.channel == Channel.TRANSCRIPT:
            fill_in(session, answer, said, is_open=is_open)
        if answer and answer.channel in SPOKEN:
            add_words(answer, said)


def fill_in(
    session: InterviewSession,
    answer: InterviewProgress | None,
    said: Sequence[Heard],
    *,
    is_open: bool,
) -> None:
    """Store the fullest answer that was given, or bring the one stored so up to it.

    While the session goes on, only one that was complete: a call that broke off in the
    middle of an answer is continued, and the question asked again.
    """
    given = [one for one in said if one.span.is_complete or not is_open]
    if not given:
        return
    best = max(given, key=lambda one: (one.span.is_complete, len(words(one.span.text))))
    found: dict[str, Any] = {
        "text": best.span.text,
        "said_at": best.said_at,
        "duration_ms": best.span.duration_ms,
        "audio_url": best.audio_url,
    }
    if answer:
        evidence.renew_answer(answer, **found)
    else:
        evidence.fill_in_answer(
            session=session, question_id=best.span.question_id, **found
        )


def add_words(answer: InterviewProgress, said: Sequence[Heard]) -> None:
    """Give an answer the words it was made of: the last ones before it was stored."""
    before = [one for one in said if is_of(answer, one)]
    if not before:
        return
    heard = before[-1]
    is_same = words(heard.span.text) == words(answer.answer_text)
    evidence.add_evidence(
        answer=answer,
        verbatim_text="" if is_same else heard.span.text,
        duration_ms=heard.span.duration_ms,
        audio_url=heard.audio_url,
    )


def is_of(answer: InterviewProgress, heard: Heard) -> bool:
    start = started_at(heard.call)
    asked_at = start + timedelta(seconds=heard.span.asked_at - CLOCK_DIFFERENCE)
    length = heard.call.duration_seconds
    end = start + timedelta(seconds=heard.span.end if length is None else length)
    return asked_at <= answer.timestamp <= end + AFTER_THE_END


def started_at(call: Call) -> datetime:
    return call.started_at or call.conversation.opened_at


def close_if_done(
    session: InterviewSession, script: FrozenScript, calls: Sequence[Call]
) -> None:
    """Finish a session that has all its answers, once no call of it goes on."""
    if session.state != SessionState.IN_PROGRESS:
        return
    answered = session.answers.values_list("question_id", flat=True)
    running = {call.pk for call in calls if call.status == CallStatus.OPEN}
    if script.step(set(answered)).done and session.conversation_id not in running:
        turns.end_interview(session.pk, reason="completed")


def late_sessions() -> QuerySet[InterviewSession]:
    """Return the sessions that ended after their calls were last looked at.

    What had broken off there is the last word now.
    """
    reconciled = F("conversations__call__reconciled_at")
    ended = (
        Q(finished_at__gt=reconciled)
        | Q(cancelled_at__gt=reconciled)
        | Q(
            finished_at=None,
            cancelled_at=None,
            expires_at__gt=reconciled,
            expires_at__lte=timezone.now(),
        )
    )
    never = Q(conversations__call__reconciled_at=None)
    return (
        InterviewSession.objects.filter(
            ended | never, conversations__call__status__in=KNOWN
        )
        .order_by()
        .distinct()
    )

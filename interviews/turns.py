"""The turns of an interview: next, answer, end. The product's hot path and its heart.

Each turn is one SQL statement, written by hand, because they run between two
sentences of a conversation. Everything a turn needs to decide is in the session's row,
the ids it has answered, and its script, which never changes and is cached here.

`answer` is one call of a function in the database, so that an answer costs one round trip
and no transaction to open and close. It first locks the session's row, so that a second
answer, or the end, of the same session waits; what it does next sees all that was
committed before the lock was granted, so the next question it returns is exact. One plain
statement would look at the answers as they were before it waited.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn
from uuid import UUID

from django.conf import settings
from django.http import Http404

from core.database import kept_cursor, reconnecting
from core.encryption import all_forms, in_clear, is_on
from interviews.exceptions import (
    REFUSALS,
    AnswerRequired,
    Expired,
    NotStarted,
    WrongQuestion,
)
from interviews.models import Channel, SessionStatus
from interviews.models.answers import place_of_answer
from vacancies.models import Script
from vacancies.scripts import FrozenScript, Step

SNAPSHOT = """
    SELECT script_id, status,
           status IN ('invited', 'in_progress') AND expires_at <= clock_timestamp(),
           finished_at, conversation_id,
           ARRAY(SELECT question_id FROM interview_progress WHERE session_id = s.id)
    FROM interview_session s
    WHERE id = %(session)s
"""

LOCK = """
    SELECT FROM interview_session WHERE id = %(session)s FOR NO KEY UPDATE
"""

# A function of the database (migration 0016): it locks the session's row, stores the
# answer if the interview may take it, and says what SNAPSHOT would say now.
RECORD_ANSWER = """
    SELECT script_id, status, expired, finished_at, conversation_id, answered, saved
    FROM record_answer(
        %(session)s, %(question)s, %(text)s, %(audio_url)s, %(duration_ms)s,
        %(confidence)s, %(channel)s, %(conversation)s
    )
"""
# Where answers are encrypted, or were: `same` is the text in every form in which it may be
# stored, so that an answer given again is told whatever key it lies under.
RECORD_SEALED_ANSWER = RECORD_ANSWER.replace(
    "%(conversation)s", "%(conversation)s, %(same)s"
)

# Held first: an UPDATE reads the clock before it waits for a lock, and the interview would
# have finished before the answer it waited for.
END = """
    WITH held AS (
        SELECT id FROM interview_session WHERE id = %(session)s FOR NO KEY UPDATE
    ), ended AS (
        UPDATE interview_session s
        SET finished_at = greatest(clock_timestamp(), started_at),
            finish_reason = %(reason)s
        FROM held
        WHERE s.id = held.id
          AND status = 'in_progress'
          AND expires_at > clock_timestamp()
          AND (%(conversation)s = '' OR conversation_id IN ('', %(conversation)s))
        RETURNING s.id, finished_at
    ), noted AS (
        INSERT INTO session_event (session_id, kind, at, detail)
        SELECT id, 'finished', finished_at, %(reason)s FROM ended
    )
    SELECT finished_at FROM ended
"""

# In characters, and what the column of a duration can hold.
MAX_TEXT_LENGTH = 20_000
MAX_DURATION_MS = 2**31 - 1

logger = logging.getLogger("parley.security")


class AnswerInput(NamedTuple):
    """One answer: `duration_ms` in milliseconds, `confidence` from 0 to 1."""

    question_id: int
    text: str
    channel: Channel
    audio_url: str = ""
    duration_ms: int | None = None
    confidence: float | None = None


class Snapshot(NamedTuple):
    """What a session's row and answers say at one moment, by the database's clock."""

    script_id: int | None
    status: str
    expired: bool
    finished_at: datetime | None
    conversation_id: str
    answered: Sequence[int]

    def check_call(self, conversation_id: str) -> None:
        """Raise Http404 for a call that was replaced by a newer one."""
        if conversation_id and self.conversation_id not in {"", conversation_id}:
            logger.warning("call for a session that another conversation holds")
            raise Http404

    def check_in_progress(self) -> None:
        """Raise the refusal that fits any other state."""
        if self.expired:
            raise Expired
        if self.status != SessionStatus.IN_PROGRESS:
            raise REFUSALS[self.status]

    @property
    def script(self) -> FrozenScript:
        if self.script_id is None:
            raise NotStarted
        return script_by_id(self.script_id)

    @property
    def step(self) -> Step:
        return self.script.step(self.answered)


@lru_cache(maxsize=1024)
def script_by_id(script_id: int) -> FrozenScript:
    """Return a script; it is immutable, so a process reads each only once."""
    return Script.objects.get(pk=script_id).frozen()


@reconnecting
def next_step(session_id: UUID, *, conversation_id: str = "") -> Step:
    """Return where the session stands. Reads only: repeating it changes nothing.

    Raises Http404 if there is no such session or another call holds it, and an
    InterviewRefusal if the interview is not in progress.
    """
    snapshot = take_snapshot(session_id, conversation_id)
    snapshot.check_in_progress()
    return snapshot.step


def locked_step(session_id: UUID) -> Step:
    """Return where the session stands, with its row locked until the transaction ends.

    Raises as `next_step` does.
    """
    fetch_row(LOCK, {"session": session_id})
    snapshot = take_snapshot(session_id)
    snapshot.check_in_progress()
    return snapshot.step


@reconnecting
def record_answer(
    session_id: UUID, answer: AnswerInput, *, conversation_id: str = ""
) -> Step:
    """Store an answer durably and return the step that follows it.

    Raises as `next_step` does, and WrongQuestion for a question the script does not ask,
    or AnswerRequired for an empty answer to a required one.
    """
    if not answer.text and answer.channel != Channel.SPOKEN:
        check_may_be_empty(session_id, answer.question_id, conversation_id)
    parameters: dict[str, Any] = {
        "session": session_id,
        "question": answer.question_id,
        "text": answer.text,
        "audio_url": answer.audio_url,
        "duration_ms": answer.duration_ms,
        "confidence": answer.confidence,
        "channel": answer.channel.value,
        "conversation": conversation_id,
    }
    if settings.FIELD_KEYS:
        row = fetch_row(
            RECORD_SEALED_ANSWER, parameters | stored_forms(session_id, answer)
        )
    else:
        parameters["text"] = in_clear(answer.text)
        row = fetch_row(RECORD_ANSWER, parameters)
    assert row is not None  # the function always returns one row
    *columns, saved = row
    snapshot = Snapshot(*columns)
    if not saved:
        refuse(snapshot, answer.question_id, conversation_id)
    return snapshot.step


def stored_forms(session_id: UUID, answer: AnswerInput) -> dict[str, Any]:
    """Return the text as it is to be stored, and as it may be stored already."""
    place = *place_of_answer(session_id, answer.question_id), "answer_text"
    same = all_forms(answer.text, place)
    # The clear form is the first, and then that of the key of now.
    return {"text": same[1] if is_on() and answer.text else same[0], "same": same}


def check_may_be_empty(
    session_id: UUID, question_id: int, conversation_id: str
) -> None:
    """Raise AnswerRequired where the question must be answered.

    Asked before the answer is stored; a session that has a script never gets another.
    """
    snapshot = take_snapshot(session_id, conversation_id)
    snapshot.check_in_progress()
    question = snapshot.script.by_id.get(question_id)
    if question and question.required:
        raise AnswerRequired


def refuse(snapshot: Snapshot, question_id: int, conversation_id: str) -> NoReturn:
    """Raise the reason why the database did not take an answer."""
    if not snapshot.status:
        raise Http404
    snapshot.check_call(conversation_id)
    snapshot.check_in_progress()
    assert question_id not in snapshot.script.by_id
    raise WrongQuestion(snapshot.step)


@reconnecting
def end_interview(
    session_id: UUID, *, reason: str = "", conversation_id: str = ""
) -> datetime:
    """Finish the session and return when it finished; the same on repetition.

    Ending with questions open is allowed: what was answered says how far it came.
    Raises as `next_step` does, but not for a session that is finished already.
    """
    row = fetch_row(
        END,
        {"session": session_id, "reason": reason, "conversation": conversation_id},
    )
    if row:
        return row[0]
    snapshot = take_snapshot(session_id, conversation_id)
    if snapshot.finished_at:
        return snapshot.finished_at
    snapshot.check_in_progress()
    raise NotStarted  # it started between the two statements


def take_snapshot(session_id: UUID, conversation_id: str = "") -> Snapshot:
    row = fetch_row(SNAPSHOT, {"session": session_id})
    if row is None:
        raise Http404
    snapshot = Snapshot(*row)
    snapshot.check_call(conversation_id)
    return snapshot


def fetch_row(statement: str, parameters: dict[str, Any]) -> tuple[Any, ...] | None:
    cursor = kept_cursor()
    cursor.execute(statement, parameters)
    return cursor.fetchone()

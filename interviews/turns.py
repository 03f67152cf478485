"""The turns of an interview: next, answer, end. The product's hot path and its heart.

Each turn is one or two SQL statements, written by hand, because they run between two
sentences of a conversation. Everything a turn needs to decide is in the session's row,
the ids it has answered, and its script, which never changes and is cached here.

`answer` first locks the session's row, so that a second answer, or the end, of the same
session waits; only then does its second statement look at the answers. In READ COMMITTED
that statement sees all that was committed before the lock was granted, so the next
question it returns is exact. One combined statement would be quicker, but would look at
the answers as they were before it waited.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.http import Http404

from core.database import reconnecting
from interviews.exceptions import (
    REFUSALS,
    AnswerRequired,
    Expired,
    NotStarted,
    WrongQuestion,
)
from interviews.models import Channel, SessionStatus, is_expired
from vacancies.models import Script
from vacancies.scripts import FrozenScript, Step

SNAPSHOT = """
    SELECT script_id, status, expires_at, finished_at, conversation_id,
           ARRAY(SELECT question_id FROM interview_progress WHERE session_id = s.id)
    FROM interview_session s
    WHERE id = %(session)s
"""

LOCKED_SNAPSHOT = """
    SELECT script_id, status, expires_at, finished_at, conversation_id, ARRAY[]::bigint[]
    FROM interview_session
    WHERE id = %(session)s
    FOR NO KEY UPDATE
"""

# An answer that repeats the text on record changes nothing, a different text replaces it,
# and what was replaced is kept. The last SELECT sees the answers before this statement.
SAVE_ANSWER = """
    WITH previous AS (
        SELECT id, answer_text, answer_audio_url, duration_ms, confidence, channel,
               timestamp, verbatim_text
        FROM interview_progress
        WHERE session_id = %(session)s AND question_id = %(question)s
    ), saved AS (
        INSERT INTO interview_progress AS progress
            (session_id, question_id, answered, answer_text, answer_audio_url,
             duration_ms, confidence, channel, timestamp)
        VALUES
            (%(session)s, %(question)s, %(text)s <> '' OR %(channel)s = 'spoken', %(text)s,
             %(audio_url)s, %(duration_ms)s, %(confidence)s, %(channel)s,
             clock_timestamp())
        ON CONFLICT (session_id, question_id) DO UPDATE
        SET answered = excluded.answered, answer_text = excluded.answer_text,
            answer_audio_url = excluded.answer_audio_url,
            duration_ms = excluded.duration_ms, confidence = excluded.confidence,
            channel = excluded.channel, timestamp = excluded.timestamp,
            verbatim_text = ''
        WHERE progress.answer_text <> excluded.answer_text
           OR excluded.channel = 'spoken'
              AND progress.answer_audio_url <> excluded.answer_audio_url
        RETURNING progress.id
    ), kept AS (
        INSERT INTO answer_revision
            (progress_id, answer_text, answer_audio_url, duration_ms, confidence,
             channel, timestamp, verbatim_text, replaced_at)
        SELECT previous.*, clock_timestamp()
        FROM previous JOIN saved USING (id)
    )
    SELECT ARRAY(SELECT question_id FROM interview_progress
                 WHERE session_id = %(session)s)
"""

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
    """What a session's row and answers say at one moment."""

    script_id: int | None
    status: str
    expires_at: datetime
    finished_at: datetime | None
    conversation_id: str
    answered: Sequence[int]

    def check_in_progress(self) -> None:
        """Raise the refusal that fits any other state."""
        if is_expired(self.status, self.expires_at):
            raise Expired
        if self.status != SessionStatus.IN_PROGRESS:
            raise REFUSALS[self.status]

    @property
    def script(self) -> FrozenScript:
        if self.script_id is None:
            raise NotStarted
        return script_by_id(self.script_id)


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
    snapshot = take_snapshot(SNAPSHOT, session_id, conversation_id)
    snapshot.check_in_progress()
    return snapshot.script.step(snapshot.answered)


def locked_step(session_id: UUID) -> Step:
    """Return where the session stands, with its row locked until the transaction ends.

    Raises as `next_step` does.
    """
    snapshot = take_snapshot(LOCKED_SNAPSHOT, session_id, "")
    snapshot.check_in_progress()
    return snapshot.script.step(answered_ids(session_id))


@reconnecting
def record_answer(
    session_id: UUID, answer: AnswerInput, *, conversation_id: str = ""
) -> Step:
    """Store an answer durably and return the step that follows it.

    Raises as `next_step` does, and WrongQuestion for a question the script does not ask,
    or for an empty answer to a required one.
    """
    with transaction.atomic():
        snapshot = take_snapshot(LOCKED_SNAPSHOT, session_id, conversation_id)
        snapshot.check_in_progress()
        question = snapshot.script.by_id.get(answer.question_id)
        if question is None:
            raise WrongQuestion(snapshot.script.step(answered_ids(session_id)))
        if question.required and not answer.text and answer.channel != Channel.SPOKEN:
            raise AnswerRequired
        row = fetch_row(
            SAVE_ANSWER,
            {
                "session": session_id,
                "question": answer.question_id,
                "text": answer.text,
                "audio_url": answer.audio_url,
                "duration_ms": answer.duration_ms,
                "confidence": answer.confidence,
                "channel": answer.channel.value,
            },
        )
    assert row is not None  # a SELECT without FROM has always one row
    return snapshot.script.step({*row[0], answer.question_id})


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
    snapshot = take_snapshot(SNAPSHOT, session_id, conversation_id)
    if snapshot.finished_at:
        return snapshot.finished_at
    snapshot.check_in_progress()
    raise NotStarted  # it started between the two statements


def answered_ids(session_id: UUID) -> Sequence[int]:
    return take_snapshot(SNAPSHOT, session_id, "").answered


def take_snapshot(statement: str, session_id: UUID, conversation_id: str) -> Snapshot:
    row = fetch_row(statement, {"session": session_id})
    if row is None:
        raise Http404
    snapshot = Snapshot(*row)
    # A call that was replaced by a newer one must not write any more.
    if conversation_id and snapshot.conversation_id not in {"", conversation_id}:
        logger.warning("call for a session that another conversation holds")
        raise Http404
    return snapshot


def fetch_row(statement: str, parameters: dict[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()

"""Bugs to plant: each is one that somebody could write, and that an experiment must find.

`BUGS` are context managers. In tests they change this process; in a web server of its own
(`faults.planted_server`) they stay for its life. Those of the session protocol, which
`faults.state_machine` must catch, are in `PROTOCOL_BUGS`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch
from uuid import UUID

from django.db import connection
from django.utils import timezone

from interviews import turns
from interviews.api.permissions import OwnSession
from interviews.models import InterviewProgress, InterviewSession
from vacancies.models import OfVacancies, Script, VacancyQuerySet
from vacancies.scripts import FrozenScript, Step

Bug = Callable[[], AbstractContextManager[object]]


class CannotPlant(Exception):
    """The code has changed, and the bug does not fit into it any more."""


# In the database's function


@contextmanager
def altered(old: str, new: str) -> Iterator[None]:
    """Change the text of the function that stores answers around a block."""
    definitions = [each for each in definitions_of("record_answer") if old in each]
    if not definitions:
        raise CannotPlant(old)
    execute(*[each.replace(old, new) for each in definitions])
    try:
        yield
    finally:
        execute(*definitions)


def definitions_of(function: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s", [function]
        )
        return [definition for [definition] in cursor.fetchall()]


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


IS_TAKEN = "record_answer.status = 'in_progress' AND NOT record_answer.expired"
IS_NEW_RECORDING = "OR excluded.channel = 'spoken'"
KEEP = "FROM previous JOIN stored USING (id)"
LOCKED = "FOR NO KEY UPDATE;"
# Between what is read and what is written, so that two calls meet there.
PAUSE = "PERFORM pg_sleep(0.01);"


def answer_after_end() -> AbstractContextManager[None]:
    taken = IS_TAKEN.replace("= 'in_progress'", "IN ('in_progress', 'finished')")
    return altered(IS_TAKEN, taken)


def cancelled_answers() -> AbstractContextManager[None]:
    taken = IS_TAKEN.replace("= 'in_progress'", "IN ('in_progress', 'cancelled')")
    return altered(IS_TAKEN, taken)


def expired_answers() -> AbstractContextManager[None]:
    return altered(IS_TAKEN, IS_TAKEN.partition(" AND")[0])


def repetition_is_revision() -> AbstractContextManager[None]:
    return altered(IS_NEW_RECORDING, f"OR true {IS_NEW_RECORDING}")


def revision_lost() -> AbstractContextManager[None]:
    return altered(KEEP, f"{KEEP} WHERE previous.answer_text = ''")


def replaced_call_answers() -> AbstractContextManager[None]:
    return altered("record_answer.conversation_id IN ('', given_conversation)", "true")


def unlocked() -> AbstractContextManager[None]:
    return altered(LOCKED, f"; {PAUSE}")


# In the code


def second_end_reopens() -> AbstractContextManager[object]:
    original = turns.end_interview

    def end_interview(session_id: UUID, **options: Any) -> datetime:
        ended = InterviewSession.objects.filter(pk=session_id).exclude(finished_at=None)
        is_second = ended.exists()
        finished_at = original(session_id, **options)
        if is_second:
            ended.update(finished_at=None)
        return finished_at

    return patch.object(turns, "end_interview", end_interview)


def next_skips() -> AbstractContextManager[object]:
    """Count the answers in place of looking which there are."""
    original = FrozenScript.step

    def step(self: FrozenScript, answered: Any) -> Step:
        passed = self.questions[: len(set(answered))]
        return original(self, {question.id for question in passed})

    return patch.object(FrozenScript, "step", step)


def position_off_by_one() -> AbstractContextManager[object]:
    original = FrozenScript.step

    def step(self: FrozenScript, answered: Any) -> Step:
        found = original(self, answered)
        position = found.position and found.position - 1
        return Step(found.question, position, found.total, found.closing)

    return patch.object(FrozenScript, "step", step)


@contextmanager
def skipped_is_asked_again() -> Iterator[None]:
    """Take the flag for the row: a skipped question has a row, and is not answered."""
    rows = "FROM interview_progress WHERE session_id = "
    snapshot = turns.SNAPSHOT.replace(f"{rows}s.id", f"{rows}s.id AND answered")
    if snapshot == turns.SNAPSHOT:
        raise CannotPlant(rows)
    of_session = f"{rows}given_session"
    with (
        patch.object(turns, "SNAPSHOT", snapshot),
        altered(f"{of_session}\n", f"{of_session} AND answered\n"),
    ):
        yield


def any_token_opens() -> AbstractContextManager[object]:
    def has_permission(self: OwnSession, request: Any, view: Any) -> bool:
        return request.auth is not None

    return patch.object(OwnSession, "has_permission", has_permission)


def wording_of_today() -> AbstractContextManager[object]:
    """Ask the vacancy's questions as they read now, in place of the frozen ones."""

    def script_by_id(script_id: int) -> FrozenScript:
        frozen = Script.objects.get(pk=script_id)
        asked = frozen.vacancy.questions.in_bulk()
        content = frozen.content
        for question in content["questions"]:
            question["text"] = asked[question["id"]].text
        return FrozenScript.from_content(content)

    return patch.object(turns, "script_by_id", script_by_id)


PROTOCOL_BUGS: dict[str, Bug] = {
    "the second end reopens the interview": second_end_reopens,
    "an answer is taken after the end": answer_after_end,
    "next skips a question": next_skips,
    "a repeated answer makes a revision": repetition_is_revision,
    "what was replaced is lost": revision_lost,
    "a call that was replaced still answers": replaced_call_answers,
    "another session's token opens": any_token_opens,
    "a cancelled interview takes answers": cancelled_answers,
    "an expired interview takes answers": expired_answers,
    "today's wording in place of the frozen one": wording_of_today,
    "positions are off by one": position_off_by_one,
    "a skipped question is asked again": skipped_is_asked_again,
}


# Of the other experiments


def everybody_sees_all() -> AbstractContextManager[object]:
    """A filter that is forgotten: every vacancy is everybody's to see."""

    @contextmanager
    def both() -> Iterator[None]:
        with (
            patch.object(OfVacancies, "visible_to", lambda rows, user: rows),
            patch.object(VacancyQuerySet, "visible_to", lambda rows, user: rows),
        ):
            yield

    return both()


def looked_up_then_stored() -> AbstractContextManager[object]:
    """Store an answer as one does without knowing better: look, then insert or change."""

    def record_answer(
        session_id: UUID, answer: turns.AnswerInput, *, conversation_id: str = ""
    ) -> Step:
        snapshot = turns.take_snapshot(session_id, conversation_id)
        snapshot.check_in_progress()
        fields = {"answer_text": answer.text, "answered": bool(answer.text)}
        rows = InterviewProgress.objects.filter(
            session_id=session_id, question_id=answer.question_id
        )
        if not rows.exists():
            execute("SELECT pg_sleep(0.01)")
            InterviewProgress.objects.create(
                session_id=session_id,
                question_id=answer.question_id,
                channel=answer.channel,
                timestamp=timezone.now(),
                **fields,
            )
        else:
            rows.update(**fields)
        return turns.take_snapshot(session_id).step

    return patch.object(turns, "record_answer", record_answer)


def undocumented_status() -> AbstractContextManager[object]:
    """Refuse in a way that the schema does not know."""
    from core.api import InvalidField

    return patch.object(InvalidField, "status_code", 422)


BUGS: dict[str, Bug] = PROTOCOL_BUGS | {
    "any token": any_token_opens,
    "everybody sees all": everybody_sees_all,
    "looked up, then stored": looked_up_then_stored,
    "undocumented status": undocumented_status,
}

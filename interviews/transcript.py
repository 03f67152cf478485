"""An interview as people read it: every question asked, its answer, and what happened."""

from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext

from interviews.models import Answer, Channel, InterviewProgress, InterviewSession
from vacancies.scripts import FrozenQuestion, FrozenScript
from vacancies.services import current_script


class Turn(NamedTuple):
    """A question and what was said to it; `answer` is None while nothing was.

    `earlier` are the answers that the present one replaced, oldest first.
    """

    position: int
    question: FrozenQuestion
    answer: InterviewProgress | None
    earlier: list[Answer]


class Moment(NamedTuple):
    """A line of the timeline."""

    at: datetime
    text: str
    detail: str = ""


def script_shown(session: InterviewSession) -> FrozenScript:
    """Return what the session asks, or would ask if it started now."""
    if session.script:
        return session.script.frozen()
    return current_script(session.vacancy)


def transcript(session: InterviewSession) -> list[Turn]:
    """Return the session's questions in the order asked, answered or not."""
    answers = {
        answer.question_id: answer
        for answer in session.answers.prefetch_related("revisions")
    }
    return [
        turn(position, question, answers.get(question.id))
        for position, question in enumerate(script_shown(session).questions, start=1)
    ]


def turn(
    position: int, question: FrozenQuestion, answer: InterviewProgress | None
) -> Turn:
    earlier: list[Answer] = list(answer.revisions.all()) if answer else []
    return Turn(position, question, answer, earlier)


def timeline(session: InterviewSession, turns: list[Turn]) -> list[Moment]:
    """Return what happened to the session and when, oldest first."""
    moments = [
        Moment(event.at, event.get_kind_display(), event.detail)
        for event in session.events.all()
    ]
    for turn in turns:
        given = [*turn.earlier, turn.answer] if turn.answer else []
        moments += [
            Moment(answer.timestamp, describe(answer, turn.position, again=number > 0))
            for number, answer in enumerate(given)
        ]
    return sorted(moments, key=lambda moment: moment.at)


def describe(answer: Answer, position: int, *, again: bool) -> str:
    if not answer.answer_text:
        return gettext("Question %d skipped") % position
    if again:
        return gettext("Question %d answered anew") % position
    if answer.channel == Channel.TRANSCRIPT:
        return gettext("Question %d filled in from the call’s transcript") % position
    return gettext("Question %d answered") % position

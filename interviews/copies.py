"""A candidate's own copy: what was asked and answered, and what was misheard in it."""

import re
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.urls import Resolver404, resolve
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

from interviews.exceptions import (
    NotAvailable,
    NothingToCorrect,
    TooManyCorrections,
)
from interviews.models import (
    AnswerCorrection,
    Channel,
    InterviewProgress,
    InterviewSession,
)
from vacancies.scripts import FrozenQuestion

MOST_CORRECTIONS = 20


class CopyTurn(NamedTuple):
    """A question and its answer."""

    position: int
    question: FrozenQuestion
    answer: InterviewProgress
    corrections: list[AnswerCorrection]

    @property
    def take_id(self) -> UUID | None:
        """Of the recording, if the answer was spoken to the built-in interviewer."""
        if self.answer.channel != Channel.SPOKEN:
            return None
        try:
            match = resolve(self.answer.answer_audio_url)
        except Resolver404:
            return None
        return match.kwargs.get("take_id")

    @property
    def key(self) -> str:
        """As an address names it."""
        return str(self.question.id)

    @property
    def correct_text(self) -> str:
        """The answer as the candidate last put it right."""
        if self.corrections:
            return self.corrections[-1].text
        return self.answer.answer_text


def own_copy(session: InterviewSession) -> list[CopyTurn]:
    """Return what was asked and answered so far, in the order asked.

    A question without an answer is never part of it, also after an early end: what was
    not asked must not reach the candidate. Raises NotAvailable before the start.
    """
    if session.script is None or session.started_at is None:
        raise NotAvailable
    answers = {
        answer.question_id: answer
        for answer in session.answers.prefetch_related("corrections")
    }
    return [
        copy_turn(position, question, answers[question.id])
        for position, question in enumerate(session.script.frozen().questions, start=1)
        if question.id in answers
    ]


def copy_turn(
    position: int, question: FrozenQuestion, answer: InterviewProgress
) -> CopyTurn:
    return CopyTurn(position, question, answer, list(answer.corrections.all()))


@transaction.atomic
def correct(*, answer: InterviewProgress, text: str) -> bool:
    """Keep beside the answer what it should read; False if that was the last word already.

    The answer itself never changes. Raises NothingToCorrect and TooManyCorrections.
    """
    # One correction of this answer at a time.
    answer = InterviewProgress.objects.select_for_update().get(pk=answer.pk)
    texts = [correction.text for correction in answer.corrections.all()]
    if text == (texts or [answer.answer_text])[-1]:
        if not texts:
            raise NothingToCorrect
        return False
    if len(texts) >= MOST_CORRECTIONS:
        raise TooManyCorrections
    answer.corrections.create(text=text)
    return True


def copy_text(session: InterviewSession, turns: list[CopyTurn]) -> str:
    """Return the copy as plain text, in the language that is active."""
    heading = f"{session.vacancy.title}\n{session.candidate.name}"
    parts = [heading, *(turn_text(turn) for turn in turns)]
    return "\n\n\n".join(parts) + "\n"


def turn_text(turn: CopyTurn) -> str:
    question = " ".join(turn.question.text.split())
    parts = [f"{turn.position}. {question}", *answer_parts(turn)]
    parts += [
        f"{gettext('Your correction')}, {said_at(correction.created_at)}:\n"
        f"{indented(correction.text)}"
        for correction in turn.corrections
    ]
    return "\n\n".join(parts)


def answer_parts(turn: CopyTurn) -> list[str]:
    said = turn.answer.answer_text or without_text(turn.answer)
    parts = [indented(said)]
    if turn.answer.verbatim_text:
        parts.append(gettext("In your own words, from the call:"))
        parts.append(indented(turn.answer.verbatim_text))
    return [*parts, f"({said_at(turn.answer.timestamp)})"]


def without_text(answer: InterviewProgress) -> str:
    if answer.answered:
        return gettext("Answered aloud: the recording is on the page.")
    return gettext("You skipped this question.")


def said_at(moment: datetime) -> str:
    local = localtime(moment)
    return f"{date_format(local, 'DATETIME_FORMAT')} ({date_format(local, 'T')})"


def indented(text: str) -> str:
    """Set text off, line by line: so no line of it begins as a table's formula does."""
    return "\n".join(f"    {line}" for line in text.splitlines())


def file_name(session: InterviewSession) -> str:
    """Name the downloaded copy after the vacancy, in letters that any disk takes."""
    title = " ".join(re.sub(r"[^\w-]+", " ", session.vacancy.title).split())[:80]
    return f"{gettext('Interview')} {title}".strip() + ".txt"

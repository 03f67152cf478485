"""What an export holds: interviews with their answers and reviews, a portion at a time.

The number of queries of a portion is constant, and one portion is in memory at a time.
Whose reviews the reader may not see yet (`reviews.blind`) are not even loaded.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from statistics import fmean
from typing import NamedTuple
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import gettext

from accounts.models import User
from interviews.listening import recording_match, stretch_of
from interviews.models import (
    InterviewProgress,
    InterviewSession,
    SessionQuerySet,
)
from reviews.blind import open_to
from reviews.marks import mean_mark, weighted_mark
from reviews.models import Decision, Review, Stage, Standing
from vacancies.models import Question, Script
from vacancies.scripts import FrozenQuestion, FrozenScript

PORTION = 200


class Mark(NamedTuple):
    """What one reviewer gave one answer: a mark from 1 to 5, a note, or both."""

    reviewer: str
    mark: int | None
    note: str


class Answered(NamedTuple):
    """A question and what was said to it; `progress` is None while nothing was.

    `correction` is the candidate's last; `audio` an address that asks for a sign-in.
    """

    position: int
    question: FrozenQuestion
    progress: InterviewProgress | None
    correction: str
    audio: str
    marks: list[Mark]

    @property
    def is_answered(self) -> bool:
        return self.progress is not None and self.progress.answered

    @property
    def is_skipped(self) -> bool:
        return self.progress is not None and not self.progress.answered

    @property
    def state(self) -> str:
        if self.progress is None:
            return gettext("no answer")
        return gettext("answered") if self.progress.answered else gettext("skipped")

    @property
    def mark(self) -> float | None:
        given = [mark.mark for mark in self.marks if mark.mark is not None]
        return fmean(given) if given else None

    @property
    def shown(self) -> str:
        """The answer in one cell: its words, else what became of it."""
        if self.progress is None:
            return ""
        return self.progress.answer_text or (
            gettext("(aloud, without text)")
            if self.progress.answered
            else gettext("(skipped)")
        )


class Interview(NamedTuple):
    """One interview. `reviews` are the saved ones, if `shows_reviews`; else none.

    The session comes with its candidate, vacancy, consent, standing and decision.
    """

    session: InterviewSession
    script: FrozenScript
    answers: list[Answered]
    reviews: list[Review]
    shows_reviews: bool

    @property
    def answered(self) -> int:
        return sum(answer.is_answered for answer in self.answers)

    @property
    def skipped(self) -> int:
        return sum(answer.is_skipped for answer in self.answers)

    @property
    def standing(self) -> Standing | None:
        return getattr(self.session, "standing", None)

    @property
    def stage(self) -> Stage:
        return Stage(self.standing.stage) if self.standing else Stage.NEW

    @property
    def decision(self) -> Decision | None:
        return self.standing.decision if self.standing else None

    @property
    def mark(self) -> float | None:
        """The mean of the reviewers' weighted marks."""
        return mean_mark(map(marks_of, self.reviews), self.script)

    def mark_by(self, review: Review) -> float | None:
        return weighted_mark(marks_of(review), self.script)


def marks_of(review: Review) -> dict[int, int]:
    return {
        rating.question_id: rating.mark
        for rating in review.ratings.all()
        if rating.mark is not None
    }


def name_of(user: User) -> str:
    return user.get_full_name() or user.email


def interviews(
    sessions: SessionQuerySet, user: User, *, portal: str, portion: int = PORTION
) -> Iterator[Interview]:
    """Give the interviews in their order, as far as the person may see them now.

    `portal` is the portal's address, by which recordings are found.
    """
    keys = sessions.values_list("pk", flat=True).iterator()
    while some := list(islice(keys, portion)):
        yield from read(some, user, portal)


def read(keys: Sequence[UUID], user: User, portal: str) -> Iterator[Interview]:
    """Load one portion; what was taken from the person's sight meanwhile is left out."""
    visible = InterviewSession.objects.visible_to(user).filter(pk__in=keys)
    shown = set(visible.filter(open_to(user)).values_list("pk", flat=True))
    sessions = {session.pk: session for session in loaded(visible, shown)}
    scripts = Script.objects.in_bulk({s.script_id for s in sessions.values()} - {None})
    frozen = {key: script.frozen() for key, script in scripts.items()}
    current = current_scripts(s for s in sessions.values() if s.script_id is None)
    for key in keys:
        if session := sessions.get(key):
            script = frozen.get(session.script_id) or current[session.vacancy_id]
            yield interview(session, script, portal, key in shown)


def loaded(visible: SessionQuerySet, shown: set[UUID]) -> SessionQuerySet:
    reviews = Review.objects.saved().filter(session__in=shown)
    return (
        visible.select_related(
            "candidate", "vacancy", "consent", "standing__decision__decided_by"
        )
        .defer("vacancy__description", "consent__text")
        .prefetch_related(
            Prefetch(
                "answers",
                InterviewProgress.objects.prefetch_related("corrections"),
            ),
            Prefetch(
                "reviews",
                reviews.select_related("reviewer").prefetch_related("ratings"),
            ),
        )
    )


def current_scripts(sessions: Iterable[InterviewSession]) -> dict[int, FrozenScript]:
    """Return, by vacancy, what those who have not started would be asked."""
    vacancies = {session.vacancy_id: session.vacancy for session in sessions}
    asked: dict[int, list[FrozenQuestion]] = {key: [] for key in vacancies}
    if vacancies:
        for question in Question.objects.current().filter(vacancy__in=vacancies):
            asked[question.vacancy_id].append(question.frozen())
    return {
        key: FrozenScript(
            title=vacancy.title,
            language=vacancy.language,
            greeting="",
            closing="",
            questions=tuple(asked[key]),
        )
        for key, vacancy in vacancies.items()
    }


def interview(
    session: InterviewSession, script: FrozenScript, portal: str, shows_reviews: bool
) -> Interview:
    progress = {answer.question_id: answer for answer in session.answers.all()}
    reviews = list(session.reviews.all())
    answers = [
        answered(position, question, progress.get(question.id), reviews, portal)
        for position, question in enumerate(script.questions, start=1)
    ]
    return Interview(session, script, answers, reviews, shows_reviews)


def answered(
    position: int,
    question: FrozenQuestion,
    progress: InterviewProgress | None,
    reviews: list[Review],
    portal: str,
) -> Answered:
    corrections = list(progress.corrections.all()) if progress else []
    return Answered(
        position,
        question,
        progress,
        correction=corrections[-1].text if corrections else "",
        audio=audio_address(progress, portal) if progress else "",
        marks=[
            Mark(name_of(review.reviewer), rating.mark, rating.note)
            for review in reviews
            for rating in review.ratings.all()
            if rating.question_id == question.id and (rating.mark or rating.note)
        ],
    )


def audio_address(progress: InterviewProgress, portal: str) -> str:
    """Return where staff hear the answer, signed in; empty if the portal has no sound.

    What the voice agent sent may be any address: those elsewhere stay out of files.
    """
    if not progress.answer_audio_url or recording_match(progress) is None:
        return ""
    path = progress.answer_audio_url.partition("#")[0]
    return f"{portal}{path}{stretch_of(progress)}"

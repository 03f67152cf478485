"""Interviews side by side: one row for each question, one column for each candidate."""

from collections.abc import Sequence
from statistics import fmean
from typing import Any, NamedTuple

from django.db.models import Max, Prefetch, Q, prefetch_related_objects
from django.utils.translation import gettext

from accounts.models import User
from interviews.models import (
    EventKind,
    InterviewProgress,
    InterviewSession,
    SessionEvent,
    Take,
)
from interviews.transcript import Turn, limit_ms
from reviews.blind import open_to
from reviews.figures import marks_of
from reviews.marks import mean_mark
from reviews.models import Moment, QuestionRating, Review
from vacancies.scripts import FrozenQuestion

FEWEST, MOST = 2, 6


class Column(NamedTuple):
    """A candidate: `name` may be a stand-in. `mark` is None while it is not to be seen."""

    session: InterviewSession
    number: int
    name: str
    is_managed: bool
    is_open: bool
    mark: float | None
    reviews: list[Review]


class Cell(NamedTuple):
    """A candidate's answer to a row's question; `turn` is None if it was not asked.

    `wording` is how this candidate was asked, where that differs from the row.
    """

    column: Column
    turn: Turn | None
    wording: str
    own: QuestionRating | None
    others: list[QuestionRating]
    mark: float | None
    moments: list[Moment]


class Row(NamedTuple):
    """A question and what each candidate answered."""

    number: int
    text: str
    cells: list[Cell]


class Comparison(NamedTuple):
    """What the page shows."""

    columns: list[Column]
    rows: list[Row]


class Material(NamedTuple):
    """All that was said of the interviews, by interview and question."""

    answers: dict[Any, InterviewProgress]
    takes: dict[Any, list[Take]]
    extended: dict[Any, set[str]]
    moments: dict[Any, list[Moment]]
    reviews: dict[Any, list[Review]]
    seen: set[Any]
    managed: set[Any]


def compare(
    sessions: Sequence[InterviewSession], user: User, *, shows_names: bool = True
) -> Comparison:
    """Return the interviews side by side, as the person may see them.

    They have begun, and are read with candidate and standing. As many queries for six
    interviews as for two.
    """
    prefetch_related_objects(sessions, "script")
    material = material_of(sessions, user)
    columns = [
        column(session, number, material, user, shows_names=shows_names)
        for number, session in enumerate(sessions, start=1)
    ]
    rows = [
        Row(
            number,
            asked[0].text,
            [cell(one, question, asked[0], material, user) for one, question in found],
        )
        for number, (asked, found) in enumerate(matched(columns), start=1)
    ]
    return Comparison(columns, rows)


def matched(
    columns: Sequence[Column],
) -> list[tuple[list[FrozenQuestion], list[tuple[Column, FrozenQuestion | None]]]]:
    """Return each question asked of anybody, with the question as each was asked it.

    The same question is one of the same key, or else of the same words.
    """
    rows: list[dict[int, FrozenQuestion]] = []
    for one in columns:
        place = 0
        for question in questions_of(one.session):
            index = row_of(rows, question, one.number)
            if index is None:
                rows.insert(place, {one.number: question})
                index = place
            else:
                rows[index][one.number] = question
            place = index + 1
    return [
        (list(row.values()), [(one, row.get(one.number)) for one in columns])
        for row in rows
    ]


def questions_of(session: InterviewSession) -> Sequence[FrozenQuestion]:
    return session.script.frozen().questions if session.script else ()


def row_of(
    rows: list[dict[int, FrozenQuestion]], question: FrozenQuestion, number: int
) -> int | None:
    """Return the row of a question; one that the column `number` is not in yet."""
    free = [(place, row) for place, row in enumerate(rows) if number not in row]
    for place, row in free:
        if any(other.id == question.id for other in row.values()):
            return place
    for place, row in free:
        if any(words(other) == words(question) for other in row.values()):
            return place
    return None


def words(question: FrozenQuestion) -> str:
    return " ".join(question.text.casefold().split())


def column(
    session: InterviewSession,
    number: int,
    material: Material,
    user: User,
    *,
    shows_names: bool,
) -> Column:
    is_open = session.pk in material.seen
    saved = [one for one in material.reviews.get(session.pk, []) if one.saved_at]
    seen = saved if is_open else [one for one in saved if one.reviewer_id == user.pk]
    script = session.script.frozen() if session.script else None
    name = session.candidate.name if shows_names else gettext("Candidate %d") % number
    return Column(
        session=session,
        number=number,
        name=name,
        is_managed=session.pk in material.managed,
        is_open=is_open,
        mark=mean_mark(map(marks_of, seen), script) if script else None,
        reviews=seen,
    )


def cell(
    one: Column,
    question: FrozenQuestion | None,
    asked: FrozenQuestion,
    material: Material,
    user: User,
) -> Cell:
    if question is None:
        return Cell(one, None, "", None, [], None, [])
    key = (one.session.pk, question.id)
    reviews = material.reviews.get(one.session.pk, [])
    ratings = [
        r for r in ratings_of(reviews, question) if one.is_open or is_own(r, user)
    ]
    own = [rating for rating in ratings if is_own(rating, user)]
    counted = [r.mark for r in ratings if r.mark is not None and r.review.saved_at]
    moments = material.moments.get(key, [])
    return Cell(
        column=one,
        turn=turn(one.session, question, material),
        wording=question.text if words(question) != words(asked) else "",
        own=own[0] if own else None,
        others=[r for r in ratings if not is_own(r, user) and r.review.saved_at],
        mark=fmean(counted) if one.is_open and counted else None,
        moments=[m for m in moments if one.is_open or m.author_id == user.pk],
    )


def ratings_of(
    reviews: Sequence[Review], question: FrozenQuestion
) -> list[QuestionRating]:
    found = []
    for review in reviews:
        for rating in review.ratings.all():
            if rating.question_id == question.id:
                # So that the template asks the database for nothing.
                rating.review = review
                found.append(rating)
    return found


def is_own(rating: QuestionRating, user: User) -> bool:
    return rating.review.reviewer_id == user.pk


def turn(
    session: InterviewSession, question: FrozenQuestion, material: Material
) -> Turn:
    ids = [one.id for one in questions_of(session)]
    key = (session.pk, question.id)
    return Turn(
        position=ids.index(question.id) + 1,
        question=question,
        answer=material.answers.get(key),
        earlier=[],
        takes=material.takes.get(key, []),
        limit_ms=limit_ms(question, material.extended.get(session.pk, set())),
    )


def material_of(sessions: Sequence[InterviewSession], user: User) -> Material:
    keys = [session.pk for session in sessions]
    rows = InterviewSession.objects.filter(pk__in=keys)
    return Material(
        answers=answers_of(keys),
        takes=grouped(
            Take.objects.filter(session__in=keys, size__gt=0)
            .annotate(parts=Max("chunks__part"))
            .order_by("number")
        ),
        extended=extended_of(keys),
        moments=grouped(
            Moment.objects.filter(session__in=keys).select_related("author")
        ),
        reviews=reviews_of(keys, user),
        seen=set(rows.filter(open_to(user)).values_list("pk", flat=True)),
        managed=set(rows.managed_by(user).values_list("pk", flat=True)),
    )


def answers_of(keys: Sequence[Any]) -> dict[Any, InterviewProgress]:
    answers = InterviewProgress.objects.filter(session__in=keys)
    return {
        (answer.session_id, answer.question_id): answer
        for answer in answers.prefetch_related("corrections")
    }


def extended_of(keys: Sequence[Any]) -> dict[Any, set[str]]:
    events = SessionEvent.objects.filter(session__in=keys, kind=EventKind.MORE_TIME)
    found: dict[Any, set[str]] = {}
    for event in events:
        found.setdefault(event.session_id, set()).add(event.detail)
    return found


def reviews_of(keys: Sequence[Any], user: User) -> dict[Any, list[Review]]:
    """Return the saved reviews, and the person's own while they are being written."""
    rows = Review.objects.filter(
        Q(saved_at__isnull=False) | Q(reviewer=user), session__in=keys
    ).select_related("reviewer")
    marked = QuestionRating.objects.filter(Q(mark__isnull=False) | ~Q(note=""))
    found: dict[Any, list[Review]] = {}
    for review in rows.prefetch_related(Prefetch("ratings", queryset=marked)):
        found.setdefault(review.session_id, []).append(review)
    return found


def grouped(rows: Any) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault((row.session_id, row.question_id), []).append(row)
    return found

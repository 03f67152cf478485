"""The review page, as its template reads it."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext

from accounts.models import User
from interviews.models import InterviewSession, SessionQuerySet
from interviews.transcript import Turn
from reviews.blind import Views
from reviews.figures import waiting_for
from reviews.models import Moment, QuestionRating, Review


class Given(NamedTuple):
    """A colleague's mark and note; the mark is None where there is but a note."""

    review: Review
    rating: QuestionRating

    @property
    def was(self) -> int | None:
        """The mark as it was when first saved, if it was changed since."""
        first = self.rating.first_mark
        return first if first != self.rating.mark else None


class Row(NamedTuple):
    """A question with its answer, and what people made of it."""

    turn: Turn
    own: QuestionRating | None
    given: list[Given]
    moments: list[Moment]

    @property
    def agreement(self) -> str:
        return in_words([one.rating.mark for one in self.given if one.rating.mark])


def rows_of(turns: Sequence[Turn], views: Views) -> list[Row]:
    return [
        Row(
            turn,
            rating_of(views.own, turn.question.id),
            given_to(views.reviews, turn.question.id),
            [m for m in views.moments if m.question_id == turn.question.id],
        )
        for turn in turns
    ]


def rating_of(review: Review | None, question_id: int) -> QuestionRating | None:
    ratings = review.ratings.all() if review else []
    return next((one for one in ratings if one.question_id == question_id), None)


def given_to(reviews: Sequence[Review], question_id: int) -> list[Given]:
    """Return what the reviewers said of one answer, whoever said anything."""
    found = [(review, rating_of(review, question_id)) for review in reviews]
    return [Given(r, rating) for r, rating in found if rating and says(rating)]


def says(rating: QuestionRating) -> bool:
    return bool(rating.mark or rating.note or rating.first_mark)


def in_words(marks: Collection[int]) -> str:
    """Say how far the marks of several people lie apart; nothing of a single one."""
    if len(marks) < 2:
        return ""
    spread = max(marks) - min(marks)
    words = [
        gettext("all agree"),
        gettext("one mark apart"),
        gettext("two marks apart"),
    ]
    return words[spread] if spread < len(words) else gettext("far apart")


class Neighbours(NamedTuple):
    """The finished interviews of the vacancy around one: later, earlier, and waiting."""

    later: InterviewSession | None
    earlier: InterviewSession | None
    waiting: InterviewSession | None


def neighbours(session: InterviewSession, user: User) -> Neighbours:
    """Return where to go from an interview, by the time of its end, latest first.

    Each is one look at an index; whoever sees an interview sees its vacancy's others.
    """
    finished = InterviewSession.objects.filter(
        vacancy=session.vacancy_id, finished_at__isnull=False
    )
    waiting = waiting_for(user, finished.exclude(pk=session.pk))
    return Neighbours(
        later=later_than(session, finished),
        earlier=earlier_than(session, finished),
        waiting=waiting.order_by("finished_at", "pk").first(),
    )


def later_than(
    session: InterviewSession, rows: SessionQuerySet
) -> InterviewSession | None:
    if session.finished_at is None:
        return None
    same_time = Q(finished_at=session.finished_at, pk__lte=session.pk)
    later = rows.filter(finished_at__gte=session.finished_at).exclude(same_time)
    return later.order_by("finished_at", "pk").first()


def earlier_than(
    session: InterviewSession, rows: SessionQuerySet
) -> InterviewSession | None:
    """Return the one that ended last before this one did; of an open one, the latest."""
    if session.finished_at is not None:
        same_time = Q(finished_at=session.finished_at, pk__gte=session.pk)
        rows = rows.filter(finished_at__lte=session.finished_at).exclude(same_time)
    return rows.order_by("-finished_at", "-pk").first()

"""What people made of interviews, for many rows at a time."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q

from accounts.models import User
from interviews.models import InterviewSession, SessionQuerySet
from interviews.transcript import script_shown
from reviews.blind import open_to
from reviews.deciding import FINAL
from reviews.marks import mean_mark
from reviews.models import QuestionRating, Review, Standing


class RowFigures(NamedTuple):
    """What a list shows of one interview to one person.

    `is_blind` tells that there are marks which the person may not see (`reviews.blind`);
    `mark` is the mean of `reviewers` people, None if there is none or it is not to be seen.
    """

    is_managed: bool
    is_blind: bool
    has_reviewed: bool
    mark: float | None
    reviewers: int


def said_by(user: User) -> Q:
    """Return the condition on interviews of which the person has said what they think.

    Or that they will not say it.
    """
    own = Review.objects.filter(
        Q(saved_at__isnull=False) | Q(peeked_at__isnull=False),
        session=OuterRef("pk"),
        reviewer=user,
    )
    return Q(Exists(own))


def waiting_for(user: User, sessions: SessionQuerySet) -> SessionQuerySet:
    """Return those of the interviews that the person may rate, and has not.

    They are finished; those on which is decided wait for nobody.
    """
    if not user.has_perm("reviews.add_review"):
        return sessions.none()
    over = Standing.objects.filter(session=OuterRef("pk"), decision__outcome__in=FINAL)
    return (
        sessions.visible_to(user)
        # The index by the time of the end knows no status.
        .filter(finished_at__isnull=False)
        .exclude(said_by(user))
        .exclude(Exists(over))
    )


def figures_of(
    sessions: Collection[InterviewSession], user: User
) -> dict[object, RowFigures]:
    """Return what a list shows of each interview: four queries, however many rows."""
    keys = [session.pk for session in sessions]
    rows = InterviewSession.objects.filter(pk__in=keys)
    managed = set(rows.managed_by(user).values_list("pk", flat=True))
    seen = set(rows.filter(open_to(user)).values_list("pk", flat=True))
    reviews = reviews_of(keys)
    return {
        session.pk: figures_of_one(
            session,
            reviews.get(session.pk, []),
            user,
            is_managed=session.pk in managed,
            is_open=session.pk in seen,
        )
        for session in sessions
    }


def figures_of_one(
    session: InterviewSession,
    reviews: list[Review],
    user: User,
    *,
    is_managed: bool,
    is_open: bool,
) -> RowFigures:
    shown = reviews if is_open else []
    return RowFigures(
        is_managed=is_managed,
        is_blind=bool(reviews) and not is_open,
        has_reviewed=any(review.reviewer_id == user.pk for review in reviews),
        mark=mean_mark(map(marks_of, shown), script_shown(session)) if shown else None,
        reviewers=len(shown),
    )


def reviews_of(keys: Collection[UUID]) -> dict[UUID, list[Review]]:
    """Return the saved reviews of the interviews, with their marks."""
    marked = QuestionRating.objects.filter(mark__isnull=False)
    rows = Review.objects.saved().filter(session__in=keys)
    found: dict[UUID, list[Review]] = {}
    for review in rows.prefetch_related(Prefetch("ratings", queryset=marked)):
        found.setdefault(review.session_id, []).append(review)
    return found


def marks_of(review: Review) -> dict[int, int]:
    """Return a review's marks by question id."""
    return {
        rating.question_id: rating.mark
        for rating in review.ratings.all()
        if rating.mark is not None
    }

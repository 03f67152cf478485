"""What a reviewer says of an interview: written as a draft, saved when it is to count.

The one place that writes `Review` and `QuestionRating`. Each call names the fields that
changed and leaves the others alone: of two pages open at once neither loses a word.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.audit import record
from accounts.models import AuditAction, User
from core.exceptions import DomainError
from interviews.models import InterviewSession
from reviews.blind import may_see_others
from reviews.models import QuestionRating, Review

NONE: Mapping[int, None] = MappingProxyType({})


class NotStarted(DomainError):
    """There are no answers yet, and the questions may still change."""

    code = "not_started"
    detail = _("The interview has not started: there is nothing to rate yet.")  # type: ignore[assignment]


class EmptyReview(DomainError):
    """A review without a mark and without a recommendation."""

    code = "empty_review"
    detail = _("A review needs at least one mark or a recommendation.")  # type: ignore[assignment]


class Changes(NamedTuple):
    """Fields of a review and what they become; whatever is None or not named stays.

    `marks` and `notes` are by question id, of questions of the session's script; a mark
    of None takes it back.
    """

    recommendation: str | None = None
    comment: str | None = None
    marks: Mapping[int, int | None] = NONE
    notes: Mapping[int, str] = NONE  # type: ignore[assignment]

    @property
    def names(self) -> list[str]:
        """The names of the fields, for the log."""
        whole = [name for name in ("recommendation", "comment") if self.has(name)]
        marks = [f"mark_{key}" for key in self.marks]
        return [*whole, *marks, *(f"note_{key}" for key in self.notes)]

    def has(self, name: str) -> bool:
        return getattr(self, name) is not None


@transaction.atomic
def write_review(
    *, session: InterviewSession, reviewer: User, changes: Changes
) -> Review:
    """Store what changed. It is the author's alone until the review is saved.

    Afterwards it counts at once. Raises NotStarted, and EmptyReview if a saved review
    would have nothing left.
    """
    review = locked_review(session, reviewer)
    judgement = judged(review)
    store(review, changes)
    if review.saved_at:
        check_not_empty(review)
        note_change(review, judgement, changes)
    return review


@transaction.atomic
def save_review(*, session: InterviewSession, reviewer: User) -> Review:
    """Make the review count; harmless when repeated.

    It is blind if its author has not seen what others said. Raises NotStarted, and
    EmptyReview for one without a mark and a recommendation.
    """
    review = locked_review(session, reviewer)
    if review.saved_at:
        return review
    check_not_empty(review)
    review.is_blind = not may_see_others(reviewer, session)
    review.saved_at = timezone.now()
    review.first_recommendation = review.recommendation
    review.save(update_fields=["is_blind", "saved_at", "first_recommendation"])
    review.ratings.update(first_mark=F("mark"))
    log(review, session, f"saved, marks={len(judged(review).marks)}")
    return review


@transaction.atomic
def peek(*, session: InterviewSession, reviewer: User) -> Review:
    """Show the others' views to somebody who will not rate; what follows is not blind."""
    review = locked_review(session, reviewer)
    if not review.saved_at and not review.peeked_at:
        review.peeked_at = timezone.now()
        review.save(update_fields=["peeked_at"])
        record(
            AuditAction.VIEWED,
            session,
            user=reviewer,
            vacancy_id=session.vacancy_id,
            detail="the others' reviews, without an own",
        )
    return review


def locked_review(session: InterviewSession, reviewer: User) -> Review:
    """Return the person's review, begun if there is none."""
    if session.started_at is None:
        raise NotStarted
    Review.objects.bulk_create(
        [Review(session=session, reviewer=reviewer)], ignore_conflicts=True
    )
    rows = Review.objects.select_for_update()
    return rows.get(session=session, reviewer=reviewer)


class Judgement(NamedTuple):
    """What of a review is arithmetic: not its words."""

    recommendation: str
    marks: dict[int, int]


def judged(review: Review) -> Judgement:
    rows = review.ratings.values_list("question_id", "mark")
    return Judgement(
        review.recommendation, {key: mark for key, mark in rows if mark is not None}
    )


def check_not_empty(review: Review) -> None:
    if not any(judged(review)):
        raise EmptyReview


def store(review: Review, changes: Changes) -> None:
    whole = [name for name in ("recommendation", "comment") if changes.has(name)]
    for name in whole:
        setattr(review, name, getattr(changes, name))
    review.save(update_fields=[*whole, "updated_at"])
    store_by_question(review, "mark", changes.marks)
    store_by_question(review, "note", changes.notes)


def store_by_question(
    review: Review, name: str, values: Mapping[int, int | str | None]
) -> None:
    QuestionRating.objects.bulk_create(
        [
            QuestionRating(review=review, question_id=key, **{name: value})
            for key, value in values.items()
        ],
        update_conflicts=True,
        unique_fields=["review", "question"],
        update_fields=[name],
    )


def note_change(review: Review, before: Judgement, changes: Changes) -> None:
    """Keep on record that a review that counted was changed, and which fields."""
    if judged(review) != before:
        review.changed_at = timezone.now()
        review.save(update_fields=["changed_at"])
    if changes.names:
        log(review, review.session, "changed: " + ", ".join(changes.names))


def log(review: Review, session: InterviewSession, detail: str) -> None:
    record(
        AuditAction.RATED,
        session,
        user=review.reviewer,
        vacancy_id=session.vacancy_id,
        detail=detail,
    )

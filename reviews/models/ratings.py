"""What each reviewer says of an interview, and of each answer in it."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.encryption import Place
from core.fields import SealedCharField, SealedTextField
from interviews.models import InterviewSession
from vacancies.models import Question

WORST_MARK, BEST_MARK = 1, 5


class Recommendation(models.TextChoices):
    """What a reviewer would do; the decision is another matter (`Decision`)."""

    STRONG_NO = "strong_no", _("Certainly not")
    NO = "no", _("Rather not")
    YES = "yes", _("Rather yes")
    STRONG_YES = "strong_yes", _("Certainly")


class ReviewQuerySet(models.QuerySet["Review"]):
    def saved(self) -> Self:
        """Reviews that count: what is still being written is its author's alone."""
        return self.filter(saved_at__isnull=False)


class Review(models.Model):
    """One person's view of one interview: a draft until `saved_at`.

    `is_blind` says that it was saved before its author saw what others had said.
    """

    # Found by the unique constraint's index, which begins with it.
    session = models.ForeignKey(
        InterviewSession,
        on_delete=models.CASCADE,
        related_name="reviews",
        verbose_name=_("interview"),
        db_index=False,
    )
    reviewer = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="reviews",
        verbose_name=_("reviewer"),
    )
    recommendation = models.CharField(
        _("recommendation"), max_length=10, choices=Recommendation, blank=True
    )
    comment = SealedTextField(_("comment"), blank=True, max_length=5000)
    is_blind = models.BooleanField(default=True, editable=False)
    # Looked at the others' without rating: what comes after is not blind.
    peeked_at = models.DateTimeField(null=True, editable=False)
    # As it was when first saved, before its author saw what the others said.
    first_recommendation = models.CharField(
        max_length=10, choices=Recommendation, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    saved_at = models.DateTimeField(_("saved"), null=True, editable=False)
    # When a mark or the recommendation last changed after it was saved.
    changed_at = models.DateTimeField(null=True, editable=False)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        db_table = "review"
        ordering = ["saved_at", "pk"]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "reviewer"], name="review_one_per_person"
            ),
            models.CheckConstraint(
                condition=Q(recommendation="")
                | Q(recommendation__in=Recommendation.values),
                name="review_recommendation_known",
            ),
            models.CheckConstraint(
                condition=Q(first_recommendation="")
                | Q(first_recommendation__in=Recommendation.values),
                name="review_first_recommendation_known",
            ),
        ]

    def __str__(self) -> str:
        return f"Review {self.pk}"

    def sealed_in(self) -> Place:
        return "review", self.session_id, self.reviewer_id


class QuestionRating(models.Model):
    """A reviewer's mark for one answer, on the question's rubric."""

    # Found by the unique constraint's index, which begins with it.
    review = models.ForeignKey(
        Review,
        on_delete=models.CASCADE,
        related_name="ratings",
        verbose_name=_("review"),
        db_index=False,
    )
    question = models.ForeignKey(
        Question,
        on_delete=models.PROTECT,
        related_name="ratings",
        verbose_name=_("question"),
    )
    mark = models.PositiveSmallIntegerField(_("mark"), null=True, blank=True)
    # As it was when the review was first saved.
    first_mark = models.PositiveSmallIntegerField(null=True, editable=False)
    note = SealedTextField(_("note"), blank=True, max_length=2000)

    class Meta:
        db_table = "question_rating"
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        constraints = [
            models.UniqueConstraint(
                fields=["review", "question"], name="rating_one_per_question"
            ),
            models.CheckConstraint(
                condition=Q(mark=None) | Q(mark__range=(WORST_MARK, BEST_MARK)),
                name="rating_mark_in_range",
            ),
            models.CheckConstraint(
                condition=Q(first_mark=None)
                | Q(first_mark__range=(WORST_MARK, BEST_MARK)),
                name="rating_first_mark_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id}: {self.question_id}"

    def sealed_in(self) -> Place:
        return "rating", self.review_id, self.question_id


class Moment(models.Model):
    """A place in an answer worth coming back to."""

    session = models.ForeignKey(
        InterviewSession,
        on_delete=models.CASCADE,
        related_name="moments",
        verbose_name=_("interview"),
    )
    question = models.ForeignKey(
        Question,
        on_delete=models.PROTECT,
        related_name="moments",
        verbose_name=_("question"),
    )
    author = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="moments",
        verbose_name=_("marked by"),
    )
    # From the beginning of the answer's recording; empty where there is none.
    at_ms = models.PositiveIntegerField(_("time in the recording, ms"), null=True)
    quote = SealedTextField(_("words"), blank=True, max_length=2000)
    note = SealedCharField(_("note"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("marked"), auto_now_add=True)

    class Meta:
        db_table = "moment"
        ordering = ["created_at"]
        verbose_name = _("moment")
        verbose_name_plural = _("moments")
        constraints = [
            models.CheckConstraint(
                condition=Q(at_ms__isnull=False) | ~Q(quote=""),
                name="moment_is_somewhere",
            )
        ]

    def __str__(self) -> str:
        return f"Moment {self.pk}"

    def sealed_in(self) -> Place:
        return "moment", self.session_id, self.question_id, self.author_id

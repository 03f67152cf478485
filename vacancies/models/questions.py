"""Questions: of a vacancy, and of the bank."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from vacancies.models.choices import AnswerModeChoice, Language
from vacancies.models.vacancies import Vacancy
from vacancies.scripts import FrozenQuestion

SHORTEST_LIMIT_SECONDS, LONGEST_LIMIT_SECONDS = 15, 3600
MOST_RETAKES = 20
LEAST_WEIGHT, MOST_WEIGHT = 1, 5


class QuestionQuerySet(models.QuerySet["Question"]):
    def current(self) -> Self:
        """Questions that new interviews will ask, in their order."""
        return self.filter(archived_at=None).order_by("order")


class AskedQuestion(models.Model):
    """What a question is, wherever it is kept: its words, its limits, its rubric.

    The rubric is for the people who rate: no candidate and no agent ever sees it.
    """

    text = models.TextField(_("question"), max_length=2000)
    required = models.BooleanField(
        _("required"),
        default=True,
        help_text=_("A question that is not required may be skipped."),
    )
    answer_mode = models.CharField(
        _("how to answer"),
        max_length=10,
        choices=AnswerModeChoice,
        default=AnswerModeChoice.ANY,
        db_default=AnswerModeChoice.ANY,
        help_text=_(
            "What the page offers first. Whoever cannot speak, or write, may always "
            "choose the other."
        ),
    )
    time_limit_seconds = models.PositiveIntegerField(
        _("time limit, seconds"),
        null=True,
        blank=True,
        validators=[
            MinValueValidator(SHORTEST_LIMIT_SECONDS),
            MaxValueValidator(LONGEST_LIMIT_SECONDS),
        ],
        help_text=_("Empty: as long as the candidate needs."),
    )
    retakes = models.PositiveSmallIntegerField(
        _("retakes"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_RETAKES)],
        help_text=_(
            "How often an answer may be recorded anew. Empty: as often as the candidate "
            "likes; 0: never."
        ),
    )
    strong_answer = models.TextField(
        _("a strong answer"),
        blank=True,
        default="",
        db_default="",
        max_length=2000,
        help_text=_("What it contains. Seen by those who rate, never by candidates."),
    )
    weak_answer = models.TextField(
        _("a weak answer"),
        blank=True,
        default="",
        db_default="",
        max_length=2000,
        help_text=_("What it contains, or lacks."),
    )
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=LEAST_WEIGHT,
        db_default=LEAST_WEIGHT,
        validators=[MinValueValidator(LEAST_WEIGHT), MaxValueValidator(MOST_WEIGHT)],
        help_text=_("How much its rating counts beside the others: 1 to 5."),
    )

    class Meta:
        abstract = True


# The fields that a question shares with the bank's, with a clone, and with a template.
ASKED_FIELDS = [field.name for field in AskedQuestion._meta.local_fields]


class Question(AskedQuestion):
    """One question of a vacancy.

    A question that was ever put into a script stays as a row for ever: it is archived,
    never deleted, and an archived question has no place in the order.
    """

    vacancy = models.ForeignKey(
        Vacancy,
        on_delete=models.CASCADE,
        related_name="questions",
        verbose_name=_("vacancy"),
    )
    order = models.PositiveIntegerField(_("order"), null=True)
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        db_table = "question"
        ordering = ["order"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            # Checked at commit: while rows are being reordered two share a place.
            models.UniqueConstraint(
                fields=["vacancy", "order"],
                deferrable=models.Deferrable.DEFERRED,
                name="question_order_unique_per_vacancy",
            ),
            models.CheckConstraint(
                condition=Q(archived_at=None, order__isnull=False)
                | Q(archived_at__isnull=False, order=None),
                name="question_has_an_order_unless_archived",
            ),
            models.CheckConstraint(
                condition=Q(time_limit_seconds=None)
                | Q(
                    time_limit_seconds__range=(
                        SHORTEST_LIMIT_SECONDS,
                        LONGEST_LIMIT_SECONDS,
                    )
                ),
                name="question_time_limit_in_range",
            ),
            models.CheckConstraint(
                condition=Q(retakes=None) | Q(retakes__lte=MOST_RETAKES),
                name="question_retakes_in_range",
            ),
            models.CheckConstraint(
                condition=Q(answer_mode__in=AnswerModeChoice.values),
                name="question_answer_mode_known",
            ),
            models.CheckConstraint(
                condition=Q(weight__range=(LEAST_WEIGHT, MOST_WEIGHT)),
                name="question_weight_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 60 else f"{self.text[:59]}…"

    def frozen(self) -> FrozenQuestion:
        return FrozenQuestion(
            id=self.pk,
            text=self.text,
            required=self.required,
            time_limit_seconds=self.time_limit_seconds,
            retakes=self.retakes,
            answer_mode=self.answer_mode,
            strong_answer=self.strong_answer,
            weak_answer=self.weak_answer,
            weight=self.weight,
        )


class Tag(models.Model):
    """A word by which questions of the bank are found."""

    name = models.CharField(_("name"), max_length=50)

    class Meta:
        db_table = "question_tag"
        ordering = ["name"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [
            models.UniqueConstraint(Lower("name"), name="question_tag_name_unique")
        ]

    def __str__(self) -> str:
        return self.name


class BankQuestion(AskedQuestion):
    """A question kept for many vacancies; putting it into one makes a copy."""

    language = models.CharField(
        _("language"), max_length=2, choices=Language, default=Language.ENGLISH
    )
    tags = models.ManyToManyField(
        Tag, blank=True, related_name="questions", verbose_name=_("tags")
    )
    created_by = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("added by"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        db_table = "bank_question"
        ordering = ["-updated_at"]
        verbose_name = _("question of the bank")
        verbose_name_plural = _("questions of the bank")
        constraints = [
            models.CheckConstraint(
                condition=Q(language__in=Language.values),
                name="bank_question_language_known",
            ),
            models.CheckConstraint(
                condition=Q(answer_mode__in=AnswerModeChoice.values),
                name="bank_question_answer_mode_known",
            ),
            models.CheckConstraint(
                condition=Q(weight__range=(LEAST_WEIGHT, MOST_WEIGHT)),
                name="bank_question_weight_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 60 else f"{self.text[:59]}…"

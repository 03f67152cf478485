"""Vacancies, their ordered questions, and the frozen copies that interviews follow."""

from typing import Self

from django.core.validators import (
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
)
from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from vacancies.scripts import FrozenQuestion, FrozenScript

SHORTEST_LIMIT_SECONDS, LONGEST_LIMIT_SECONDS = 15, 3600
MOST_RETAKES = 20


class Language(models.TextChoices):
    """Languages an interview can be held in; each named in its own words."""

    ENGLISH = "en", "English"
    RUSSIAN = "ru", "Русский"


class VacancyStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class Company(models.Model):
    """An employer as candidates see it: its name, its look, and the person to write to.

    One of them may be the portal's; a vacancy may name another.
    """

    name = models.CharField(_("name"), max_length=200)
    colour = models.CharField(
        _("colour"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("Like #1d5c8a."))],
        help_text=_(
            "Of buttons and links. Made darker or lighter where it would be hard to read."
        ),
    )
    # In the database, and not in a folder: every machine of the portal has it.
    logo = models.BinaryField(_("logo"), default=b"", blank=True)
    logo_type = models.CharField(max_length=20, blank=True, editable=False)
    contact_name = models.CharField(
        _("contact person"),
        max_length=200,
        blank=True,
        help_text=_("Who answers candidates’ questions."),
    )
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    is_default = models.BooleanField(
        _("the portal’s own"),
        default=False,
        help_text=_("Shown with every vacancy that names no company."),
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        db_table = "company"
        ordering = ["name"]
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="company_one_default",
                violation_error_message=_(
                    "Another company is the portal’s own already: take that from it first."
                ),
            ),
            models.CheckConstraint(
                condition=Q(colour="") | Q(colour__regex=r"^#[0-9a-fA-F]{6}$"),
                name="company_colour_is_one",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VacancyQuerySet(models.QuerySet["Vacancy"]):
    def with_counts(self) -> Self:
        """Annotate question_count and session_count, so a list never counts by row."""
        return self.annotate(
            question_count=Count(
                "questions", filter=Q(questions__archived_at=None), distinct=True
            ),
            session_count=Count("sessions", distinct=True),
        )


class Vacancy(models.Model):
    """A position to fill: what candidates are told of it and what they are asked."""

    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(
        _("description"),
        blank=True,
        help_text=_("Candidates read it before they start."),
    )
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=Language,
        default=Language.ENGLISH,
        help_text=_("The interview is held in this language."),
    )
    company = models.ForeignKey(
        Company,
        on_delete=models.PROTECT,
        related_name="vacancies",
        null=True,
        blank=True,
        verbose_name=_("company"),
        help_text=_("Empty: the portal’s own."),
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=VacancyStatus,
        default=VacancyStatus.DRAFT,
        help_text=_(
            "Candidates can start while the vacancy is open. Closing it does not disturb "
            "interviews that have started."
        ),
    )
    greeting = models.TextField(
        _("greeting"),
        blank=True,
        max_length=1000,
        help_text=_("Your first words to the candidate. Empty: a friendly default."),
    )
    closing = models.TextField(
        _("closing line"),
        blank=True,
        max_length=1000,
        help_text=_("Said after the last question. Empty: a friendly default."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = VacancyQuerySet.as_manager()

    class Meta:
        db_table = "vacancy"
        ordering = ["-created_at"]
        verbose_name = _("vacancy")
        verbose_name_plural = _("vacancies")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=VacancyStatus.values),
                name="vacancy_status_known",
            ),
            models.CheckConstraint(
                condition=Q(language__in=Language.values),
                name="vacancy_language_known",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.status == VacancyStatus.OPEN


class QuestionQuerySet(models.QuerySet["Question"]):
    def current(self) -> Self:
        """Questions that new interviews will ask, in their order."""
        return self.filter(archived_at=None).order_by("order")


class Question(models.Model):
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
    text = models.TextField(_("question"), max_length=2000)
    order = models.PositiveIntegerField(_("order"), null=True)
    required = models.BooleanField(
        _("required"),
        default=True,
        help_text=_("A question that is not required may be skipped."),
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
        )


class Script(models.Model):
    """An immutable copy of a vacancy's questions: what an interview asks once started.

    Equal content is the same script, so most interviews of a vacancy share one row.
    """

    vacancy = models.ForeignKey(
        Vacancy,
        on_delete=models.CASCADE,
        related_name="scripts",
        verbose_name=_("vacancy"),
    )
    content = models.JSONField(_("content"), editable=False)
    content_hash = models.CharField(_("SHA-256"), max_length=64, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    questions = models.ManyToManyField(
        Question, through="ScriptQuestion", related_name="scripts"
    )

    class Meta:
        db_table = "script"
        verbose_name = _("script")
        verbose_name_plural = _("scripts")
        constraints = [
            models.UniqueConstraint(
                fields=["vacancy", "content_hash"], name="script_content_unique"
            )
        ]

    def __str__(self) -> str:
        return f"Script {self.pk}"

    def frozen(self) -> FrozenScript:
        return FrozenScript.from_content(self.content)


class ScriptQuestion(models.Model):
    """That a script asks a question: what keeps the question's row from deletion."""

    script = models.ForeignKey(Script, on_delete=models.CASCADE, related_name="+")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "script_question"
        constraints = [
            models.UniqueConstraint(
                fields=["script", "question"], name="script_question_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.script_id}: {self.question_id}"

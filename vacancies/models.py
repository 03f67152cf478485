"""Vacancies, their ordered questions, and the frozen copies that interviews follow."""

from typing import Self
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import (
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
)
from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from vacancies.scripts import AnswerMode, FrozenQuestion, FrozenScript

SHORTEST_LIMIT_SECONDS, LONGEST_LIMIT_SECONDS = 15, 3600
MOST_RETAKES = 20
LEAST_WEIGHT, MOST_WEIGHT = 1, 5


class Language(models.TextChoices):
    """Languages an interview can be held in; each named in its own words."""

    ENGLISH = "en", "English"
    RUSSIAN = "ru", "Русский"


class VacancyStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class AnswerModeChoice(models.TextChoices):
    """How a question is best answered; a candidate may always choose otherwise."""

    ANY = AnswerMode.ANY, _("As the candidate likes")
    SPOKEN = AnswerMode.SPOKEN, _("Aloud, if possible")
    WRITTEN = AnswerMode.WRITTEN, _("In writing")


class Part(models.TextChoices):
    """What a person does for a vacancy."""

    OWNER = "owner", _("Recruiter: invites, changes, decides")
    REVIEWER = "reviewer", _("Reviewer: reads and rates")


def check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("There is no time zone of this name."))


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
    def visible_to(self, user: User) -> Self:
        """Vacancies the person may read, with all that belongs to them."""
        if user.sees_everything:
            return self
        return self.filter(pk__in=user.memberships.values("vacancy"))

    def managed_by(self, user: User) -> Self:
        """Vacancies the person may change, invite to, and decide on."""
        if user.manages_everything:
            return self
        return self.filter(
            pk__in=user.memberships.filter(part=Part.OWNER).values("vacancy")
        )

    def actual(self) -> Self:
        """Vacancies proper; a template is but a pattern for them."""
        return self.filter(is_template=False)

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
    time_zone = models.CharField(
        _("time zone"),
        max_length=50,
        blank=True,
        validators=[check_time_zone],
        help_text=_("Of the deadlines, as candidates read them. Empty: the portal’s."),
    )
    sends_reminders = models.BooleanField(
        _("reminders"),
        default=True,
        db_default=True,
        help_text=_("Three days and two hours before the deadline, until they begin."),
    )
    is_template = models.BooleanField(
        _("template"),
        default=False,
        db_default=False,
        help_text=_("A pattern for new vacancies: nobody is invited to it."),
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
        _("answered"),
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
        verbose_name_plural = _("question bank")
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


class VacancyMember(models.Model):
    """That a person works on a vacancy: without it, the vacancy is not theirs to see."""

    vacancy = models.ForeignKey(
        Vacancy,
        on_delete=models.CASCADE,
        related_name="members",
        verbose_name=_("vacancy"),
    )
    user = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("person"),
    )
    part = models.CharField(
        _("part"), max_length=10, choices=Part, default=Part.REVIEWER
    )

    class Meta:
        db_table = "vacancy_member"
        verbose_name = _("team member")
        verbose_name_plural = _("team")
        constraints = [
            models.UniqueConstraint(
                fields=["vacancy", "user"], name="vacancy_member_once"
            ),
            models.CheckConstraint(
                condition=Q(part__in=Part.values), name="vacancy_member_part_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vacancy_id}: {self.user_id}"


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

"""Positions to fill."""

from typing import Any, Self, TypeVar
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from vacancies.models.choices import Language, Part, VacancyStatus
from vacancies.models.companies import Company

LONGEST_NOTICE_DAYS = 60


def check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("There is no time zone of this name."))


Keys = models.QuerySet[Any, Any]


def seen_by(user: User) -> Keys:
    """Return the keys of the vacancies that a member of their teams may read."""
    return user.memberships.values("vacancy")


def owned_by(user: User) -> Keys:
    """Return the keys of the vacancies that an owner may change and decide on."""
    return user.memberships.filter(part=Part.OWNER).values("vacancy")


class VacancyQuerySet(models.QuerySet["Vacancy"]):
    def visible_to(self, user: User) -> Self:
        """Vacancies the person may read, with all that belongs to them."""
        if user.sees_everything:
            return self
        return self.filter(pk__in=seen_by(user))

    def managed_by(self, user: User) -> Self:
        """Vacancies the person may change, invite to, and decide on."""
        if user.manages_everything:
            return self
        return self.filter(pk__in=owned_by(user))

    def actual(self) -> Self:
        """Vacancies proper; a template is but a pattern for them."""
        return self.filter(is_template=False)

    def with_counts(self) -> Self:
        """Annotate question_count and session_count, so a list never counts by row.

        Each is counted apart, by an index and for the rows of the page alone: joined,
        the questions would multiply every interview of the portal.
        """
        return self.annotate(
            question_count=count_of("questions", archived_at=None),
            session_count=count_of("sessions"),
        )


def count_of(relation: str, **conditions: object) -> Coalesce:
    """Return how many rows of the relation a vacancy has, as an expression.

    Of the relation's table alone, and of rows, not of a column: an index tells that.
    """
    model = Vacancy._meta.get_field(relation).related_model
    assert model is not None  # each is a relation
    rows = model._default_manager.filter(vacancy=OuterRef("pk"), **conditions)
    counted = rows.order_by().values("vacancy").annotate(number=Count("*"))
    return Coalesce(Subquery(counted.values("number")), 0)


Row = TypeVar("Row", bound=models.Model)


class OfVacancies(models.QuerySet[Row]):
    """Rows that belong to a vacancy, found by `vacancy_path`: theirs whose vacancy it is.

    The one rule of who sees and who changes what; who sees all vacancies pays no join.
    """

    vacancy_path = "vacancy"

    def visible_to(self, user: User) -> Self:
        """Rows of the vacancies that the person may read."""
        if user.sees_everything:
            return self
        return self.of(seen_by(user))

    def managed_by(self, user: User) -> Self:
        """Rows of the vacancies that the person may change."""
        if user.manages_everything:
            return self
        return self.of(owned_by(user))

    def of(self, vacancies: Keys) -> Self:
        return self.filter(**{f"{self.vacancy_path}__in": vacancies})


class OfSessions(OfVacancies[Row]):
    """Rows that belong to an interview, and by it to a vacancy."""

    vacancy_path = "session__vacancy"


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
    uses_ai_scores = models.BooleanField(
        _("AI suggests scores"),
        default=False,
        db_default=False,
        help_text=_(
            "Candidates are told so before they agree, and each of them may say no. "
            "Nobody is scored who was not told."
        ),
    )
    notice_days = models.PositiveSmallIntegerField(
        _("notice, working days"),
        default=0,
        db_default=0,
        validators=[MaxValueValidator(LONGEST_NOTICE_DAYS)],
        help_text=_(
            "So many full working days lie between an invitation and its first "
            "question; New York City asks for 10. Holidays are not known here: add them."
        ),
    )
    keeps_voice_here = models.BooleanField(
        _("voice stays on this server"),
        default=False,
        db_default=False,
        help_text=_(
            "No call with ElevenLabs, and no speech recognition by the browser’s maker: "
            "the page itself asks, and its recordings come to this server alone."
        ),
    )
    retention_days = models.PositiveSmallIntegerField(
        _("answers are kept, days"),
        null=True,
        blank=True,
        help_text=_(
            "After the last decision or, without one, the end of the interview; then all "
            "of it is erased. Candidates agree to it. Empty: the portal’s. 0: for ever."
        ),
    )
    audio_retention_days = models.PositiveSmallIntegerField(
        _("recordings are kept, days"),
        null=True,
        blank=True,
        help_text=_(
            "Counted like the answers, whose words stay. Empty: the portal’s. 0: as long "
            "as the answers."
        ),
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
            models.CheckConstraint(
                condition=Q(notice_days__lte=LONGEST_NOTICE_DAYS),
                name="vacancy_notice_in_range",
            ),
            models.CheckConstraint(
                condition=Q(is_template=False) | Q(status=VacancyStatus.DRAFT),
                name="vacancy_template_stays_a_draft",
                violation_error_message=_(
                    "A template is never opened: make a vacancy from it."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.status == VacancyStatus.OPEN

"""What the columns around vacancies may hold."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from vacancies.scripts import AnswerMode


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

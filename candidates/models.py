"""People who are interviewed, and what they agreed to."""

from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from vacancies.models.vacancies import Keys, owned_by, seen_by

# No list goes further: of a part of a name that more people have, it takes these.
MOST_FOUND = 10_000


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def called(self, part: str) -> Self:
        """People whose name or address has this part: at most MOST_FOUND of them."""
        found = self.filter(Q(name__icontains=part) | Q(email__icontains=part))
        return found.order_by()[:MOST_FOUND]

    def visible_to(self, user: User) -> Self:
        """People interviewed for a vacancy the person may read, or whom they added."""
        if user.sees_everything:
            return self
        return self.of_vacancies(seen_by(user), user)

    def managed_by(self, user: User) -> Self:
        if user.manages_everything:
            return self
        return self.of_vacancies(owned_by(user), user)

    def of_vacancies(self, vacancies: Keys, user: User) -> Self:
        """Asked for each person: a page of the list needs few of them."""
        sessions = Candidate._meta.get_field("sessions").related_model
        invited = sessions._default_manager.filter(
            candidate=OuterRef("pk"), vacancy__in=vacancies
        )
        return self.filter(Exists(invited) | Q(added_by=user))


class Candidate(models.Model):
    """A person who applies; known by the e-mail address."""

    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    added_by = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("added by"),
    )

    objects = CandidateQuerySet.as_manager()

    class Meta:
        db_table = "candidate"
        ordering = ["name"]
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        # As the list is ordered; for search see migration 0004.
        indexes = [models.Index("name", F("id").desc(), name="candidate_by_name")]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="candidate_email_unique",
                violation_error_message=_("A candidate with this address exists."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Consent(models.Model):
    """What a candidate said to the consent text: kept for ever, never changed.

    A refusal is a row too, with `given` false; a change of mind is a further row.
    """

    candidate = models.ForeignKey(
        Candidate,
        on_delete=models.PROTECT,
        related_name="consents",
        verbose_name=_("candidate"),
    )
    given = models.BooleanField(_("given"))
    version = models.CharField(_("version of the text"), max_length=20)
    language = models.CharField(_("language"), max_length=2)
    text_hash = models.CharField(_("SHA-256 of the text"), max_length=64)
    # Word for word as it was shown; rows from before it was kept have the hash alone.
    text = models.TextField(_("text"), blank=True, default="", db_default="")
    decided_at = models.DateTimeField(_("decided"), auto_now_add=True)

    class Meta:
        db_table = "consent"
        ordering = ["decided_at"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self) -> str:
        return f"{self.version} {self.language}"

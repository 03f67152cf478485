"""People who are interviewed, and what they agreed to."""

from collections.abc import Iterable
from typing import Any, Self
from uuid import uuid4

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import blind_index, encryption
from core.fields import (
    ComputedArrayField,
    ComputedCharField,
    SealedCharField,
    SealedEmailField,
    Unreadable,
)
from vacancies.models.vacancies import Keys, owned_by, seen_by

# No list goes further: of a part of a name that more people have, it takes these.
MOST_FOUND = 10_000


def holding(part: str) -> Q:
    """Return the condition that a name or an address has this part.

    Where names are encrypted, that a word of it begins so.
    """
    anywhere = Q(name__icontains=part) | Q(email__icontains=part)
    if not encryption.has_keys() or not part:
        return anywhere
    found = anywhere & Q(search_keys=None)
    for hashes in blind_index.hashes_to_find(part):
        found |= Q(search_keys__contains=[big(number) for number in hashes])
    return found


def big(number: int) -> models.Value:
    """Return a number of 64 bits: of a list's, Django would give the database 32."""
    return models.Value(number, models.BigIntegerField())


def by_name(path: str = "") -> list[str]:
    """Return the order of a list by name; where names are encrypted, the newest first.

    `path` leads to the candidate: "candidate__".
    """
    return [f"-{path}id"] if encryption.has_keys() else [f"{path}name", f"{path}email"]


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def called(self, part: str) -> Self:
        """People whose name or address has this part: at most MOST_FOUND of them."""
        return self.filter(holding(part)).order_by()[:MOST_FOUND]

    def with_addresses(self, emails: Iterable[str]) -> Self:
        """People who have one of these addresses, in small letters or capitals."""
        emails = list(emails)
        found = Q(address__in={email.lower() for email in emails})
        if encryption.has_keys():
            keys = blind_index.index_keys()
            found |= Q(email_key__in={k.address(e) for e in emails for k in keys})
        return self.alias(address=Lower("email")).filter(found)

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

    name = SealedCharField(_("name"), max_length=200)
    email = SealedEmailField(_("e-mail"))
    # What the name and the address are bound to while they are encrypted.
    seal = models.UUIDField(null=True, default=uuid4, editable=False)
    # What they are found by then (core.blind_index); nothing while they are not.
    email_key = ComputedCharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    search_keys = ComputedArrayField(
        models.BigIntegerField(), null=True, blank=True, editable=False
    )
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
        indexes = [
            models.Index("name", F("id").desc(), name="candidate_by_name"),
            GinIndex(
                fields=["search_keys"],
                condition=Q(search_keys__isnull=False),
                name="candidate_search_keys",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="candidate_email_unique",
                violation_error_message=_("A candidate with this address exists."),
            ),
            models.UniqueConstraint(
                fields=["email_key"],
                condition=~Q(email_key=""),
                name="candidate_email_key_unique",
                violation_error_message=_("A candidate with this address exists."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep what the row is found by in step with what it holds."""
        names = kwargs.get("update_fields")
        if names and {"name", "email"}.intersection(names):
            kwargs["update_fields"] = {*names, "email_key", "search_keys"}
        super().save(*args, **kwargs)

    def sealed_in(self) -> encryption.Place:
        # Rows from before there was a seal have their key.
        return "candidate", self.seal or self.pk

    def computed_email_key(self) -> str:
        if not encryption.has_keys() or not self.email:
            return ""
        if isinstance(self.email, Unreadable):
            return self.email_key
        return blind_index.current().address(self.email)

    def computed_search_keys(self) -> list[int] | None:
        if not encryption.has_keys():
            return None
        if isinstance(self.name, Unreadable) or isinstance(self.email, Unreadable):
            return self.search_keys
        return blind_index.hashes_of(self.name, self.email)


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

"""Proof of what was erased, what is still to go, and what may not go yet."""

from datetime import timedelta
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from candidates.models import Candidate
from interviews.models import InterviewSession
from vacancies.models import Vacancy

# What is not gone everywhere by then is for a person to look at.
DONE_WITHIN = timedelta(hours=24)


class Extent(models.TextChoices):
    """What was erased."""

    PERSON = "person", _("The person")
    INTERVIEW = "interview", _("One interview")
    RECORDINGS = "recordings", _("Recordings of one interview")


class Cause(models.TextChoices):
    """Why it was erased. In a choice, not in words: words would name the person."""

    REQUEST = "request", _("The candidate asked for it")
    STAFF = "staff", _("The hiring team")
    RETENTION = "retention", _("The period was over")


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def unfinished(self) -> Self:
        return self.filter(finished_at=None)

    def overdue(self) -> Self:
        return self.unfinished().filter(erased_at__lte=timezone.now() - DONE_WITHIN)


class Erasure(models.Model):
    """That somebody's data was erased: the proof, without the person.

    The row is written in the transaction that removes the data from the database; it is
    finished when files and the voice service have followed (`ErasureStep`).
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    extent = models.CharField(_("what"), max_length=10, choices=Extent)
    cause = models.CharField(_("why"), max_length=10, choices=Cause)
    # The key of the row that is gone: the audit log and backups know it by this.
    candidate_key = models.BigIntegerField(_("candidate no."), db_index=True)
    # Of the address (privacy.proof); empty unless the whole person was erased.
    address_hash = models.CharField(max_length=64, blank=True, db_index=True)
    asked_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("erased by"),
    )
    # When the candidate asked for it.
    requested_at = models.DateTimeField(_("asked for"), null=True)
    # {"interview_session": 1, …}: rows by table.
    counts = models.JSONField(_("rows"), default=dict)
    erased_at = models.DateTimeField(_("erased"), auto_now_add=True)
    # In the list that is kept for restores (core.backup_erasures).
    noted_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(_("gone everywhere"), null=True)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        db_table = "erasure"
        ordering = ["-erased_at"]
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        indexes = [
            models.Index(
                fields=["erased_at"],
                condition=Q(finished_at=None),
                name="erasure_unfinished",
            ),
            models.Index(fields=["-erased_at"], name="erasure_erased"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(extent__in=Extent.values), name="erasure_extent_known"
            ),
            models.CheckConstraint(
                condition=Q(cause__in=Cause.values), name="erasure_cause_known"
            ),
            models.CheckConstraint(
                condition=Q(extent="person") ^ Q(address_hash=""),
                name="erasure_of_a_person_has_the_proof",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_overdue(self) -> bool:
        return (
            self.finished_at is None and self.erased_at <= timezone.now() - DONE_WITHIN
        )


class Place(models.TextChoices):
    """Where something lies that no transaction reaches."""

    RECORDINGS = "recordings", _("Recordings")
    EXPORTS = "exports", _("Exports")
    VENDOR = "vendor", "ElevenLabs"


class StepOutcome(models.TextChoices):
    """What became of a thing that is to go."""

    DELETED = "deleted", _("Deleted")
    ABSENT = "absent", _("Was not there")


class ErasureStep(models.Model):
    """A file, or a conversation at the vendor, that goes with what was erased.

    It is tried until it is gone. The row stays: a worker that was busy with the file may
    still put it back, and the vendor may still report the call.
    """

    erasure = models.ForeignKey(
        Erasure, on_delete=models.CASCADE, related_name="steps", db_index=False
    )
    place = models.CharField(_("where"), max_length=10, choices=Place)
    # A file's name in its storage, or a conversation's id.
    name = models.CharField(_("name"), max_length=200)
    # At the vendor: in which of its workspaces.
    workspace = models.CharField(_("workspace"), max_length=30, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=StepOutcome, blank=True
    )
    done_at = models.DateTimeField(_("done"), null=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    problem = models.CharField(_("problem"), max_length=300, blank=True)

    class Meta:
        db_table = "erasure_step"
        ordering = ["place", "name"]
        verbose_name = _("step of an erasure")
        verbose_name_plural = _("steps of an erasure")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(done_at=None),
                name="erasure_step_due",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["erasure", "place", "name", "workspace"],
                name="erasure_step_once",
            ),
            models.CheckConstraint(
                condition=Q(place__in=Place.values), name="erasure_step_place_known"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, outcome="")
                | Q(done_at__isnull=False, outcome__in=StepOutcome.values),
                name="erasure_step_done_has_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.pk}"


class HoldQuerySet(models.QuerySet["LegalHold"]):
    def standing(self) -> Self:
        return self.filter(released_at=None)


class LegalHold(models.Model):
    """That something must be kept, whatever periods and requests say: a dispute, a duty.

    Of exactly one: a candidate with all interviews, an interview, or a vacancy with all
    of its interviews.
    """

    candidate = models.ForeignKey(
        Candidate,
        on_delete=models.PROTECT,
        related_name="holds",
        null=True,
        blank=True,
        verbose_name=_("candidate"),
    )
    session = models.ForeignKey(
        InterviewSession,
        on_delete=models.PROTECT,
        related_name="holds",
        null=True,
        blank=True,
        verbose_name=_("interview"),
    )
    vacancy = models.ForeignKey(
        Vacancy,
        on_delete=models.PROTECT,
        related_name="holds",
        null=True,
        blank=True,
        verbose_name=_("vacancy"),
    )
    reason = models.TextField(
        _("reason"),
        max_length=2000,
        help_text=_("Whoever is refused an erasure reads it."),
    )
    placed_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("placed by"),
    )
    placed_at = models.DateTimeField(_("since"), auto_now_add=True)
    released_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("released by"),
    )
    released_at = models.DateTimeField(_("released"), null=True, editable=False)

    objects = HoldQuerySet.as_manager()

    class Meta:
        db_table = "legal_hold"
        ordering = ["-placed_at"]
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        constraints = [
            models.CheckConstraint(
                condition=Q(candidate__isnull=False, session=None, vacancy=None)
                | Q(candidate=None, session__isnull=False, vacancy=None)
                | Q(candidate=None, session=None, vacancy__isnull=False),
                name="legal_hold_of_one_thing",
                violation_error_message=_(
                    "Choose one: a candidate, an interview or a vacancy."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="legal_hold_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="legal_hold_released_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"Legal hold {self.pk}"

"""How far a candidate has come, and what was decided: always by a person."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.encryption import Place
from core.fields import SealedTextField
from interviews.models import InterviewSession


class Stage(models.TextChoices):
    """Where the hiring of a candidate stands."""

    NEW = "new", _("New")
    IN_REVIEW = "in_review", _("In review")
    SHORTLISTED = "shortlisted", _("Shortlisted")
    MEETING = "meeting", _("Meeting")
    OFFER = "offer", _("Offer")
    DONE = "done", _("Done")


class Outcome(models.TextChoices):
    """What was decided."""

    HIRED = "hired", _("Hired")
    ADVANCED = "advanced", _("Goes on")
    ON_HOLD = "on_hold", _("On hold")
    REJECTED = "rejected", _("Turned down")
    WITHDREW = "withdrew", _("Withdrew")


class Decision(models.Model):
    """A decision as it was taken: never changed; a later one takes its place.

    The database refuses to change or remove the row (migration 0002), unless a person's
    data is being erased.
    """

    session = models.ForeignKey(
        InterviewSession,
        on_delete=models.CASCADE,
        related_name="decisions",
        verbose_name=_("interview"),
    )
    outcome = models.CharField(_("decision"), max_length=10, choices=Outcome)
    reason = SealedTextField(_("reason"), max_length=5000)
    decided_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="decisions",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), auto_now_add=True)

    class Meta:
        db_table = "decision"
        ordering = ["-decided_at", "-pk"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [models.Index(fields=["decided_at"], name="decision_decided")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="decision_outcome_known"
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="decision_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.pk}"

    def sealed_in(self) -> Place:
        return "decision", self.session_id, self.decided_by_id


class Standing(models.Model):
    """Where one interview's candidate stands now; without a row, at the beginning."""

    session = models.OneToOneField(
        InterviewSession,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="standing",
        verbose_name=_("interview"),
    )
    stage = models.CharField(
        _("stage"), max_length=12, choices=Stage, default=Stage.NEW
    )
    # The decision that counts.
    decision = models.ForeignKey(
        Decision,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("decision"),
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        db_table = "standing"
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        indexes = [models.Index(fields=["stage"], name="standing_stage")]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values), name="standing_stage_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.pk}"


class StageChange(models.Model):
    """That somebody moved a candidate from one stage to another."""

    session = models.ForeignKey(
        InterviewSession,
        on_delete=models.CASCADE,
        related_name="stage_changes",
        verbose_name=_("interview"),
    )
    before = models.CharField(max_length=12, choices=Stage)
    after = models.CharField(max_length=12, choices=Stage)
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        db_table = "stage_change"
        ordering = ["at", "pk"]
        verbose_name = _("change of stage")
        verbose_name_plural = _("changes of stage")

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"

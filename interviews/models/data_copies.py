"""Copies of all that is held about a candidate, made for whoever may have one."""

from uuid import uuid4

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from candidates.models import Candidate


def copies_storage() -> Storage:
    return storages["exports"]


class CopyState(models.TextChoices):
    QUEUED = "queued", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


class DataCopy(models.Model):
    """A ZIP of what is held about a candidate: kept for some days.

    `asked_by` is empty for the candidate's own, which holds the one interview whose link
    they have; a member of staff gets the interviews that they may see.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    candidate = models.ForeignKey(
        Candidate,
        on_delete=models.CASCADE,
        related_name="copies",
        verbose_name=_("candidate"),
    )
    session = models.ForeignKey(
        "interviews.InterviewSession",
        on_delete=models.CASCADE,
        related_name="copies",
        null=True,
        verbose_name=_("interview"),
    )
    asked_by = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        verbose_name=_("asked for by"),
    )
    language = models.CharField(max_length=2, default="en")
    state = models.CharField(
        _("state"), max_length=10, choices=CopyState, default=CopyState.QUEUED
    )
    file = models.FileField(
        _("file"), storage=copies_storage, max_length=200, blank=True
    )
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    ready_at = models.DateTimeField(_("ready"), null=True)

    class Meta:
        db_table = "data_copy"
        ordering = ["-created_at"]
        verbose_name = _("copy of the data")
        verbose_name_plural = _("copies of the data")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=CopyState.values), name="data_copy_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | ~Q(file=""),
                name="data_copy_ready_means_file",
            ),
            # The candidate has one interview's link; staff have rights.
            models.CheckConstraint(
                condition=Q(session=None) ^ Q(asked_by=None),
                name="data_copy_for_one_or_the_other",
            ),
        ]

    def __str__(self) -> str:
        return f"Copy {self.pk}"

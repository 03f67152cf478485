"""Files made of interviews for whoever asked."""

from uuid import uuid4

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.encryption import Place
from core.fields import SealedJSONField


def exports_storage() -> Storage:
    return storages["exports"]


class ExportFormat(models.TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel (XLSX)"
    JSON = "json", "JSON"
    PDF = "pdf", "PDF"


class ExportState(models.TextChoices):
    QUEUED = "queued", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    GONE = "gone", _("Deleted: somebody in it was erased")


class Export(models.Model):
    """A file of interviews: made by the worker, kept for some days, its owner's alone."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="exports", verbose_name=_("user")
    )
    format = models.CharField(_("format"), max_length=4, choices=ExportFormat)
    # Which interviews: {"ids": [...]} or {"query": "state=finished&…"}, as the list was.
    chosen = SealedJSONField(default=dict)
    language = models.CharField(max_length=2, default="en")
    state = models.CharField(
        _("state"), max_length=10, choices=ExportState, default=ExportState.QUEUED
    )
    rows = models.PositiveIntegerField(_("interviews"), null=True)
    file = models.FileField(
        _("file"), storage=exports_storage, max_length=200, blank=True
    )
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    ready_at = models.DateTimeField(_("ready"), null=True)

    class Meta:
        db_table = "export"
        ordering = ["-created_at"]
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        constraints = [
            models.CheckConstraint(
                condition=Q(format__in=ExportFormat.values), name="export_format_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ExportState.values), name="export_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | ~Q(file=""),
                name="export_ready_means_file",
            ),
        ]

    def __str__(self) -> str:
        return f"Export {self.pk}"

    def sealed_in(self) -> Place:
        return "export", self.pk

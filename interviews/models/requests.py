"""What candidates ask of the hiring team."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.encryption import Place
from core.fields import SealedTextField
from vacancies.models import OfSessions


class RequestKind(models.TextChoices):
    """What a candidate can ask for, on the pages of the interview.

    A withdrawal needs no answer to take effect; it waits for a person all the same.
    """

    ANOTHER_WAY = "another_way", _("Another way to be interviewed")
    HUMAN_REVIEW = "human_review", _("A review by another person")
    ERASURE = "erasure", _("Erasure of the data")
    WITHDRAWAL = "withdrawal", _("Consent was withdrawn")


def time_to_answer() -> timedelta:
    return timedelta(days=settings.REQUEST_DAYS)


class RequestQuerySet(OfSessions["CandidateRequest"]):
    def overdue(self) -> Self:
        """Those that have waited longer than the portal promises itself."""
        asked = timezone.now() - time_to_answer()
        return self.filter(handled_at=None, created_at__lte=asked)


class CandidateRequest(models.Model):
    """A candidate's request; open until a person says what was done about it."""

    session = models.ForeignKey(
        "interviews.InterviewSession",
        on_delete=models.CASCADE,
        related_name="requests",
        verbose_name=_("interview"),
    )
    kind = models.CharField(_("request"), max_length=20, choices=RequestKind)
    message = SealedTextField(_("message"), blank=True)
    created_at = models.DateTimeField(_("time"), auto_now_add=True)
    handled_at = models.DateTimeField(_("handled"), null=True, editable=False)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("handled by"),
    )
    note = SealedTextField(_("what was done"), blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        db_table = "candidate_request"
        ordering = ["-created_at"]
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        # As the list is ordered: what waits, the longest first.
        indexes = [
            models.Index(
                F("handled_at").desc(nulls_first=True),
                "created_at",
                name="request_waiting",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "kind"],
                condition=Q(handled_at=None),
                name="request_one_open_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=RequestKind.values), name="request_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(handled_at=None, handled_by=None)
                | Q(handled_at__isnull=False, handled_by__isnull=False),
                name="request_handled_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"Request {self.pk}"

    def sealed_in(self) -> Place:
        return "request", self.session_id, self.kind

    @property
    def due_at(self) -> datetime:
        """Return until when a person should have answered."""
        return self.created_at + time_to_answer()

    @property
    def is_overdue(self) -> bool:
        return self.handled_at is None and self.due_at <= timezone.now()

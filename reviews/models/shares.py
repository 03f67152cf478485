"""Links by which people without an account read chosen interviews, for a while."""

from datetime import date, timedelta
from typing import Self
from uuid import uuid4

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.encryption import Place
from core.fields import SealedTextField
from interviews.models import InterviewSession
from reviews.models.ratings import Recommendation
from vacancies.models import OfVacancies, Vacancy


class ShareState(models.TextChoices):
    """Whether a link works."""

    WORKING = "working", _("Works")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")


class ShareQuerySet(OfVacancies["Share"]):
    def working(self) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def with_state(self, state: str) -> Self:
        if state == ShareState.REVOKED:
            return self.filter(revoked_at__isnull=False)
        if state == ShareState.EXPIRED:
            return self.filter(revoked_at=None, expires_at__lte=timezone.now())
        return self.working()

    def with_figures(self) -> Self:
        """Annotate session_count, view_count, opened_at and feedback_count."""
        return self.annotate(
            session_count=figure(SharedSession, Count("pk")),
            view_count=figure(ShareView, Count("pk")),
            opened_at=figure(ShareView, Max("at")),
            feedback_count=figure(ShareFeedback, Count("pk")),
        )


def figure(model: type[models.Model], wanted: Count | Max) -> Subquery | Coalesce:
    """Return a figure of a share's rows, for a query of shares."""
    rows = model._default_manager.filter(share=OuterRef("pk")).order_by()
    found = Subquery(rows.values("share").annotate(figure=wanted).values("figure"))
    return Coalesce(found, 0) if isinstance(wanted, Count) else found


class Share(models.Model):
    """A link to some interviews of one vacancy: read-only, expiring, revocable.

    The link's token is shown once and kept as its SHA-256 alone. `key` is what its pages
    are called once the link has been opened: it opens nothing by itself.
    """

    key = models.UUIDField(
        default=uuid4, db_default=RandomUUID(), unique=True, editable=False
    )
    vacancy = models.ForeignKey(
        Vacancy,
        on_delete=models.CASCADE,
        related_name="shares",
        verbose_name=_("vacancy"),
    )
    sessions = models.ManyToManyField(
        InterviewSession, through="SharedSession", related_name="shares"
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    recipient = models.CharField(
        _("for whom"), max_length=200, help_text=_("So that you know it later.")
    )
    hides_names = models.BooleanField(
        _("hide names"),
        default=False,
        help_text=_("Candidates are called “Candidate 1”, “Candidate 2” …"),
    )
    asks_feedback = models.BooleanField(_("ask for an opinion"), default=True)
    created_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="shares",
        verbose_name=_("shared by"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("works until"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = ShareQuerySet.as_manager()

    class Meta:
        db_table = "share"
        ordering = ["-created_at"]
        verbose_name = _("shared link")
        verbose_name_plural = _("shared links")

    def __str__(self) -> str:
        return self.recipient

    @property
    def state(self) -> ShareState:
        if self.revoked_at:
            return ShareState.REVOKED
        is_over = self.expires_at <= timezone.now()
        return ShareState.EXPIRED if is_over else ShareState.WORKING

    @property
    def last_day(self) -> date:
        """Return the last day on which the link works, in the active time zone."""
        return localdate(self.expires_at - timedelta(microseconds=1))


class SharedSession(models.Model):
    """That a link shows an interview; `number` is what its candidate is called there."""

    # Found by the unique constraint's index, which begins with it.
    share = models.ForeignKey(
        Share, on_delete=models.CASCADE, related_name="rows", db_index=False
    )
    session = models.ForeignKey(
        InterviewSession, on_delete=models.CASCADE, related_name="+"
    )
    number = models.PositiveIntegerField()

    class Meta:
        db_table = "shared_session"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["share", "session"], name="shared_session_once"
            ),
            models.UniqueConstraint(
                fields=["share", "number"], name="shared_session_number_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.share_id}: {self.number}"


class ShareView(models.Model):
    """That a link was opened: its list, or one interview, or the recording of an answer.

    The list has no session; a recording has the place of its answer as well.
    """

    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="views")
    session = models.ForeignKey(
        InterviewSession, on_delete=models.CASCADE, related_name="+", null=True
    )
    position = models.PositiveIntegerField(_("answer"), null=True)
    at = models.DateTimeField(_("time"), auto_now_add=True)
    address = models.GenericIPAddressField(_("address"), null=True)

    class Meta:
        db_table = "share_view"
        ordering = ["-at", "-pk"]
        verbose_name = _("view")
        verbose_name_plural = _("views")
        constraints = [
            models.CheckConstraint(
                condition=Q(position=None) | Q(session__isnull=False),
                name="share_view_answer_is_of_an_interview",
            )
        ]

    def __str__(self) -> str:
        return f"View {self.pk}"


class ShareFeedback(models.Model):
    """What somebody without an account says of an interview that was shared."""

    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="feedback")
    session = models.ForeignKey(
        InterviewSession, on_delete=models.CASCADE, related_name="feedback"
    )
    name = models.CharField(_("name"), max_length=200)
    recommendation = models.CharField(
        _("recommendation"), max_length=10, choices=Recommendation, blank=True
    )
    comment = SealedTextField(_("comment"), blank=True, max_length=5000)
    created_at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        db_table = "share_feedback"
        ordering = ["created_at", "pk"]
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
        constraints = [
            models.CheckConstraint(
                condition=Q(recommendation="")
                | Q(recommendation__in=Recommendation.values),
                name="feedback_recommendation_known",
            ),
            models.CheckConstraint(
                condition=~Q(recommendation="") | ~Q(comment=""),
                name="feedback_says_something",
            ),
        ]

    def __str__(self) -> str:
        return f"Feedback {self.pk}"

    def sealed_in(self) -> Place:
        return "feedback", self.share_id, self.session_id

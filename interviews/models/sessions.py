"""The interview workflow: sessions, conversations, and what happened when."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates.models import Candidate, Consent
from core.keys import random_key
from interviews.models.answers import InterviewProgress
from vacancies.models import (
    OfVacancies,
    Question,
    Script,
    ScriptQuestion,
    Vacancy,
    VacancyStatus,
)

WORST_RATING, BEST_RATING = 1, 5


class SessionStatus(models.TextChoices):
    """How far a session has come, as its columns say; expiry is a matter of the clock."""

    INVITED = "invited", _("Invited")
    IN_PROGRESS = "in_progress", _("In progress")
    FINISHED = "finished", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")


class SessionState(models.TextChoices):
    """What a session is to its candidate at this moment; each has a page of its own."""

    NOT_OPEN = "not_open", _("Not open yet")
    INVITED = "invited", _("Invited")
    DECLINED = "declined", _("Declined")
    IN_PROGRESS = "in_progress", _("In progress")
    FINISHED = "finished", _("Finished")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")
    VACANCY_CLOSED = "vacancy_closed", _("Vacancy closed")
    WITHDRAWN = "withdrawn", _("Consent withdrawn")


class EventKind(models.TextChoices):
    """What a session's timeline can hold."""

    INVITED = "invited", _("Invited")
    DECLINED = "declined", _("Consent declined")
    STARTED = "started", _("Started")
    RESUMED = "resumed", _("Came back")
    CALL_STARTING = "call_starting", _("Call requested")
    CALL_CONNECTED = "call_connected", _("Call connected")
    CALL_FAILED = "call_failed", _("Trouble in the call")
    CALL_DISCONNECTED = "call_disconnected", _("Call ended")
    MORE_TIME = "more_time", _("Took more time")
    REQUESTED = "requested", _("Asked for something")
    DEADLINE_MOVED = "deadline_moved", _("Deadline moved")
    MAILED = "mailed", _("E-mail sent")
    FINISHED = "finished", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")
    WITHDRAWN = "withdrawn", _("Consent withdrawn")
    SCORING_DECLINED = "scoring_declined", _("Declined AI scores")
    SCORING_ALLOWED = "scoring_allowed", _("Allowed AI scores")


def is_expired(status: str, expires_at: datetime) -> bool:
    """Tell whether the clock has closed a session that its columns call open."""
    open_statuses = {SessionStatus.INVITED, SessionStatus.IN_PROGRESS}
    return status in open_statuses and expires_at <= timezone.now()


def default_deadline(opens_at: datetime | None = None) -> datetime:
    """Return when an invitation runs out: the usual days after it opens, or after now."""
    return (opens_at or timezone.now()) + timedelta(days=settings.INVITATION_DAYS)


class SessionQuerySet(OfVacancies["InterviewSession"]):
    def open(self) -> Self:
        return self.filter(finished_at=None, cancelled_at=None)

    def expired(self) -> Self:
        return self.open().filter(expires_at__lte=timezone.now())

    def unexpired(self) -> Self:
        return self.filter(expires_at__gt=timezone.now())

    def with_progress(self) -> Self:
        """Annotate answered_count and question_count, so no list counts row by row."""
        answered = InterviewProgress.objects.filter(session=OuterRef("pk"))
        scripted = ScriptQuestion.objects.filter(script=OuterRef("script"))
        current = Question.objects.filter(
            vacancy=OuterRef("vacancy"), archived_at=None
        ).order_by()
        return self.annotate(
            answered_count=Coalesce(count_of(answered, "session"), 0),
            question_count=Coalesce(
                Case(
                    When(script=None, then=count_of(current, "vacancy")),
                    default=count_of(scripted, "script"),
                ),
                0,
            ),
        )


def count_of(rows: models.QuerySet, group: str) -> Subquery:
    return Subquery(
        rows.values(group).annotate(number=Count("pk")).values("number"),
        output_field=models.IntegerField(),
    )


class InterviewSession(models.Model):
    """One candidate's interview for one vacancy; its key is the candidate's link."""

    id = models.UUIDField(primary_key=True, default=random_key, editable=False)
    candidate = models.ForeignKey(
        Candidate,
        on_delete=models.PROTECT,
        related_name="sessions",
        verbose_name=_("candidate"),
    )
    vacancy = models.ForeignKey(
        Vacancy,
        on_delete=models.PROTECT,
        # By session_of_vacancy.
        db_index=False,
        related_name="sessions",
        verbose_name=_("vacancy"),
    )
    script = models.ForeignKey(
        Script,
        on_delete=models.PROTECT,
        related_name="sessions",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("script"),
    )
    consent = models.ForeignKey(
        Consent,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("consent"),
    )
    # All that was said to the consent text of this interview; `consent` is the last word.
    consents = models.ManyToManyField(
        Consent, related_name="sessions", editable=False, verbose_name=_("consents")
    )
    consent_withdrawn_at = models.DateTimeField(
        _("consent withdrawn"), null=True, editable=False
    )
    # What the candidate was told, and said, about AI that suggests scores.
    scoring_told_at = models.DateTimeField(
        _("told of AI scores"), null=True, editable=False
    )
    scoring_declined_at = models.DateTimeField(
        _("declined AI scores"), null=True, editable=False
    )
    created_at = models.DateTimeField(_("invited"), auto_now_add=True)
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    expires_at = models.DateTimeField(_("deadline"), default=default_deadline)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, editable=False)
    finish_reason = models.CharField(
        _("reason for the end"), max_length=100, blank=True, editable=False
    )
    # The call that may use the session endpoints now; empty while none is known.
    conversation_id = models.CharField(max_length=100, blank=True, editable=False)
    # The open page that may write now: a later one, on any device, takes over from it.
    page_id = models.CharField(
        max_length=36, blank=True, default="", db_default="", editable=False
    )
    rating = models.PositiveSmallIntegerField(
        _("the candidate’s rating"),
        null=True,
        editable=False,
        help_text=_("How the interview was for the candidate: 1 to 5."),
    )
    # Computed by the database from the columns above: it cannot disagree with them.
    status = models.GeneratedField(
        expression=Case(
            When(cancelled_at__isnull=False, then=Value(SessionStatus.CANCELLED.value)),
            When(finished_at__isnull=False, then=Value(SessionStatus.FINISHED.value)),
            When(started_at__isnull=False, then=Value(SessionStatus.IN_PROGRESS.value)),
            default=Value(SessionStatus.INVITED.value),
        ),
        output_field=models.CharField(
            _("status"), max_length=20, choices=SessionStatus
        ),
        db_persist=True,
    )

    objects = SessionQuerySet.as_manager()

    class Meta:
        db_table = "interview_session"
        ordering = ["-created_at"]
        verbose_name = _("interview")
        verbose_name_plural = _("interviews")
        indexes = [
            models.Index(fields=["-created_at"], name="session_created"),
            # Whom to remind, and who runs out of time.
            models.Index(
                fields=["expires_at"],
                condition=Q(finished_at=None, cancelled_at=None),
                name="session_open_until",
            ),
            # From one finished interview of a vacancy to the next.
            models.Index(
                fields=["vacancy", "finished_at", "id"],
                condition=Q(finished_at__isnull=False),
                name="session_finished_of_vacancy",
            ),
            # The last days, on the first page.
            models.Index(
                fields=["started_at"],
                condition=Q(started_at__isnull=False),
                name="session_started",
            ),
            # Whose rows somebody may see is told by vacancy: their number, their order
            # and whom they are of, without a look at the table.
            models.Index(
                fields=["vacancy", "status"],
                include=["candidate", "created_at", "id"],
                name="session_of_vacancy",
            ),
            # And as the list may be ordered; read backwards, the open ones come first.
            models.Index(
                F("finished_at").desc(nulls_last=True), "id", name="session_finished"
            ),
            models.Index(fields=["expires_at"], name="session_deadline"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "vacancy"],
                condition=Q(finished_at=None, cancelled_at=None),
                name="session_one_open_per_candidate_and_vacancy",
                violation_error_message=_(
                    "This candidate already has an open interview for this vacancy."
                ),
            ),
            models.CheckConstraint(
                condition=Q(started_at=None) | Q(script__isnull=False),
                name="session_started_implies_script",
            ),
            models.CheckConstraint(
                condition=Q(started_at=None) | Q(consent__isnull=False),
                name="session_started_implies_consent",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None)
                | Q(started_at__isnull=False, finished_at__gte=F("started_at")),
                name="session_finished_implies_started",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(cancelled_at=None),
                name="session_finished_or_cancelled",
            ),
            # So whatever goes on has a consent in force: the turns need not ask.
            models.CheckConstraint(
                condition=Q(consent_withdrawn_at=None)
                | Q(finished_at__isnull=False)
                | Q(cancelled_at__isnull=False),
                name="session_withdrawn_implies_over",
            ),
            models.CheckConstraint(
                condition=Q(scoring_declined_at=None)
                | Q(scoring_told_at__isnull=False),
                name="session_scoring_declined_implies_told",
            ),
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__range=(WORST_RATING, BEST_RATING)),
                name="session_rating_in_range",
            ),
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(opens_at__lt=F("expires_at")),
                name="session_opens_before_deadline",
                violation_error_message=_(
                    "The interview must open before its deadline."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Interview {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("interviews:session_detail", args=[self.pk])

    @property
    def state(self) -> SessionState:
        """What the candidate meets now. Reads the vacancy and the consent."""
        if self.consent_withdrawn_at:
            return SessionState.WITHDRAWN
        if is_expired(self.status, self.expires_at):
            return SessionState.EXPIRED
        if self.status != SessionStatus.INVITED:
            return SessionState(self.status)
        return self.state_before_start

    @property
    def state_before_start(self) -> SessionState:
        if self.vacancy.status == VacancyStatus.CLOSED:
            return SessionState.VACANCY_CLOSED
        if self.vacancy.status == VacancyStatus.DRAFT or (
            self.opens_at and self.opens_at > timezone.now()
        ):
            return SessionState.NOT_OPEN
        if self.consent and not self.consent.given:
            return SessionState.DECLINED
        return SessionState.INVITED


class Conversation(models.Model):
    """One call with the voice agent; a session has as many as it takes."""

    id = models.CharField(primary_key=True, max_length=100)
    session = models.ForeignKey(
        InterviewSession,
        on_delete=models.CASCADE,
        related_name="conversations",
        verbose_name=_("interview"),
    )
    opened_at = models.DateTimeField(_("opened"), auto_now_add=True)

    class Meta:
        db_table = "conversation"
        ordering = ["opened_at"]
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")

    def __str__(self) -> str:
        return self.pk


class SessionEvent(models.Model):
    """A line of a session's timeline."""

    session = models.ForeignKey(
        InterviewSession,
        on_delete=models.CASCADE,
        related_name="events",
        verbose_name=_("interview"),
    )
    kind = models.CharField(_("event"), max_length=20, choices=EventKind)
    at = models.DateTimeField(_("time"), default=timezone.now)
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    class Meta:
        db_table = "session_event"
        ordering = ["at", "pk"]
        verbose_name = _("event")
        verbose_name_plural = _("timeline")
        indexes = [
            models.Index(
                fields=["at"],
                condition=Q(kind="call_failed"),
                name="event_call_failed",
            ),
            # What goes on now; the rows lie in the order of their time.
            BrinIndex(fields=["at"], autosummarize=True, name="event_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=EventKind.values), name="event_kind_known"
            ),
            # Once for each question, whose id is the detail.
            models.UniqueConstraint(
                fields=["session", "detail"],
                condition=Q(kind="more_time"),
                name="event_more_time_once",
            ),
        ]

    def __str__(self) -> str:
        return self.kind

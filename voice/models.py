"""What the portal knows of its calls: events of the vendor, turns, recordings, places."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import encryption
from core.fields import SealedBinaryField, SealedTextField
from interviews.models import Conversation, InterviewSession
from voice.workspaces import DEFAULT


class EventState(models.TextChoices):
    """What has become of an event."""

    RECEIVED = "received", _("Received")
    PROCESSED = "processed", _("Processed")
    QUARANTINED = "quarantined", _("Could not be read")
    REJECTED = "rejected", _("Signature refused")


class EventSource(models.TextChoices):
    """The way an event came."""

    WEBHOOK = "webhook", _("Webhook")
    PULL = "pull", _("Fetched by Parley")


class CallStatus(models.TextChoices):
    """How far the portal knows the vendor's record of a call."""

    OPEN = "open", _("Not fetched yet")
    DONE = "done", _("Fetched")
    FAILED = "failed", _("Failed")
    GONE = "gone", _("Unknown to ElevenLabs")


class Speaker(models.TextChoices):
    """Whose turn it was; a tool's turn is what the agent did instead of speaking."""

    AGENT = "agent", _("Interviewer")
    CANDIDATE = "candidate", _("Candidate")
    TOOL = "tool", _("Tool")


def recordings_storage() -> Storage:
    return storages["recordings"]


def workspace_name(**options: Any) -> models.CharField:
    """Return a column that names a workspace.

    The database fills it in for rows from before there were several, and for processes
    that still run the code of then.
    """
    return models.CharField(
        _("workspace"), max_length=30, default=DEFAULT, db_default=DEFAULT, **options
    )


class VoiceEvent(models.Model):
    """Bytes that came from the vendor, stored before anything is made of them.

    `raw` is exactly what came; the same bytes are stored once. `kind` and
    `conversation_id` are read from it later, and stay empty if that is impossible.
    """

    source = models.CharField(_("source"), max_length=10, choices=EventSource)
    state = models.CharField(
        _("state"), max_length=12, choices=EventState, default=EventState.RECEIVED
    )
    kind = models.CharField(_("kind"), max_length=50, blank=True)
    conversation_id = models.CharField(_("conversation"), max_length=100, blank=True)
    raw = SealedBinaryField(_("content"))
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveIntegerField(_("bytes"))
    received_at = models.DateTimeField(_("received"), auto_now_add=True)
    processed_at = models.DateTimeField(_("processed"), null=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    # Of a refused event, as it came: the proof, once the secret is mended.
    signature = models.CharField(max_length=100, blank=True)
    # Whose secret signed it, or where it was fetched; empty while it is refused.
    workspace = workspace_name(blank=True)

    class Meta:
        db_table = "voice_event"
        ordering = ["-received_at"]
        verbose_name = _("event of the voice service")
        verbose_name_plural = _("events of the voice service")
        indexes = [
            models.Index(fields=["-received_at"], name="voice_event_received"),
            models.Index(
                fields=["received_at"],
                condition=Q(state=EventState.REJECTED),
                name="voice_event_rejected",
            ),
            # When did the last report of a workspace come?
            models.Index(
                fields=["workspace", "-received_at"],
                condition=Q(source=EventSource.WEBHOOK),
                name="voice_event_reported",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=EventSource.values),
                name="voice_event_source_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=EventState.values),
                name="voice_event_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind or 'event'} {self.pk}"

    def sealed_in(self) -> encryption.Place:
        return "event", self.sha256


class CallQuerySet(models.QuerySet["Call"]):
    def due(self, now: datetime) -> Self:
        """Calls whose record should be asked for, the longest waiting first.

        Not of candidates who took their consent back.
        """
        return self.filter(
            status=CallStatus.OPEN,
            pull_after__lte=now,
            conversation__session__consent_withdrawn_at=None,
        ).order_by("pull_after")


def default_pull_after() -> datetime:
    return timezone.now() + FIRST_PULL


# A webhook comes within a minute or two of a call's end; a call lasts some minutes.
FIRST_PULL = timedelta(minutes=5)


class Call(models.Model):
    """The vendor's record of a conversation, as far as the portal has it."""

    conversation = models.OneToOneField(
        Conversation,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="call",
        verbose_name=_("conversation"),
    )
    # Where it was begun: its record and its recording are there and nowhere else.
    workspace = workspace_name()
    status = models.CharField(
        _("status"), max_length=10, choices=CallStatus, default=CallStatus.OPEN
    )
    started_at = models.DateTimeField(_("started"), null=True)
    duration_seconds = models.PositiveIntegerField(_("duration, seconds"), null=True)
    end_reason = models.CharField(_("reason for the end"), max_length=200, blank=True)
    has_audio = models.BooleanField(_("recorded"), default=False)
    recording = models.FileField(
        _("recording"), storage=recordings_storage, blank=True, max_length=200
    )
    pull_after = models.DateTimeField(_("fetch after"), default=default_pull_after)
    # Of the record that turns and facts are from: `transcripts.CallRecord.rank`.
    record_rank = models.CharField(
        max_length=40, blank=True, default="", db_default="", editable=False
    )
    # Of the session's state when the answers were last held against the transcript.
    reconciled_at = models.DateTimeField(_("reconciled"), null=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        db_table = "voice_call"
        ordering = ["conversation__opened_at"]
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        indexes = [
            models.Index(
                fields=["pull_after"],
                condition=Q(status=CallStatus.OPEN),
                name="voice_call_due",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=CallStatus.values),
                name="voice_call_status_known",
            ),
        ]

    def __str__(self) -> str:
        return f"Call {self.pk}"


class Turn(models.Model):
    """One turn of a call's transcript; `seconds` from the start of the call.

    `text` is what was said, or the name of the tool that was called.
    """

    call = models.ForeignKey(
        Call, on_delete=models.CASCADE, related_name="turns", verbose_name=_("call")
    )
    position = models.PositiveIntegerField(_("position"))
    speaker = models.CharField(_("speaker"), max_length=10, choices=Speaker)
    text = SealedTextField(_("text"))
    seconds = models.PositiveIntegerField(_("time in the call, seconds"))
    # Of a tool's turn: the question whose answer it saved. The vendor's word: no key.
    question_id = models.BigIntegerField(_("question"), null=True)

    class Meta:
        db_table = "voice_turn"
        ordering = ["position"]
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        constraints = [
            models.UniqueConstraint(
                fields=["call", "position"], name="voice_turn_unique_position"
            ),
            models.CheckConstraint(
                condition=Q(speaker__in=Speaker.values),
                name="voice_turn_speaker_known",
            ),
        ]

    def __str__(self) -> str:
        return f"Turn {self.position}"

    def sealed_in(self) -> encryption.Place:
        return "turn", self.call_id, self.position


class Place(models.Model):
    """A session's place among a workspace's calls of the moment, or in the queue.

    `admitted_at` is empty while it waits: one queue for all workspaces, so `workspace`
    says nothing yet. The place is lost when `lease_until` passes: the candidate's page
    renews it while it is open.
    """

    session = models.OneToOneField(
        InterviewSession,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
        verbose_name=_("interview"),
    )
    requested_at = models.DateTimeField(_("asked"), default=timezone.now)
    admitted_at = models.DateTimeField(_("admitted"), null=True)
    workspace = workspace_name()
    lease_until = models.DateTimeField(_("kept until"))

    class Meta:
        db_table = "voice_place"
        verbose_name = _("place")
        verbose_name_plural = _("places")

    def __str__(self) -> str:
        return f"Place {self.pk}"


class Absence(models.Model):
    """A workspace that failed: no call is begun there until `until`."""

    workspace = models.CharField(_("workspace"), primary_key=True, max_length=30)
    until = models.DateTimeField(_("left out until"))
    # The vendor's words, which quote no candidate.
    problem = models.CharField(_("problem"), max_length=300)

    class Meta:
        db_table = "voice_absence"
        verbose_name = _("absence of a workspace")
        verbose_name_plural = _("absences of workspaces")

    def __str__(self) -> str:
        return f"Absence {self.pk}"

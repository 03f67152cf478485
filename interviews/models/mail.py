"""What is written to candidates, and lists of people to invite."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.encryption import Place
from core.fields import (
    SealedCharField,
    SealedEmailField,
    SealedJSONField,
    SealedTextField,
)
from vacancies.models import Language, OfSessions, Vacancy


class MessageKind(models.TextChoices):
    """The occasions on which candidates get an e-mail."""

    INVITATION = "invitation", _("Invitation")
    REMINDER_DAYS = "reminder_days", _("Reminder, some days before the deadline")
    REMINDER_HOURS = "reminder_hours", _("Reminder, some hours before the deadline")
    DEADLINE_MOVED = "deadline_moved", _("New deadline")
    CANCELLED = "cancelled", _("Interview cancelled")


class MessageState(models.TextChoices):
    """What became of an e-mail."""

    QUEUED = "queued", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Could not be sent")
    BOUNCED = "bounced", pgettext_lazy("letter", "Came back")
    SKIPPED = "skipped", _("No longer needed")


class EmailTemplate(models.Model):
    """The wording of an e-mail, where HR prefers its own to the portal's."""

    kind = models.CharField(_("occasion"), max_length=20, choices=MessageKind)
    language = models.CharField(_("language"), max_length=2, choices=Language)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), max_length=10_000)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        db_table = "email_template"
        ordering = ["kind", "language"]
        verbose_name = _("e-mail template")
        verbose_name_plural = _("e-mail templates")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "language"],
                name="email_template_unique",
                violation_error_message=_(
                    "This e-mail has a wording of yours already."
                ),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=MessageKind.values),
                name="email_template_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(language__in=Language.values),
                name="email_template_language_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.language}"


class Message(models.Model):
    """One e-mail to a candidate: written once for its occasion, however often asked for.

    `occasion` tells apart what is said twice on purpose: an invitation sent again, the
    reminders of a new deadline.
    """

    # Found by the unique constraint's index, which begins with it.
    session = models.ForeignKey(
        "interviews.InterviewSession",
        on_delete=models.CASCADE,
        related_name="messages",
        verbose_name=_("interview"),
        db_index=False,
    )
    kind = models.CharField(_("occasion"), max_length=20, choices=MessageKind)
    occasion = models.CharField(max_length=100, blank=True, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=MessageState, default=MessageState.QUEUED
    )
    # As it was sent; empty until then.
    to = SealedEmailField(_("to"), blank=True)
    subject = SealedCharField(_("subject"), max_length=300, blank=True)
    body = SealedTextField(_("text"), blank=True)
    # Why it failed or came back, in the words of whoever refused it.
    problem = SealedCharField(_("problem"), max_length=500, blank=True)
    provider_id = models.CharField(max_length=200, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # When the last attempt began: a worker that died in the middle is told by it.
    tried_at = models.DateTimeField(null=True, editable=False)
    queued_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    asked_by = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("asked for by"),
    )

    objects = OfSessions["Message"].as_manager()

    class Meta:
        db_table = "candidate_message"
        ordering = ["-queued_at"]
        verbose_name = pgettext_lazy("letter", "e-mail")
        verbose_name_plural = _("e-mails")
        indexes = [
            models.Index(fields=["-queued_at"], name="message_queued"),
            models.Index(
                fields=["provider_id"],
                condition=~Q(provider_id=""),
                name="message_provider_id",
            ),
            models.Index(
                fields=["-queued_at"],
                condition=Q(state__in=["failed", "bounced"]),
                name="message_in_trouble",
            ),
            # What the worker has still to do, or was about to.
            models.Index(
                fields=["queued_at"],
                condition=Q(state__in=["queued", "sending"]),
                name="message_unfinished",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "kind", "occasion"], name="message_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=MessageKind.values), name="message_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=MessageState.values), name="message_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def sealed_in(self) -> Place:
        return "message", self.session_id, self.kind, self.occasion

    @property
    def reason(self) -> str:
        """Return the problem in the reader's language, as far as the words are ours."""
        return " ".join(gettext(line) for line in self.problem.splitlines())


class InvitationBatch(models.Model):
    """A list of people somebody uploaded: looked at first, then invited, once.

    `rows` are the list as it was read (interviews.people_lists.Row); once everybody is
    invited, the keys of their interviews alone; after a day, nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    vacancy = models.ForeignKey(
        Vacancy,
        on_delete=models.CASCADE,
        related_name="batches",
        verbose_name=_("vacancy"),
    )
    rows = SealedJSONField(default=list)
    created_by = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="+", verbose_name=_("added by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    applied_at = models.DateTimeField(_("invited"), null=True)
    # How many of them were invited.
    invited = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "invitation_batch"
        verbose_name = _("list of people")
        verbose_name_plural = _("lists of people")
        indexes = [
            models.Index(
                fields=["created_at"], condition=~Q(rows=[]), name="batch_not_emptied"
            )
        ]

    def __str__(self) -> str:
        return f"Batch {self.pk}"

    def sealed_in(self) -> Place:
        return "batch", self.pk

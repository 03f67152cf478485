"""What candidates answered: the answer that counts, what it replaced, what they correct."""

from uuid import UUID

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.encryption import Place
from core.fields import SealedTextField
from vacancies.models import Question


class Channel(models.TextChoices):
    """The way an answer came."""

    AGENT = "agent", _("Voice agent")
    WRITTEN = "written", _("In writing")
    SPOKEN = "spoken", _("Spoken, recorded")
    TRANSCRIPT = "transcript", _("From the call’s transcript")


class Answer(models.Model):
    """What was said to one question, however it came.

    Empty text means skipped, unless it was spoken: then there is the recording.
    """

    answer_text = SealedTextField(_("answer"), blank=True)
    answer_audio_url = models.TextField(_("audio"), blank=True)
    duration_ms = models.PositiveIntegerField(_("duration, ms"), null=True)
    confidence = models.FloatField(
        _("confidence"),
        null=True,
        help_text=_("Of speech recognition: 0 to 1. It says nothing of the candidate."),
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    timestamp = models.DateTimeField(_("time"))
    # What the call's transcript has where the agent stored a retelling.
    verbatim_text = SealedTextField(
        _("in the candidate’s words"), blank=True, default="", db_default=""
    )

    class Meta:
        abstract = True


def place_of_answer(session_id: UUID, question_id: int) -> Place:
    """Return what an answer is bound to while it is encrypted, and what it replaced."""
    return "answer", session_id, question_id


class InterviewProgress(Answer):
    """The answer that counts of one session to one question."""

    # Found by the unique constraint's index, which begins with it.
    session = models.ForeignKey(
        "interviews.InterviewSession",
        on_delete=models.CASCADE,
        related_name="answers",
        verbose_name=_("interview"),
        db_index=False,
    )
    question = models.ForeignKey(
        Question,
        on_delete=models.PROTECT,
        related_name="answers",
        verbose_name=_("question"),
    )
    answered = models.BooleanField(_("answered"))

    class Meta:
        db_table = "interview_progress"
        ordering = ["timestamp"]
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        # Who answers now: a few kB, as the rows lie in the order of their time.
        indexes = [
            BrinIndex(fields=["timestamp"], autosummarize=True, name="progress_time")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "question"],
                name="progress_unique_session_and_question",
            ),
            models.CheckConstraint(
                condition=Q(confidence=None) | Q(confidence__range=(0, 1)),
                name="progress_confidence_0_to_1",
            ),
            models.CheckConstraint(
                condition=Q(duration_ms=None) | Q(duration_ms__gte=0),
                name="progress_duration_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values), name="progress_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(answered=True) ^ (Q(answer_text="") & ~Q(channel="spoken")),
                name="progress_answered_means_text_or_speech",
            ),
            models.CheckConstraint(
                condition=~Q(channel="spoken") | ~Q(answer_audio_url=""),
                name="progress_spoken_means_audio",
            ),
        ]

    def __str__(self) -> str:
        return f"Answer {self.pk}"

    def sealed_in(self) -> Place:
        return place_of_answer(self.session_id, self.question_id)


class AnswerRevision(Answer):
    """An earlier answer that a later one replaced: nothing said is ever lost."""

    progress = models.ForeignKey(
        InterviewProgress,
        on_delete=models.CASCADE,
        related_name="revisions",
        verbose_name=_("answer"),
    )
    replaced_at = models.DateTimeField(_("replaced"))

    class Meta:
        db_table = "answer_revision"
        ordering = ["timestamp", "pk"]
        verbose_name = _("earlier answer")
        verbose_name_plural = _("earlier answers")

    def __str__(self) -> str:
        return f"Revision {self.pk}"

    # The database moves an answer here as it is, sealed.
    sealed_through = "progress"

    def sealed_in(self) -> Place:
        return self.progress.sealed_in()


class AnswerCorrection(models.Model):
    """What a candidate says the answer should read: beside it, never in its place."""

    progress = models.ForeignKey(
        InterviewProgress,
        on_delete=models.CASCADE,
        related_name="corrections",
        verbose_name=_("answer"),
    )
    text = SealedTextField(_("correction"))
    created_at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        db_table = "answer_correction"
        ordering = ["created_at", "pk"]
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")

    def __str__(self) -> str:
        return f"Correction {self.pk}"

    def sealed_in(self) -> Place:
        return "correction", self.progress_id

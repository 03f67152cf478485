"""Answers spoken to the built-in interviewer, as the browser records them."""

from uuid import uuid4

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vacancies.models import Question


def recordings_storage() -> Storage:
    return storages["recordings"]


class TakeState(models.TextChoices):
    """How far a take's audio has come."""

    OPEN = "open", _("Being recorded")
    CLOSED = "closed", _("Being prepared")
    READY = "ready", _("Ready")
    UNREADABLE = "unreadable", _("Cannot be played")


class Take(models.Model):
    """One attempt to answer a question aloud; the candidate sends one of them.

    Its key is made by the browser, so that beginning it twice is harmless. It comes in
    pieces (`TakeChunk`) while the candidate speaks, and a worker makes one file of them.
    Until then `duration_ms` is what the browser says, afterwards what was measured.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    # Found by the unique constraint's index, which begins with it.
    session = models.ForeignKey(
        "interviews.InterviewSession",
        on_delete=models.CASCADE,
        related_name="takes",
        verbose_name=_("interview"),
        db_index=False,
    )
    question = models.ForeignKey(
        Question,
        on_delete=models.PROTECT,
        related_name="takes",
        verbose_name=_("question"),
    )
    number = models.PositiveSmallIntegerField(_("take"))
    state = models.CharField(
        _("state"), max_length=10, choices=TakeState, default=TakeState.OPEN
    )
    began_at = models.DateTimeField(_("began"), auto_now_add=True)
    # In bytes, of the pieces received.
    size = models.PositiveIntegerField(_("size"), default=0)
    duration_ms = models.PositiveIntegerField(_("duration, ms"), default=0)
    content_type = models.CharField(_("content type"), max_length=50, blank=True)
    file = models.FileField(
        _("file"), storage=recordings_storage, max_length=200, blank=True
    )

    class Meta:
        db_table = "answer_take"
        ordering = ["session", "question", "number"]
        verbose_name = _("take")
        verbose_name_plural = _("takes")
        indexes = [
            models.Index(
                fields=["began_at"],
                condition=Q(state="unreadable"),
                name="take_unreadable",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "question", "number"], name="take_number_unique"
            ),
            models.CheckConstraint(
                condition=Q(state__in=TakeState.values), name="take_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | ~Q(file=""), name="take_ready_means_file"
            ),
        ]

    def __str__(self) -> str:
        return f"Take {self.pk}"


class TakeChunk(models.Model):
    """A few seconds of a take, durable as soon as they are acknowledged.

    A reload in the middle begins a new `part`: a stream of its own, with its own header.
    """

    # Found by the unique constraint's index, which begins with it.
    take = models.ForeignKey(
        Take, on_delete=models.CASCADE, related_name="chunks", db_index=False
    )
    part = models.PositiveSmallIntegerField()
    position = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "answer_take_chunk"
        ordering = ["part", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["take", "part", "position"], name="take_chunk_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.part}: {self.position}"

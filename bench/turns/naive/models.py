"""The portal's tables, as far as a turn needs them; only the token's is the naive one's own."""

from django.db import models


class Vacancy(models.Model):
    """A vacancy, with the line that ends its interviews."""

    closing = models.TextField(blank=True)

    class Meta:
        managed = False
        db_table = "vacancy"

    def __str__(self) -> str:
        return f"Vacancy {self.pk}"


class Question(models.Model):
    """A question of a vacancy."""

    vacancy = models.ForeignKey(
        Vacancy, on_delete=models.PROTECT, related_name="questions"
    )
    text = models.TextField()
    required = models.BooleanField(default=True)
    order = models.PositiveIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "question"
        ordering = ["order"]

    def __str__(self) -> str:
        return f"Question {self.pk}"


class Session(models.Model):
    """An interview."""

    id = models.UUIDField(primary_key=True)
    vacancy = models.ForeignKey(
        Vacancy, on_delete=models.PROTECT, related_name="sessions"
    )
    status = models.CharField(max_length=20)
    expires_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "interview_session"

    def __str__(self) -> str:
        return f"Session {self.pk}"


class Answer(models.Model):
    """An answer of a session."""

    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="answers"
    )
    question = models.ForeignKey(
        Question, on_delete=models.PROTECT, related_name="answers"
    )
    answered = models.BooleanField()
    answer_text = models.TextField(blank=True)
    answer_audio_url = models.TextField(blank=True)
    duration_ms = models.PositiveIntegerField(null=True)
    confidence = models.FloatField(null=True)
    channel = models.CharField(max_length=10)
    timestamp = models.DateTimeField()
    verbatim_text = models.TextField(blank=True, default="")

    class Meta:
        managed = False
        db_table = "interview_progress"
        unique_together = [("session", "question")]

    def __str__(self) -> str:
        return f"Answer {self.pk}"


class Token(models.Model):
    """The token of a session."""

    key = models.CharField(max_length=100, primary_key=True)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="+")

    class Meta:
        managed = False
        db_table = "bench_token"

    def __str__(self) -> str:
        return f"Token of {self.session_id}"

"""The frozen copies of a vacancy's questions that interviews follow."""

from typing import Self

from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from vacancies.models.questions import Question
from vacancies.models.vacancies import Vacancy
from vacancies.scripts import FrozenScript


class ScriptQuerySet(models.QuerySet["Script"]):
    def with_session_count(self) -> Self:
        """Annotate session_count, for the rows of the page alone."""
        sessions = Script._meta.get_field("sessions").related_model._default_manager
        rows = sessions.filter(script=OuterRef("pk")).order_by().values("script")
        counted = rows.annotate(number=Count("*")).values("number")
        return self.annotate(session_count=Coalesce(Subquery(counted), 0))


class Script(models.Model):
    """An immutable copy of a vacancy's questions: what an interview asks once started.

    Equal content is the same script, so most interviews of a vacancy share one row.
    """

    vacancy = models.ForeignKey(
        Vacancy,
        on_delete=models.CASCADE,
        related_name="scripts",
        verbose_name=_("vacancy"),
    )
    content = models.JSONField(_("content"), editable=False)
    content_hash = models.CharField(_("SHA-256"), max_length=64, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    questions = models.ManyToManyField(
        Question, through="ScriptQuestion", related_name="scripts"
    )

    objects = ScriptQuerySet.as_manager()

    class Meta:
        db_table = "script"
        verbose_name = _("script")
        verbose_name_plural = _("scripts")
        constraints = [
            models.UniqueConstraint(
                fields=["vacancy", "content_hash"], name="script_content_unique"
            )
        ]

    def __str__(self) -> str:
        return f"Script {self.pk}"

    def frozen(self) -> FrozenScript:
        return FrozenScript.from_content(self.content)


class ScriptQuestion(models.Model):
    """That a script asks a question: what keeps the question's row from deletion."""

    script = models.ForeignKey(Script, on_delete=models.CASCADE, related_name="+")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "script_question"
        constraints = [
            models.UniqueConstraint(
                fields=["script", "question"], name="script_question_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.script_id}: {self.question_id}"

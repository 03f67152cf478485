"""Who works on which vacancy."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from vacancies.models.choices import Part
from vacancies.models.vacancies import Vacancy


class VacancyMember(models.Model):
    """That a person works on a vacancy: without it, the vacancy is not theirs to see."""

    vacancy = models.ForeignKey(
        Vacancy,
        on_delete=models.CASCADE,
        related_name="members",
        verbose_name=_("vacancy"),
    )
    user = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("person"),
    )
    part = models.CharField(
        _("part"), max_length=10, choices=Part, default=Part.REVIEWER
    )

    class Meta:
        db_table = "vacancy_member"
        verbose_name = _("team member")
        verbose_name_plural = _("team")
        constraints = [
            models.UniqueConstraint(
                fields=["vacancy", "user"], name="vacancy_member_once"
            ),
            models.CheckConstraint(
                condition=Q(part__in=Part.values), name="vacancy_member_part_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vacancy_id}: {self.user_id}"

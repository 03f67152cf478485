"""The team of a vacancy: who is responsible for it, and who rates."""

from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.forms import PaginationInlineFormSet

from accounts.models import Role, User
from vacancies.models import Part, Vacancy, VacancyMember

MAY_OWN = {Role.RECRUITER, Role.ADMINISTRATOR}


class MemberForm(forms.ModelForm):
    """One person of the team. Who it is stays; somebody else is another line."""

    class Meta:
        model = VacancyMember
        fields = ["user", "part"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        part, user = self.cleaned_data.get("part"), self.cleaned_data.get("user")
        if user and part == Part.OWNER and user.role not in MAY_OWN:
            self.add_error(
                "part",
                _("Only a recruiter or an administrator can be responsible here."),
            )
        return cleaned


class MemberFormSet(PaginationInlineFormSet):
    """The whole team; `editor` is who changes it."""

    editor: User

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        person = form.fields.get("user")
        if not isinstance(person, forms.ModelChoiceField):
            return  # whoever only reads has no fields
        person.queryset = self.people
        # One list for all lines: each would ask the database for its own.
        person.choices = self.choices
        person.disabled = form.instance.pk is not None  # type: ignore[attr-defined]

    @cached_property
    def people(self) -> QuerySet[User]:
        """Staff with an account in use, and whoever is in the team already."""
        return User.objects.filter(
            Q(is_staff=True, is_active=True)
            | Q(
                pk__in=VacancyMember.objects.filter(vacancy=self.instance).values(
                    "user"
                )
            )
        ).order_by("email")

    @cached_property
    def choices(self) -> list[tuple[Any, str]]:
        return [("", "---------"), *((user.pk, labelled(user)) for user in self.people)]

    def clean(self) -> None:
        super().clean()
        if self.has_changed() and not self.editor.manages_everything:
            self.check_an_owner_stays()

    def check_an_owner_stays(self) -> None:
        """Refuse to leave the vacancy to nobody; administrators may, as they see it still."""
        # Two owners who remove each other at once: the second sees what the first did.
        Vacancy.objects.select_for_update(no_key=True).get(pk=self.instance.pk)
        now = self.instance.members.filter(user__is_active=True)
        parts = dict(now.values_list("user", "part"))
        for form in self.forms:
            user = form.cleaned_data.get("user")
            if not user or not form.has_changed():
                continue
            if self._should_delete_form(form):
                parts.pop(user.pk, None)
            elif user.is_active:
                parts[user.pk] = form.cleaned_data.get("part", "")
        if Part.OWNER not in parts.values():
            raise forms.ValidationError(
                _(
                    "Somebody must stay responsible for this vacancy. Add another "
                    "recruiter first, or ask an administrator."
                )
            )


def labelled(user: User) -> str:
    """Name a colleague as colleagues do, and tell namesakes apart."""
    name = user.get_full_name()
    return f"{name} · {user.email}" if name else user.email

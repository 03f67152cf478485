"""The forms of a vacancy's ordered questions."""

from math import inf
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminIntegerFieldWidget,
)

from vacancies.models import ASKED_FIELDS, Question, VacancyStatus
from vacancies.services import order_questions, remove_question

# How many lines each text has room for.
QUESTION_TEXTS = {"text": 2, "strong_answer": 3, "weak_answer": 3}
# What a question's row shows at once, and what unfolds below it.
ROW_FIELDS = ["place", "text", "required", "time_limit_seconds", "retakes"]
FOLDED_FIELDS = ["answer_mode", "weight", "strong_answer", "weak_answer"]


class QuestionForm(forms.ModelForm):
    """One question. `place` is where HR wants it; `order` is what the server makes of it.

    Were `order` itself a field, two questions that swap places would fail the formset's
    check for duplicates, which knows nothing of a constraint that waits for the commit.
    """

    place = forms.IntegerField(
        label=_("Order"),
        required=False,
        widget=UnfoldAdminIntegerFieldWidget(
            attrs={
                "class": "order-number",
                "aria-label": _("Place of the question"),
                "data-up": _("Move up"),
                "data-down": _("Move down"),
                "data-position": _("{place} of {total}"),
            }
        ),
    )

    class Meta:
        model = Question
        fields = ASKED_FIELDS
        widgets = {
            name: UnfoldAdminExpandableTextareaWidget({"rows": rows})
            for name, rows in QUESTION_TEXTS.items()
        }

    field_order = ["place"]
    # A colleague removed the question while this form was open.
    vanished = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["place"] = self.instance.order

    def full_clean(self) -> None:
        super().full_clean()
        if self.vanished and self.is_bound:
            self._errors = forms.utils.ErrorDict()

    @property
    def has_hidden_errors(self) -> bool:
        """Tell whether the part that is folded away must be seen."""
        return any(name in self.errors for name in FOLDED_FIELDS)

    @property
    def changed_data(self) -> list[str]:
        """A place alone does not make an empty row a question."""
        if self.vanished:
            return []
        changed = super().changed_data
        return changed if self.instance.pk or changed != ["place"] else []


class QuestionFormSet(PaginationInlineFormSet):
    """All questions of a vacancy; saving gives them the places 1, 2, 3 …"""

    def _construct_form(self, i: int, **kwargs: Any) -> QuestionForm:
        form = super()._construct_form(i, **kwargs)
        form.vanished = (
            self.is_bound and i < self.initial_form_count() and form.instance.pk is None
        )
        return form

    def clean(self) -> None:
        super().clean()
        if self.instance.status == VacancyStatus.OPEN and not self.remaining_forms():
            raise forms.ValidationError(
                _("An open vacancy needs at least one question.")
            )

    def remaining_forms(self) -> list[QuestionForm]:
        return [
            form
            for form in self.forms
            if not form.vanished
            and not self._should_delete_form(form)
            and (form.instance.pk or form.has_changed())
        ]

    def save(self, commit: bool = True) -> list[Question]:
        saved = super().save(commit=commit)
        if commit:
            order_questions(self.in_order())
        return saved

    def in_order(self) -> list[Question]:
        """Sort the vacancy's questions by the places asked for.

        What a colleague added meanwhile is not in this form, and goes to the end; equal
        numbers keep the order of the rows.
        """
        wanted = {
            form.instance.pk: form.cleaned_data.get("place")
            for form in self.remaining_forms()
        }
        rows = {pk: row for row, pk in enumerate(wanted)}
        return sorted(
            self.instance.questions.current(),
            key=lambda question: (
                inf if (place := wanted.get(question.pk)) is None else place,
                rows.get(question.pk, inf),
            ),
        )

    def save_new(self, form: forms.ModelForm, commit: bool = True) -> Question:
        last = self.instance.questions.current().last()
        form.instance.order = (last.order or 0) + 1 if last else 1
        return super().save_new(form, commit=commit)

    def delete_existing(self, obj: Question, commit: bool = True) -> None:
        if commit:
            remove_question(obj)

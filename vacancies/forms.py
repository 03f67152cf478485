"""The forms of a vacancy with its ordered questions, and of a company, in the admin."""

from math import inf
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminImageFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
)

from vacancies.companies import LARGEST_LOGO_BYTES, image_type, logo_url
from vacancies.models import Company, Question, Vacancy, VacancyStatus
from vacancies.services import order_questions, remove_question


class CompanyForm(forms.ModelForm):
    """A company; its logo is uploaded as a file and stored with the company."""

    logo_file = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=UnfoldAdminImageFieldWidget({"accept": "image/*"}),
        help_text=_(
            "PNG, JPEG or WebP, at most 256 KB. Shown at the top of each page."
        ),
    )

    class Meta:
        model = Company
        fields = ["name", "colour", "contact_name", "contact_email", "is_default"]
        widgets = {
            "colour": UnfoldAdminTextInputWidget(
                {"placeholder": "#1d5c8a", "data-colour": _("Choose a colour")}
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if url := logo_url(self.instance):
            self.initial["logo_file"] = SimpleNamespace(url=url)

    def clean_logo_file(self) -> UploadedFile | SimpleNamespace | bool | None:
        """Refuse what is no picture, whatever its name and its sender say it is."""
        upload = self.cleaned_data["logo_file"]
        if not isinstance(upload, UploadedFile):
            return upload
        if (upload.size or 0) > LARGEST_LOGO_BYTES:
            raise forms.ValidationError(
                _("This file is too large: at most 256 KB, please.")
            )
        if not image_type(upload.read(12)):
            raise forms.ValidationError(
                _("This is no PNG, JPEG or WebP picture, whatever it is called.")
            )
        upload.seek(0)
        return upload

    def save(self, commit: bool = True) -> Company:
        upload = self.cleaned_data["logo_file"]
        if "logo_file" in self.changed_data:
            self.instance.logo = upload.read() if upload else b""
            self.instance.logo_type = image_type(self.instance.logo)
        return super().save(commit=commit)


class VacancyForm(forms.ModelForm):
    """Refuses, once, to overwrite what a colleague saved in the meantime."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Vacancy
        fields = [
            "title",
            "description",
            "language",
            "company",
            "status",
            "greeting",
            "closing",
        ]
        widgets = {
            name: UnfoldAdminExpandableTextareaWidget({"rows": 3})
            for name in ("description", "greeting", "closing")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = self.instance.updated_at.isoformat()

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        seen, current = self.cleaned_data.get("version"), self.initial.get("version")
        if seen and seen != current:
            # The form goes back with the present version: saving again overwrites.
            data = self.data.copy()  # type: ignore[attr-defined]
            data[self.add_prefix("version")] = current
            self.data = data
            raise forms.ValidationError(
                _(
                    "A colleague saved this vacancy while you were editing it. Open it "
                    "in another tab to compare. Saving again overwrites their changes."
                )
            )
        return cleaned


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
        fields = ["text", "required", "time_limit_seconds", "retakes"]
        widgets = {"text": UnfoldAdminExpandableTextareaWidget({"rows": 2})}

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

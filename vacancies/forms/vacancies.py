"""The form of a vacancy in the admin; its questions and its team have their own."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminSelect2Widget,
)

from vacancies import time_zones
from vacancies.models import Vacancy


class VacancyForm(forms.ModelForm):
    """Refuses, once, to overwrite what a colleague saved in the meantime."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    time_zone = forms.ChoiceField(
        label=capfirst(Vacancy._meta.get_field("time_zone").verbose_name),
        required=False,
        widget=UnfoldAdminSelect2Widget,
        help_text=_("Of the deadlines, as candidates read them."),
    )

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
            "time_zone",
            "sends_reminders",
            "uses_ai_scores",
            "notice_days",
            "keeps_voice_here",
            "retention_days",
            "audio_retention_days",
        ]
        widgets = {
            name: UnfoldAdminExpandableTextareaWidget({"rows": 3})
            for name in ("description", "greeting", "closing")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields.get("time_zone")
        if isinstance(zone, forms.ChoiceField):  # whoever only reads has no fields
            zone.choices = time_zones.choices(self.instance.time_zone)
        if "notice_days" in self.fields:
            self.fields["notice_days"].required = False
        if self.instance.pk:
            self.initial["version"] = self.instance.updated_at.isoformat()

    def clean_notice_days(self) -> int:
        return self.cleaned_data["notice_days"] or 0

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

"""The form of an export: which interviews, in which format."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from reviews.models import ExportFormat

FORMATS = {
    ExportFormat.XLSX: _("Excel (XLSX): sheets of interviews and of answers"),
    ExportFormat.CSV: _("CSV: one line for each answer"),
    ExportFormat.JSON: _("JSON: everything, for programs"),
    ExportFormat.PDF: _("PDF: a report of each interview"),
}
SEPARATORS = {
    ";": _("Semicolon, as Excel in Russian expects"),
    ",": _("Comma, as most other programs expect"),
}


class ExportForm(forms.Form):
    """Either `ids`, the interviews that were ticked, or `query`, the list as filtered."""

    ids = forms.CharField(widget=forms.HiddenInput)
    query = forms.CharField(widget=forms.HiddenInput, required=False)
    format = forms.ChoiceField(
        label=_("Format"), choices=FORMATS, widget=UnfoldAdminSelectWidget
    )
    separator = forms.ChoiceField(
        label=_("Separator of the columns"),
        choices=SEPARATORS,
        widget=UnfoldAdminSelectWidget,
        required=False,
        help_text=_("Of the CSV alone."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # An empty choice of rows must never come to mean the whole list.
        del self.fields["query" if "ids" in (self.data or self.initial) else "ids"]
        self.fields["separator"].initial = ";" if get_language() == "ru" else ","

    def clean_ids(self) -> list[str]:
        try:
            keys = {str(UUID(key)) for key in self.cleaned_data["ids"].split(",")}
        except ValueError as error:
            raise forms.ValidationError(
                _("Choose the interviews on the list again.")
            ) from error
        return sorted(keys)

    @property
    def ticked(self) -> int | None:
        """Return how many interviews were ticked; None: the whole list was meant."""
        if "ids" not in self.fields:
            return None
        return len((self["ids"].value() or "").split(","))

    def asked_for(self) -> dict[str, Any]:
        """Return the format and what was chosen, as `Export` keeps them."""
        asked = dict(self.cleaned_data)
        export_format = asked.pop("format")
        separator = asked.pop("separator") or self.fields["separator"].initial
        if export_format == ExportFormat.CSV:
            asked["separator"] = separator
        return {"export_format": export_format, "chosen": asked}

"""Forms that act once, however often they are sent."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from vacancies.models import Vacancy


class SentOnceForm(forms.Form):
    """A form with a key of its own, by which a second click is known."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid4())

    def clean_key(self) -> UUID:
        return self.cleaned_data["key"] or uuid4()


class CopyForm(SentOnceForm):
    """What a copy of a vacancy is called."""

    title = forms.CharField(
        label=_("Title"),
        max_length=Vacancy._meta.get_field("title").max_length,
        widget=UnfoldAdminTextInputWidget,
    )

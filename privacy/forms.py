"""What somebody agrees to before a person is erased."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldBooleanWidget


class ErasureForm(forms.Form):
    """That there is no way back, and that an open interview ends by it."""

    is_sure = forms.BooleanField(
        label=_("Erase all of it. There is no way back."), widget=UnfoldBooleanWidget
    )
    ends_open = forms.BooleanField(
        label=_("End the open interviews by it."), widget=UnfoldBooleanWidget
    )

    def __init__(self, *args: Any, has_open: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_open:
            del self.fields["ends_open"]

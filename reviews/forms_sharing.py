"""What HR says when it shares interviews, and what whoever has the link sends back."""

from datetime import date
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from interviews.forms_after import WrittenField
from reviews.models import Recommendation, ShareFeedback
from reviews.sharing import MOST_DAYS, last_day, offered_token, read_offered, usual_day


class DayInput(forms.DateInput):
    """The browser's own calendar, in the theme's look."""

    input_type = "date"

    def __init__(self) -> None:
        classes = " ".join([*INPUT_CLASSES, "share-day"])
        super().__init__(attrs={"class": classes}, format="%Y-%m-%d")


class UntilForm(forms.Form):
    """The last day on which a link works."""

    until = forms.DateField(
        label=_("Works until"),
        help_text=format_lazy(
            _("To the end of this day; at most {days} days from now."), days=MOST_DAYS
        ),
        widget=DayInput,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = usual_day
        days = {"min": localdate().isoformat(), "max": last_day().isoformat()}
        self.fields["until"].widget.attrs |= days

    def clean_until(self) -> date:
        day: date = self.cleaned_data["until"]
        if day < localdate():
            raise forms.ValidationError(_("Choose today or a later day."))
        if day > last_day():
            raise forms.ValidationError(
                _("This is too far off: a link works for at most %(days)d days."),
                params={"days": MOST_DAYS},
            )
        return day


class TokenForm(forms.Form):
    """A link that will be made: its token, which the form sent twice brings twice."""

    token = forms.CharField(widget=forms.HiddenInput, initial=offered_token)

    def clean_token(self) -> str:
        token = read_offered(self.cleaned_data["token"])
        if token is None:
            raise forms.ValidationError(_("Please open this page anew."))
        return token


class ShareForm(TokenForm, UntilForm):
    """For whom, how long, and what they see and are asked."""

    recipient = forms.CharField(
        label=_("For whom"),
        help_text=_("So that you know it later; the link does not show it."),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
    )
    hides_names = forms.BooleanField(
        label=_("Hide names"),
        help_text=_(
            "Candidates are called “Candidate 1”, “Candidate 2” …, and their names are "
            "struck out of the answers. Recordings stay as they are."
        ),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    asks_feedback = forms.BooleanField(
        label=_("Ask for an opinion"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
    )
    field_order = ["recipient", "until", "hides_names", "asks_feedback", "token"]


class OpinionForm(forms.Form):
    """What somebody thinks of an interview: a recommendation, some words, or both."""

    name = forms.CharField(
        max_length=200,
        error_messages={
            "required": _("Please write your name: the team should know whose it is."),
            "max_length": _("This is too long: please shorten it a little."),
        },
    )
    recommendation = forms.ChoiceField(choices=Recommendation.choices, required=False)
    comment = WrittenField(
        max_length=ShareFeedback._meta.get_field("comment").max_length, required=False
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not self.errors and not (data["recommendation"] or data["comment"]):
            self.add_error(
                "recommendation",
                _("Please choose what you would do, or write a few words."),
            )
        return data

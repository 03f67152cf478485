"""What candidates send beside their answers: requests, corrections, a rating."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interviews.models import BEST_RATING, WORST_RATING
from interviews.requests import MAX_MESSAGE_LENGTH
from interviews.turns import MAX_TEXT_LENGTH


class WrittenField(forms.CharField):
    """Text of a few lines; its length is counted as the browser counts it."""

    default_error_messages = {
        "max_length": _("This is too long: please shorten it a little."),
    }

    def to_python(self, value: Any) -> str:
        # Browsers send the line ends of old typewriters.
        return (super().to_python(value) or "").replace("\r\n", "\n")


class RequestForm(forms.Form):
    """A few words to the request, or none."""

    message = WrittenField(max_length=MAX_MESSAGE_LENGTH, required=False)


class CorrectionForm(forms.Form):
    """What an answer should read."""

    text = WrittenField(
        max_length=MAX_TEXT_LENGTH,
        error_messages={
            "required": _("Please write what the answer should read."),
        },
    )


class RatingForm(forms.Form):
    """How the interview was for the candidate."""

    rating = forms.TypedChoiceField(
        coerce=int,
        choices=[(value, value) for value in range(WORST_RATING, BEST_RATING + 1)],
        error_messages={
            "required": _("Please choose a number from 1 to 5."),
            "invalid_choice": _("Please choose a number from 1 to 5."),
        },
    )

"""What the review page sends."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from reviews.models import BEST_MARK, WORST_MARK, Recommendation
from reviews.moments import LATEST
from reviews.rating import Changes
from vacancies.scripts import FrozenScript

MARKS = range(WORST_MARK, BEST_MARK + 1)
# Sent along with every form.
ALWAYS = {"csrfmiddlewaretoken"}


class MarkField(forms.TypedChoiceField):
    """A mark, or nothing."""

    def __init__(self) -> None:
        super().__init__(
            choices=[("", "–"), *((mark, str(mark)) for mark in MARKS)],
            coerce=int,
            empty_value=None,
            required=False,
        )


class TextField(forms.CharField):
    """Text of at most so many characters, or nothing."""

    def __init__(self, max_length: int) -> None:
        super().__init__(max_length=max_length, required=False)


def review_fields(script: FrozenScript) -> dict[str, forms.Field]:
    """Return the fields that a review of an interview by this script has."""
    fields: dict[str, forms.Field] = {
        "recommendation": forms.ChoiceField(
            choices=[("", ""), *Recommendation.choices], required=False
        ),
        "comment": TextField(5000),
    }
    for question in script.questions:
        fields[f"mark_{question.id}"] = MarkField()
        fields[f"note_{question.id}"] = TextField(2000)
    return fields


class ReviewForm(forms.Form):
    """The fields of a review that changed: only what was sent is read.

    A field of a question that the interview does not have is an error.
    """

    def __init__(self, script: FrozenScript, data: QueryDict) -> None:
        super().__init__(data)
        known = review_fields(script)
        self.unknown = [name for name in data if name not in {*known, *ALWAYS}]
        self.fields = {name: known[name] for name in data if name in known}

    def clean(self) -> dict[str, Any]:
        if self.unknown:
            raise forms.ValidationError(
                _("This interview has no such question: reload the page."),
                code="unknown",
            )
        return self.cleaned_data

    @property
    def changes(self) -> Changes:
        """What was sent, once it is found valid."""
        return Changes(
            recommendation=self.cleaned_data.get("recommendation"),
            comment=self.cleaned_data.get("comment"),
            marks=self.by_question("mark_"),
            notes=self.by_question("note_"),
        )

    def by_question(self, prefix: str) -> dict[int, Any]:
        return {
            int(name.removeprefix(prefix)): value
            for name, value in self.cleaned_data.items()
            if name.startswith(prefix)
        }


# "12:34:56"
LONGEST = 8


class ClockField(forms.CharField):
    """A time as people write it, 1:05 or 65, in ms; or nothing."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        numbers = text.split(":")
        if len(text) > LONGEST or not all(n.isascii() and n.isdigit() for n in numbers):
            raise forms.ValidationError(
                _("Write the time as minutes and seconds, 1:05.")
            )
        total = 0
        for number in numbers:
            total = 60 * total + int(number)
        if 1000 * total > LATEST:
            raise forms.ValidationError(_("No recording is that long."))
        return 1000 * total

    def run_validators(self, value: Any) -> None:
        """A number by now: what is to check of its text is checked."""


class MomentForm(forms.Form):
    """A place in an answer."""

    at_ms = ClockField(required=False)
    quote = TextField(2000)
    note = TextField(300)

    def __init__(self, script: FrozenScript, data: QueryDict) -> None:
        super().__init__(data)
        keys = [(question.id, question.id) for question in script.questions]
        self.fields["question_id"] = forms.TypedChoiceField(coerce=int, choices=keys)

"""What the candidate's page sends."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interviews.models import Channel
from interviews.turns import MAX_DURATION_MS, MAX_TEXT_LENGTH, AnswerInput
from vacancies.scripts import Step


class PageForm(forms.Form):
    """Which of the candidate's open pages is speaking; empty without JavaScript."""

    page = forms.CharField(max_length=36, required=False, widget=forms.HiddenInput)


class AnswerForm(PageForm):
    """An answer to one question, written or spoken, or its being skipped.

    `take` is the recording of a spoken answer, whose text may be empty.
    """

    question = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    duration_ms = forms.IntegerField(
        min_value=0, max_value=MAX_DURATION_MS, required=False, widget=forms.HiddenInput
    )
    text = forms.CharField(
        max_length=MAX_TEXT_LENGTH,
        required=False,
        error_messages={
            "max_length": _("This answer is too long: please shorten it a little.")
        },
    )
    take = forms.UUIDField(required=False, widget=forms.HiddenInput)
    skip = forms.BooleanField(required=False)

    def clean_text(self) -> str:
        # Browsers send the line ends of old typewriters.
        return self.cleaned_data["text"].replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not any(data.get(name) for name in ("text", "take", "skip")) and (
            "text" in data
        ):
            self.add_error("text", _("Please write an answer: a few words are enough."))
        return data

    def answer(self) -> AnswerInput:
        data = self.cleaned_data
        return AnswerInput(
            question_id=data["question"],
            text="" if data["skip"] else data["text"],
            channel=Channel.WRITTEN,
            duration_ms=data["duration_ms"],
        )


def blank_form(step: Step) -> AnswerForm:
    return AnswerForm(initial={"question": step.question and step.question.id})

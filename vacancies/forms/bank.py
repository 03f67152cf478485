"""Questions of the bank, and choosing among them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from vacancies.copies import tags_named
from vacancies.forms.copies import SentOnceForm
from vacancies.forms.questions import QUESTION_TEXTS
from vacancies.models import ASKED_FIELDS, BankQuestion, Language, Question, Tag

MOST_TAGS = 10
MOST_AT_ONCE = 100


class TagsField(forms.CharField):
    """Tags as a person types them, with commas between; cleaned to a list of names."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Tags"),
            required=False,
            max_length=1000,
            widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
            help_text=_("With commas between: teamwork, sales. New ones are made."),
            **kwargs,
        )

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        # Each once, in any case of letters, as it was written first.
        names = {
            name.lower(): name
            for part in reversed(text.split(","))
            if (name := " ".join(part.split()))
        }
        longest = Tag._meta.get_field("name").max_length or 0
        if len(names) > MOST_TAGS or any(
            len(name) > longest for name in names.values()
        ):
            raise forms.ValidationError(
                _("At most %(count)d tags of %(length)d characters, please.")
                % {"count": MOST_TAGS, "length": longest}
            )
        return list(reversed(names.values()))


class BankQuestionForm(forms.ModelForm):
    """A question of the bank, with its tags as text."""

    tag_names = TagsField()

    class Meta:
        model = BankQuestion
        fields = ["text", "language", *ASKED_FIELDS[1:]]
        widgets = {
            name: UnfoldAdminExpandableTextareaWidget({"rows": rows})
            for name, rows in QUESTION_TEXTS.items()
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            names = [tag.name for tag in self.instance.tags.all()]
            self.initial["tag_names"] = ", ".join(names)

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        self.instance.tags.set(tags_named(self.cleaned_data["tag_names"]))


class BankSearchForm(forms.Form):
    """Which questions of the bank to show."""

    q = forms.CharField(
        label=_("Words"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget({"type": "search"}),
    )
    tag = forms.ModelChoiceField(
        label=_("Tag"),
        queryset=Tag.objects.all(),
        required=False,
        empty_label=_("Any"),
        widget=UnfoldAdminSelectWidget,
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("Any")), *Language.choices],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )


class ChosenFromBankForm(SentOnceForm):
    """Which of the bank's questions to add; `chosen` is the order they were ticked in."""

    question = forms.ModelMultipleChoiceField(
        queryset=BankQuestion.objects.all(),
        error_messages={
            "required": _("Choose at least one question."),
            "invalid_choice": _(
                "One of these questions is no longer in the bank. Please choose anew."
            ),
        },
    )
    chosen = forms.CharField(required=False, max_length=2000)

    def clean_question(self) -> list[BankQuestion]:
        """Return the questions as they stood on the page."""
        keys = self.data.getlist("question")  # type: ignore[attr-defined]
        if len(keys) > MOST_AT_ONCE:
            raise forms.ValidationError(
                _("At most %(count)d questions at once, please.")
                % {"count": MOST_AT_ONCE}
            )
        found = {str(one.pk): one for one in self.cleaned_data["question"]}
        return [found[key] for key in dict.fromkeys(keys)]

    def in_order(self) -> list[BankQuestion]:
        """Return the questions in the order chosen; those without a place come last."""
        ticked = self.cleaned_data["chosen"].split(",")
        places = {key: place for place, key in enumerate(ticked)}
        questions: list[BankQuestion] = self.cleaned_data["question"]
        return sorted(questions, key=lambda one: places.get(str(one.pk), len(places)))


class SaveToBankForm(SentOnceForm):
    """Which questions of a vacancy to keep in the bank, and by which tags."""

    question = forms.ModelMultipleChoiceField(
        queryset=Question.objects.none(),
        error_messages={"required": _("Choose at least one question.")},
    )
    tag_names = TagsField()

    def __init__(self, *args: Any, questions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["question"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = questions

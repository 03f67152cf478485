"""Forms of stages and decisions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from reviews.deciding import CHOSEN_STAGES
from reviews.models import Outcome


class StageForm(forms.Form):
    """The stage to move candidates to."""

    stage = forms.ChoiceField(
        label=_("Stage"),
        choices=[
            ("", _("Choose…")),
            *((stage.value, stage.label) for stage in CHOSEN_STAGES),
        ],
        widget=UnfoldAdminSelectWidget,
    )


class DecisionForm(forms.Form):
    """What is decided, and why."""

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[("", _("Choose…")), *Outcome.choices],
        widget=UnfoldAdminSelectWidget,
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=5000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_("Kept for good, with your name and the time."),
        error_messages={
            "required": _("Say why: a decision without a reason is not recorded.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, auto_id="decision_%s")  # type: ignore[misc]

"""Filters of the list of interviews by what people made of them, and by trouble."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from interviews.home import ending
from interviews.models import (
    EventKind,
    Message,
    MessageState,
    SessionEvent,
    Take,
    TakeState,
)
from reviews.figures import waiting_for
from reviews.models import Outcome, Stage

UNDECIDED = "none"
MINE = "mine"
SOON = "soon"
TROUBLE = {
    "mail": Message.objects.filter(
        session=OuterRef("pk"), state__in=[MessageState.FAILED, MessageState.BOUNCED]
    ),
    "audio": Take.objects.filter(session=OuterRef("pk"), state=TakeState.UNREADABLE),
    "call": SessionEvent.objects.filter(
        session=OuterRef("pk"), kind=EventKind.CALL_FAILED
    ),
}


class StageFilter(DropdownFilter):
    """By stage; whoever nobody has moved yet is at the first."""

    title = _("stage")
    parameter_name = "stage"

    def lookups(self, request, model_admin):
        return Stage.choices

    def queryset(self, request, queryset):
        if self.value() == Stage.NEW:
            return queryset.filter(Q(standing=None) | Q(standing__stage=Stage.NEW))
        if self.value():
            return queryset.filter(standing__stage=self.value())
        return queryset


class DecisionFilter(DropdownFilter):
    """By the decision that counts, or by there being none."""

    title = _("decision")
    parameter_name = "decision"

    def lookups(self, request, model_admin):
        return [(UNDECIDED, _("None yet")), *Outcome.choices]

    def queryset(self, request, queryset):
        if self.value() == UNDECIDED:
            return queryset.filter(standing__decision=None)
        if self.value():
            return queryset.filter(standing__decision__outcome=self.value())
        return queryset


class ReviewFilter(DropdownFilter):
    """What waits for the reader's own review."""

    title = _("review")
    parameter_name = "review"

    def lookups(self, request, model_admin):
        return [(MINE, _("Waits for mine"))]

    def queryset(self, request, queryset):
        if self.value() == MINE:
            return waiting_for(request.user, queryset)
        return queryset


class DeadlineFilter(DropdownFilter):
    """Open interviews whose deadline is near."""

    title = _("deadline")
    parameter_name = "ends"

    def lookups(self, request, model_admin):
        return [(SOON, _("Within three days"))]

    def queryset(self, request, queryset):
        return ending(queryset) if self.value() == SOON else queryset


class TroubleFilter(DropdownFilter):
    """What went wrong on the way."""

    title = _("trouble")
    parameter_name = "trouble"

    def lookups(self, request, model_admin):
        return [
            ("any", _("Any")),
            ("mail", _("An e-mail did not arrive")),
            ("audio", _("A recording cannot be played")),
            ("call", _("Trouble in a call")),
        ]

    def queryset(self, request, queryset):
        if self.value() == "any":
            conditions = [Q(Exists(rows)) for rows in TROUBLE.values()]
            return queryset.filter(conditions[0] | conditions[1] | conditions[2])
        if self.value() in TROUBLE:
            return queryset.filter(Exists(TROUBLE[self.value()]))
        return queryset

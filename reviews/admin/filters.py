"""Filters of the list of interviews by what people made of them, and by trouble."""

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from core.paginator import MOST_COUNTED
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
from reviews.models import Outcome, Stage, Standing

UNDECIDED = "none"
MINE = "mine"
SOON = "soon"
# Rows of the trouble, the latest first.
TROUBLE = {
    "mail": Message.objects.filter(
        state__in=[MessageState.FAILED, MessageState.BOUNCED]
    ).order_by("-queued_at"),
    "audio": Take.objects.filter(state=TakeState.UNREADABLE).order_by("-began_at"),
    "call": SessionEvent.objects.filter(kind=EventKind.CALL_FAILED).order_by("-at"),
}


def troubled(rows: QuerySet) -> QuerySet:
    """Return the keys of the interviews: as many as a list shows, each by an index."""
    return rows.values("session")[:MOST_COUNTED]


class StageFilter(DropdownFilter):
    """By stage; whoever nobody has moved yet is at the first."""

    title = _("stage")
    parameter_name = "stage"

    def lookups(self, request, model_admin):
        return Stage.choices

    def queryset(self, request, queryset):
        if self.value() == Stage.NEW:
            # Said so, the latest are found without going through the rest.
            moved = Standing.objects.filter(session=OuterRef("pk"))
            return queryset.exclude(Exists(moved.exclude(stage=Stage.NEW)))
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
            decided = Standing.objects.filter(
                session=OuterRef("pk"), decision__isnull=False
            )
            return queryset.exclude(Exists(decided))
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
            first, *others = map(troubled, TROUBLE.values())
            # Not by OR, which would look at every interview there is.
            return queryset.filter(pk__in=first.union(*others, all=True))
        if self.value() in TROUBLE:
            return queryset.filter(pk__in=troubled(TROUBLE[self.value()]))
        return queryset

"""The list of interviews: where each candidate stands, and what people think of them."""

from django import forms
from django.template.loader import render_to_string
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
)
from unfold.decorators import display

from accounts.filters import DaysFilter
from accounts.lists import KeysFirst
from interviews.admin.filters import StatusFilter
from reviews.admin.filters import (
    DeadlineFilter,
    DecisionFilter,
    ReviewFilter,
    StageFilter,
    TroubleFilter,
)
from reviews.figures import figures_of
from reviews.models import Stage
from reviews.templatetags.deciding import badges, standing_of


class SessionList(KeysFirst):
    """A page of interviews, each with what it shows of reviews: `row.figures`."""

    def get_results(self, request):
        super().get_results(request)
        figures = figures_of(self.result_list, request.user)
        for session in self.result_list:
            session.figures = figures[session.pk]


class ListViews:
    """The part of the interviews' admin that lists them."""

    list_display = [
        "candidate_link",
        "vacancy",
        "state_badge",
        "progress",
        "standing_shown",
        "own_review",
        "mark",
        "finished",
        "deadline",
    ]
    list_display_links = None
    # What has an index; by status, stage and vacancy there are filters.
    sortable_by = ["candidate_link", "finished", "deadline"]
    # Each row is some templates' work: fifty are a tenth of a second.
    list_per_page = 50
    list_filter = [
        StatusFilter,
        ("vacancy", AutocompleteSelectFilter),
        StageFilter,
        DecisionFilter,
        ReviewFilter,
        DeadlineFilter,
        TroubleFilter,
        ("created_at", DaysFilter),
        ("vacancy__language", ChoicesDropdownFilter),
    ]

    def get_changelist(self, request, **kwargs):
        return SessionList

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("standing__decision")

    @property
    def media(self):
        return super().media + forms.Media(css={"all": ["admin/deciding.css"]})

    @display(description=_("candidate"), ordering="candidate__name")
    def candidate_link(self, session):
        standing = standing_of(session)
        return render_to_string(
            "admin/reviews/_star.html",
            {
                "session": session,
                "is_listed": standing.stage == Stage.SHORTLISTED,
                "is_managed": session.figures.is_managed,
            },
        )

    @display(description=_("stage"), ordering="standing__stage")
    def standing_shown(self, session):
        return render_to_string(
            "admin/reviews/_badges.html", badges(standing_of(session))
        )

    @display(description=_("my review"), empty_value="–")
    def own_review(self, session):
        return _("Yes") if session.figures.has_reviewed else None

    @display(description=_("mark"), empty_value="–")
    def mark(self, session):
        figures = session.figures
        if figures.is_blind:
            return _("after yours")
        if figures.mark is None:
            return None
        return _("%(mark)s (%(reviewers)d)") % {
            "mark": localize(round(figures.mark, 1)),
            "reviewers": figures.reviewers,
        }

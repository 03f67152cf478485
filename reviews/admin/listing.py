"""The list of interviews: where each candidate stands, and what people think of them."""

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
)
from unfold.decorators import display
from unfold.views import ChangeList

from accounts.filters import DaysFilter
from interviews.admin.filters import StatusFilter
from reviews.admin.filters import (
    DeadlineFilter,
    DecisionFilter,
    ReviewFilter,
    StageFilter,
    TroubleFilter,
)
from reviews.figures import figures_of
from reviews.models import BEST_MARK, Stage
from reviews.templatetags.deciding import address_to_read, badges, standing_of


class SessionList(ChangeList):
    """A page of interviews, each with what it shows of reviews: `row.figures`."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
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
        "star",
    ]
    list_display_links = None
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

    @display(description=_("candidate"), ordering="candidate__name")
    def candidate_link(self, session):
        return format_html(
            '<a class="text-link" href="{}">{}</a>',
            address_to_read(session),
            session.candidate.name,
        )

    @display(description=_("stage"), ordering="standing__stage")
    def standing_shown(self, session):
        return render_to_string(
            "admin/reviews/_badges.html", badges(standing_of(session))
        )

    @display(description=_("my review"), boolean=True)
    def own_review(self, session):
        return session.figures.has_reviewed

    @display(description=_("mark"), empty_value="–")
    def mark(self, session):
        figures = session.figures
        if not figures.is_open:
            return _("after yours")
        if figures.mark is None:
            return None
        return _("%(mark).1f of %(best)d (%(reviewers)d)") % {
            "mark": figures.mark,
            "best": BEST_MARK,
            "reviewers": figures.reviewers,
        }

    @display(description=_("shortlist"))
    def star(self, session):
        standing = standing_of(session)
        return render_to_string(
            "admin/reviews/_star.html",
            {
                "session": session,
                "is_listed": standing.stage == Stage.SHORTLISTED,
                "is_managed": session.figures.is_managed,
            },
        )

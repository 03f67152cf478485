"""Stages and decisions, of one interview or of many."""

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.decorators import action

from reviews.admin.choosing import actions_of, chosen_to_decide, picked, way_back
from reviews.deciding import decide, may_decide, set_stage, toggle_shortlist
from reviews.forms_deciding import DecisionForm, StageForm
from reviews.models import Stage

NAME = "interviews_interviewsession_"


class DecisionViews:
    """The part of the interviews' admin that decides."""

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("decide/", wrap(self.decide_view), name=NAME + "decide"),
            path("stage/", wrap(self.stage_view), name=NAME + "stage"),
            path(
                "<uuid:session_id>/shortlist/",
                wrap(self.shortlist_view),
                name=NAME + "shortlist",
            ),
            *super().get_urls(),
        ]

    def get_actions(self, request):
        own = ["shortlist_selected", "stage_selected", "decide_selected"]
        return super().get_actions(request) | actions_of(self, request, own)

    def has_decide_permission(self, request, object_id=None):
        return may_decide(request.user)

    def decide_view(self, request):
        """Ask what is decided and why, of one interview or many; then record it."""
        sessions = chosen_to_decide(request, keys_sent(request))
        form = DecisionForm(request.POST or None)
        if not form.is_valid():
            return self.decide_page(request, sessions, form)
        decisions = decide(sessions=sessions, by=request.user, **form.cleaned_data)
        messages.success(request, decided(len(decisions)))
        return redirect(way_back(request))

    def stage_view(self, request):
        """Ask for the stage, of one interview or many; then move them."""
        sessions = chosen_to_decide(request, keys_sent(request))
        form = StageForm(request.POST or None)
        if not form.is_valid():
            return self.stage_page(request, sessions, form)
        self.move(request, sessions, form.cleaned_data["stage"])
        return redirect(way_back(request))

    @method_decorator(require_POST)
    def shortlist_view(self, request, session_id):
        [session] = chosen_to_decide(request, [str(session_id)])
        listed = toggle_shortlist(session=session, by=request.user)
        if listed == Stage.SHORTLISTED:
            messages.success(request, _("On the shortlist."))
        else:
            messages.success(request, _("No longer on the shortlist."))
        return redirect(way_back(request, request.headers.get("referer")))

    @action(description=_("Put on the shortlist"), permissions=["decide"])
    def shortlist_selected(self, request, queryset):
        if sessions := picked(self, request, queryset):
            self.move(request, sessions, Stage.SHORTLISTED)

    @action(description=_("Move to a stage…"), permissions=["decide"])
    def stage_selected(self, request, queryset):
        if sessions := picked(self, request, queryset):
            return self.stage_page(request, sessions, StageForm())

    @action(description=_("Decide…"), permissions=["decide"])
    def decide_selected(self, request, queryset):
        if sessions := picked(self, request, queryset):
            return self.decide_page(request, sessions, DecisionForm())

    def move(self, request, sessions, stage):
        moved = set_stage(sessions=sessions, stage=stage, by=request.user)
        messages.success(request, moved_to(len(moved), Stage(stage).label))

    def decide_page(self, request, sessions, form):
        return self.choice_page(
            request, sessions, form, "decide", title=_("Decide"), action=_("Decide")
        )

    def stage_page(self, request, sessions, form):
        return self.choice_page(
            request,
            sessions,
            form,
            "stage",
            title=_("Move to a stage"),
            action=_("Move"),
        )

    def choice_page(self, request, sessions, form, page, **context):
        return TemplateResponse(
            request,
            f"admin/reviews/{page}.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "sessions": sessions,
                "unfinished": sum(session.finished_at is None for session in sessions),
                "form": form,
                "back": way_back_of(request),
                **context,
            },
        )


def keys_sent(request):
    sent = request.POST if request.method == "POST" else request.GET
    return sent.getlist("session")


def way_back_of(request):
    """Return where a page leads on to: from an action, to the list as it was filtered."""
    if "action" in request.POST:
        return request.get_full_path()
    return way_back(request)


def decided(count):
    if not count:
        return _("This was decided already, in the same words.")
    return ngettext("%d decision recorded.", "%d decisions recorded.", count) % count


def moved_to(count, stage):
    if not count:
        return _("They were at this stage already.")
    text = ngettext(
        "%(count)d interview moved to “%(stage)s”.",
        "%(count)d interviews moved to “%(stage)s”.",
        count,
    )
    return text % {"count": count, "stage": stage}

"""The proof of erasures, and what falls due next."""

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import action, display

from accounts.site import AuditedAdmin
from core.paginator import CappedPaginator
from privacy import proof, retention
from privacy.models import Erasure

UNFINISHED, OVERDUE, FINISHED = "unfinished", "overdue", "finished"
STATES = {
    UNFINISHED: _("On its way"),
    OVERDUE: _("Overdue"),
    FINISHED: _("Gone everywhere"),
}
COLOURS = {UNFINISHED: "info", OVERDUE: "danger", FINISHED: "success"}


def state_of(erasure):
    if erasure.finished_at:
        return FINISHED
    return OVERDUE if erasure.is_overdue else UNFINISHED


class StateFilter(DropdownFilter):
    """Those that are not gone everywhere, and those of them that are late."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return list(STATES.items())

    def queryset(self, request, queryset):
        if self.value() == OVERDUE:
            return queryset.overdue()
        if self.value() not in STATES:
            return queryset
        return queryset.filter(finished_at__isnull=self.value() == UNFINISHED)


@admin.register(Erasure)
class ErasureAdmin(AuditedAdmin):
    list_display = ["erased", "candidate_key", "extent", "cause", "who", "state_badge"]
    list_filter = [
        StateFilter,
        ("extent", ChoicesDropdownFilter),
        ("cause", ChoicesDropdownFilter),
    ]
    list_filter_submit = True
    search_fields = ["candidate_key"]
    search_help_text = _("Number or the whole e-mail address")
    paginator = CappedPaginator
    list_per_page = 50
    show_full_result_count = False
    actions = None
    actions_list = ["periods"]

    def get_urls(self):
        return [
            path(
                "periods/",
                self.admin_site.admin_view(self.periods_view),
                name="privacy_erasure_periods_page",
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .select_related("asked_by")
            .annotate(
                step_count=Count("steps"),
                left_count=Count("steps", filter=Q(steps__done_at=None)),
            )
        )

    def get_search_results(self, request, queryset, search_term):
        """Find whoever had the address: by its hash, for it is kept nowhere."""
        told = search_term.strip()
        if told.isdecimal() and len(told) < 19:
            return queryset.filter(candidate_key=int(told)), False
        if told:
            found = proof.erasures_of(told)
            return queryset.filter(pk__in=found.values("pk")), False
        return queryset, False

    @display(description=_("erased"), ordering="erased_at")
    def erased(self, erasure):
        return date_format(localtime(erasure.erased_at), "SHORT_DATETIME_FORMAT")

    @display(description=_("erased by"), ordering="asked_by__email")
    def who(self, erasure):
        return erasure.asked_by.email if erasure.asked_by else _("Parley itself")

    @display(description=_("state"), ordering="finished_at", label=COLOURS)
    def state_badge(self, erasure):
        return state_of(erasure), STATES[state_of(erasure)]

    def has_add_permission(self, request):
        """Erasing begins on a candidate's page."""
        return False

    def has_change_permission(self, request, obj=None):
        """The proof is the proof."""
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def get_fields(self, request, obj=None):
        # The template tells them.
        return []

    def render_change_form(self, request, context, obj=None, **kwargs):
        state = state_of(obj)
        context |= {
            "title": _("Erasure"),
            "subtitle": date_format(localtime(obj.erased_at), "DATETIME_FORMAT"),
            "state": STATES[state],
            "state_colour": COLOURS[state],
            "rows": sorted(obj.counts.items()),
            "left": obj.steps.filter(done_at=None)[:50],
            "calls": obj.steps.filter(place="vendor"),
        }
        return super().render_change_form(request, context, obj=obj, **kwargs)

    @action(description=_("What falls due"), permissions=["view"], icon="event_busy")
    def periods(self, request):
        return redirect("admin:privacy_erasure_periods_page")

    def periods_view(self, request):
        """Show of each vacancy what the coming night will erase, and the next month."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": Erasure._meta,
            "title": _("What falls due"),
            "vacancies": [
                due for due in retention.forecast() if due.days or due.recording_days
            ],
            "days": settings.RETENTION_DAYS,
            "recording_days": settings.RECORDING_RETENTION_DAYS,
            "soon": retention.SOON.days,
            "back": reverse("admin:privacy_erasure_changelist"),
        }
        return TemplateResponse(request, "admin/privacy/periods.html", context)

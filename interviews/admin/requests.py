"""What candidates ask for: the list, and the page on which a person answers for it."""

from django import forms
from django.contrib import admin, messages
from django.db.models import F
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.lists import KeysFirst
from accounts.site import PortalAdmin
from candidates.lists import search_help, sortable
from candidates.models import Candidate
from interviews.models import CandidateRequest, RequestKind
from interviews.requests import handle

KIND_COLOURS = {
    RequestKind.ANOTHER_WAY: "info",
    RequestKind.HUMAN_REVIEW: "warning",
    RequestKind.ERASURE: "danger",
    RequestKind.WITHDRAWAL: "danger",
}
OPEN, OVERDUE, HANDLED = "open", "overdue", "handled"
STATES = {OPEN: _("Waiting"), OVERDUE: _("Overdue"), HANDLED: _("Handled")}
STATE_COLOURS = {OPEN: "warning", OVERDUE: "danger", HANDLED: "success"}


def state_of(asked):
    if asked.handled_at:
        return HANDLED
    return OVERDUE if asked.is_overdue else OPEN


class HandledFilter(DropdownFilter):
    """Those that wait for a person, or those that have had one."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return list(STATES.items())

    def queryset(self, request, queryset):
        if self.value() not in STATES:
            return queryset
        if self.value() == OVERDUE:
            return queryset.overdue()
        return queryset.filter(handled_at__isnull=self.value() == OPEN)


class HandlingForm(forms.ModelForm):
    """What was done: without it, nothing was."""

    note = forms.CharField(
        label=_("What was done"),
        max_length=5000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )

    class Meta:
        model = CandidateRequest
        fields = ["note"]


@admin.register(CandidateRequest)
class CandidateRequestAdmin(PortalAdmin):
    list_display = [
        "candidate",
        "vacancy",
        "kind_badge",
        "asked",
        "due",
        "state_badge",
    ]
    list_select_related = ["session__candidate", "session__vacancy"]
    list_filter = [HandledFilter, ("kind", ChoicesDropdownFilter)]
    list_filter_submit = True
    search_fields = ["session__candidate__name", "session__candidate__email"]
    # Open ones first, of these the longest waiting.
    ordering = [F("handled_at").desc(nulls_first=True), "created_at"]
    form = HandlingForm
    fields = ["note"]
    actions = None

    @property
    def search_help_text(self):
        return search_help(_("Candidate or e-mail"))

    def get_changelist(self, request, **kwargs):
        return KeysFirst

    def get_sortable_by(self, request):
        return sortable(super().get_sortable_by(request), "candidate")

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .select_related("session__candidate", "session__vacancy", "handled_by")
        )

    def get_search_results(self, request, queryset, search_term):
        """Find each word in the candidate's name or address, where its index is."""
        for word in search_term.split():
            people = Candidate.objects.called(word)
            queryset = queryset.filter(session__candidate__in=people.values("pk"))
        return queryset, False

    @display(description=_("candidate"), ordering="session__candidate__name")
    def candidate(self, asked):
        return asked.session.candidate

    @display(description=_("vacancy"), ordering="session__vacancy__title")
    def vacancy(self, asked):
        return asked.session.vacancy

    @display(description=_("request"), ordering="kind", label=KIND_COLOURS)
    def kind_badge(self, asked):
        return asked.kind, asked.get_kind_display()

    @display(description=_("time"), ordering="created_at")
    def asked(self, asked):
        return date_format(localtime(asked.created_at), "SHORT_DATETIME_FORMAT")

    @display(description=_("answer until"), ordering="created_at")
    def due(self, asked):
        return date_format(localtime(asked.due_at), "SHORT_DATE_FORMAT")

    @display(description=_("state"), ordering="handled_at", label=STATE_COLOURS)
    def state_badge(self, asked):
        return state_of(asked), STATES[state_of(asked)]

    def has_add_permission(self, request):
        """Requests come from candidates alone."""
        return False

    def has_change_permission(self, request, obj=None):
        """What a person has dealt with stays as it is."""
        return super().has_change_permission(request, obj) and not (
            obj and obj.handled_at
        )

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        """There is nothing to save but that somebody has dealt with it."""
        if handle(asked=obj, user=request.user, note=form.cleaned_data["note"]):
            self.message_user(request, _("Marked as handled."), messages.SUCCESS)
        else:
            self.message_user(
                request, _("Somebody else has just handled it."), messages.WARNING
            )

    def response_change(self, request, obj):
        return self.response_post_save_change(request, obj)

    def render_change_form(self, request, context, obj=None, **kwargs):
        context |= {
            "title": obj.get_kind_display(),
            "subtitle": obj.session.candidate.name,
            "kind_colour": KIND_COLOURS[RequestKind(obj.kind)],
            "state": STATES[state_of(obj)],
            "state_colour": STATE_COLOURS[state_of(obj)],
            "language": obj.session.vacancy.language,
        }
        return super().render_change_form(request, context, obj=obj, **kwargs)

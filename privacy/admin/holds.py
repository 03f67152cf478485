"""Legal holds: placing and releasing them."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from accounts.site import AuditedAdmin
from core.paginator import CappedPaginator
from privacy import holds
from privacy.models import LegalHold

# Two lines on a phone.
SHORT = 40
STANDING, RELEASED = "standing", "released"
STATES = {STANDING: _("Stands"), RELEASED: _("Released")}
COLOURS = {STANDING: "warning", RELEASED: "default"}


def state_of(hold):
    return RELEASED if hold.released_at else STANDING


class StateFilter(DropdownFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return list(STATES.items())

    def queryset(self, request, queryset):
        if self.value() not in STATES:
            return queryset
        return queryset.filter(released_at__isnull=self.value() == STANDING)


@admin.register(LegalHold)
class LegalHoldAdmin(AuditedAdmin):
    list_display = ["what", "reason_in_short", "placed_by", "since", "state_badge"]
    list_select_related = ["candidate", "session__candidate", "vacancy", "placed_by"]
    list_filter = [StateFilter]
    list_filter_submit = True
    paginator = CappedPaginator
    list_per_page = 50
    show_full_result_count = False
    fields = ["candidate", "session", "vacancy", "reason"]
    autocomplete_fields = ["candidate", "session", "vacancy"]
    actions = None

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.select_related(
            "candidate", "session__candidate", "vacancy", "placed_by", "released_by"
        )

    def get_urls(self):
        return [
            path(
                "<path:object_id>/release/",
                self.admin_site.admin_view(self.release_view),
                name="privacy_legalhold_release",
            ),
            *super().get_urls(),
        ]

    @display(description=_("what is kept"))
    def what(self, hold):
        return hold.candidate or hold.vacancy or hold.session.candidate

    @display(description=_("reason"))
    def reason_in_short(self, hold):
        return Truncator(hold.reason).chars(SHORT)

    @display(description=_("since"), ordering="placed_at")
    def since(self, hold):
        return date_format(localtime(hold.placed_at), "SHORT_DATE_FORMAT")

    @display(description=_("state"), ordering="released_at", label=COLOURS)
    def state_badge(self, hold):
        return state_of(hold), STATES[state_of(hold)]

    def has_change_permission(self, request, obj=None):
        """A hold is placed and released, and not rewritten in between."""
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def may_release(self, request):
        return request.user.has_perm("privacy.change_legalhold")

    def save_model(self, request, obj, form, change):
        holds.place(hold=obj, user=request.user)

    def log_addition(self, request, obj, message):
        """The audit log has it from `holds.place`; Django's own would name the person."""

    @method_decorator(require_POST)
    def release_view(self, request, object_id):
        hold = self.get_object(request, unquote(object_id))
        if not self.may_release(request):
            raise PermissionDenied
        if hold is None:
            raise Http404
        if holds.release(hold=hold, user=request.user):
            text = _("Released: periods and erasures go on from now.")
            self.message_user(request, text, messages.SUCCESS)
        else:
            self.message_user(request, _("It was released already."), messages.WARNING)
        return redirect("admin:privacy_legalhold_change", hold.pk)

    def render_change_form(self, request, context, obj=None, **kwargs):
        if obj:
            context |= {
                "title": _("Legal hold"),
                "subtitle": str(self.what(obj)),
                "state": STATES[state_of(obj)],
                "state_colour": COLOURS[state_of(obj)],
                "may_release": self.may_release(request) and not obj.released_at,
            }
        return super().render_change_form(request, context, obj=obj, **kwargs)

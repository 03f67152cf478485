"""The list of shared links, and the page on which one is watched and closed."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter
from unfold.decorators import display

from accounts.site import PortalAdmin
from reviews import sharing
from reviews.admin.sharing import link_page
from reviews.forms_sharing import TokenForm, UntilForm
from reviews.models import Share, ShareState
from reviews.opinions import by_person, opinions_seen_by
from reviews.shared import interviews

STATE_COLOURS = {
    ShareState.WORKING: "success",
    ShareState.EXPIRED: "default",
    ShareState.REVOKED: "danger",
}
VIEWS_SHOWN = 200


class ShareStateFilter(DropdownFilter):
    """Links that work, have expired, or were revoked."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return ShareState.choices

    def queryset(self, request, queryset):
        if self.value() not in ShareState.values:
            return queryset
        return queryset.with_state(self.value())


class ExtensionForm(UntilForm, forms.ModelForm):
    """Until when a link works; nothing else of it changes."""

    class Meta:
        model = Share
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = self.instance.last_day


@admin.register(Share)
class ShareAdmin(PortalAdmin):
    list_display = [
        "recipient",
        "vacancy",
        "session_count",
        "view_count",
        "opened",
        "feedback_count",
        "until",
        "state_badge",
    ]
    list_select_related = ["vacancy"]
    list_filter = [ShareStateFilter, ("vacancy", AutocompleteSelectFilter)]
    list_filter_submit = True
    search_fields = ["recipient", "vacancy__title"]
    search_help_text = _("For whom, or vacancy")
    form = ExtensionForm
    actions = None

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.select_related("vacancy", "created_by").with_figures()

    def get_fields(self, request, obj=None):
        return ["until"] if self.has_change_permission(request, obj) else []

    @display(description=_("interviews"), ordering="session_count")
    def session_count(self, share):
        return share.session_count

    @display(description=_("views"), ordering="view_count")
    def view_count(self, share):
        return share.view_count

    @display(description=_("last opened"), ordering="opened_at")
    def opened(self, share):
        return share.opened_at and date_format(
            localtime(share.opened_at), "SHORT_DATETIME_FORMAT"
        )

    @display(description=_("opinions"), ordering="feedback_count")
    def feedback_count(self, share):
        return share.feedback_count

    @display(description=_("works until"), ordering="expires_at")
    def until(self, share):
        return date_format(share.last_day, "SHORT_DATE_FORMAT")

    @display(description=_("state"), label=STATE_COLOURS)
    def state_badge(self, share):
        return share.state, share.state.label

    def has_add_permission(self, request):
        """Links are made where interviews are chosen."""
        return False

    def has_change_permission(self, request, obj=None):
        """What was revoked stays revoked."""
        return super().has_change_permission(request, obj) and not (
            isinstance(obj, Share) and obj.revoked_at
        )

    def has_delete_permission(self, request, obj=None):
        """Who looked at what stays on record."""
        return False

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path(
                "<path:object_id>/revoke/",
                wrap(self.revoke_view),
                name="reviews_share_revoke",
            ),
            path(
                "<path:object_id>/link/",
                wrap(self.link_view),
                name="reviews_share_link",
            ),
            *super().get_urls(),
        ]

    def save_model(self, request, obj, form, change):
        """There is nothing to save but the day, unless somebody has just revoked it."""
        if not sharing.extend(share=obj, until=form.cleaned_data["until"]):
            self.message_user(request, revoked_already(), messages.WARNING)

    @method_decorator(require_POST)
    def revoke_view(self, request, object_id):
        share = self.own_share(request, object_id)
        if sharing.revoke(share=share, user=request.user):
            self.message_user(
                request, _("The link is closed, from this moment."), messages.SUCCESS
            )
        else:
            self.message_user(request, revoked_already(), messages.WARNING)
        return redirect("admin:reviews_share_change", share.pk)

    @method_decorator(require_POST)
    def link_view(self, request, object_id):
        """Make another link, and show it; sent twice, it is the same one."""
        share = self.own_share(request, object_id)
        form = TokenForm(request.POST)
        if not form.is_valid():
            self.message_user(request, _("Please open this page anew."), messages.ERROR)
            return redirect("admin:reviews_share_change", share.pk)
        token = form.cleaned_data["token"]
        if not sharing.renew_link(share=share, user=request.user, token=token):
            self.message_user(request, revoked_already(), messages.WARNING)
            return redirect("admin:reviews_share_change", share.pk)
        return link_page(self, request, share, token)

    def own_share(self, request, object_id):
        """Return a share of the reader's; 404 if there is none, 403 if it is to read only."""
        share = self.get_object(request, unquote(object_id))
        if share is None:
            raise Http404
        if not super().has_change_permission(request, share):
            raise PermissionDenied
        return share

    def render_change_form(self, request, context, obj=None, **kwargs):
        context |= {
            "title": obj.recipient,
            "subtitle": obj.vacancy.title,
            "state_colour": STATE_COLOURS[obj.state],
            "interviews": watched(obj, request.user),
            "views": views_of(obj),
            "views_shown": VIEWS_SHOWN,
            "link_form": TokenForm(),
        }
        return super().render_change_form(request, context, obj=obj, **kwargs)


def watched(share, user):
    """Return each interview of a share, with what its readers say and whether it shows."""
    feedback = opinions_seen_by(user).filter(share=share)
    said = by_person(feedback)
    total = {}
    for key in share.feedback.values_list("session_id", flat=True):
        total[key] = total.get(key, 0) + 1
    return [
        {
            "number": one.number,
            "session": one.session,
            "people": [of for of in said if of.latest.session_id == one.session.pk],
            "total": total.get(one.session.pk, 0),
        }
        for one in interviews(share)
    ]


def views_of(share):
    return list(share.views.select_related("session__candidate")[:VIEWS_SHOWN])


def revoked_already():
    return _("This link was revoked already.")

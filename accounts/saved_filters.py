"""Lists as somebody filtered them, kept under a name: for any list of the admin."""

import re

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.models import SavedFilter, User

MOST_FILTERS = 30
LONGEST_QUERY = 2000
# Names of filters and lookups; nothing that a browser could take for an address.
PARAMETER = re.compile(r"[a-z_][a-z0-9_]*\Z")
# Where somebody was in the list, or how it was opened: no part of a filter.
PASSING = frozenset({"p", "e", "all", "_facets", "_popup", "_to_field"})


def relative_query(text: str) -> str:
    """Return the filters, search and order in an address's query, written anew.

    Raises forms.ValidationError if there is none, or if it is no query of a list.
    """
    if len(text) > LONGEST_QUERY or "\x00" in text:
        raise forms.ValidationError(_("These filters are too many to be kept."))
    sent = QueryDict(text.removeprefix("?"))
    kept = QueryDict(mutable=True)
    for name, values in sent.lists():
        if not PARAMETER.match(name):
            raise forms.ValidationError(_("These are no filters of this list."))
        if name not in PASSING and any(values):
            kept.setlist(name, [value for value in values if value])
    if not kept:
        raise forms.ValidationError(_("Filter the list first, then save the filter."))
    return kept.urlencode()


class SavedFilterForm(forms.Form):
    """A filter and its name."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        error_messages={"required": _("Give the filter a name.")},
    )
    query = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def clean_query(self) -> str:
        return relative_query(self.cleaned_data["query"])


@transaction.atomic
def save_filter(*, user: User, page: str, name: str, query: str) -> SavedFilter | None:
    """Keep a list's filters under a name, in place of what the name stood for.

    Returns None if the person has as many as anybody may keep.
    """
    # One at a time, or two tabs would both find room for one more.
    User.objects.select_for_update().get(pk=user.pk)
    own = SavedFilter.objects.filter(user=user, page=page)
    if own.count() >= MOST_FILTERS and not own.filter(name=name).exists():
        return None
    saved, _created = SavedFilter.objects.update_or_create(
        user=user, page=page, name=name, defaults={"query": query}
    )
    return saved


class SavedFilterViews:
    """The part of a list's admin that keeps filters: each person's own."""

    list_before_template = "admin/accounts/saved_filters.html"

    @property
    def filters_page(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path(
                "filters/save/",
                wrap(self.save_filter_view),
                name=f"{self.filters_page}_save_filter",
            ),
            path(
                "filters/<int:filter_id>/delete/",
                wrap(self.delete_filter_view),
                name=f"{self.filters_page}_delete_filter",
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        own = SavedFilter.objects.filter(user=request.user, page=self.filters_page)
        context = {
            "saved_filters": own,
            "save_filter_url": reverse(f"admin:{self.filters_page}_save_filter"),
            "delete_filter_url": f"admin:{self.filters_page}_delete_filter",
            "filter_now": query_now(request),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    @method_decorator(require_POST)
    def save_filter_view(self, request: HttpRequest) -> HttpResponse:
        self.check_reads(request)
        form = SavedFilterForm(request.POST)
        if not form.is_valid():
            [problem, *_others] = [e for errors in form.errors.values() for e in errors]
            messages.error(request, problem)
            return redirect(self.list_url(query_sent(request)))
        query = form.cleaned_data["query"]
        saved = save_filter(
            user=request.user, page=self.filters_page, **form.cleaned_data
        )
        if saved is None:
            messages.error(request, _("You have 30 filters here. Delete one first."))
        else:
            messages.success(request, _("Filter saved."))
        return redirect(self.list_url(query))

    @method_decorator(require_POST)
    def delete_filter_view(self, request: HttpRequest, filter_id: int) -> HttpResponse:
        self.check_reads(request)
        own = SavedFilter.objects.filter(user=request.user, page=self.filters_page)
        get_object_or_404(own, pk=filter_id).delete()
        messages.success(request, _("Filter deleted."))
        return redirect(self.list_url(query_sent(request)))

    def check_reads(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def list_url(self, query: str) -> str:
        url = reverse(f"admin:{self.filters_page}_changelist")
        return f"{url}?{query}" if query else url


def query_now(request: HttpRequest) -> str:
    """Return the filters of the list as it is open, in the form they are kept in."""
    try:
        return relative_query(request.GET.urlencode())
    except forms.ValidationError:
        return ""


def query_sent(request: HttpRequest) -> str:
    """Return the filters that a form says the list is open with; nothing if unfit."""
    try:
        return relative_query(request.POST.get("query", ""))
    except forms.ValidationError:
        return ""

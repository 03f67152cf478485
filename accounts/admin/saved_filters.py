"""The part of a list's page that keeps its filters under a name."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.models import SavedFilter
from accounts.saved_filters import SavedFilterForm, relative_query, save_filter


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

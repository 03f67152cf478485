"""The audit log as HR reads it: who did what, to whom, when, and from where."""

import csv
from collections.abc import Iterator

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import action, display

from accounts.audit import record
from accounts.filters import DaysFilter
from accounts.log_names import names_of
from accounts.models import AuditAction, AuditEvent, User
from accounts.site import PortalAdmin

# A value that the theme finds no colour for, it shows in place of its name.
COLOURS = dict.fromkeys(AuditAction, "default") | {
    AuditAction.DELETED: "danger",
    AuditAction.REFUSED: "danger",
    AuditAction.REVOKED: "warning",
    AuditAction.EXPORTED: "warning",
    AuditAction.SHARED: "warning",
    AuditAction.DECIDED: "success",
}
# Lines of the log that are in memory at a time.
PORTION = 2000
COLUMNS = [
    "id",
    "at",
    "actor_id",
    "actor",
    "action",
    "object_type",
    "object_id",
    "vacancy_id",
    "detail",
    "address",
]
# Somebody with more has the search.
MOST_OFFERED = 200


class WhoFilter(DropdownFilter):
    """By a person who has an account: of the teams the reader knows."""

    title = _("who")
    parameter_name = "who"

    def lookups(self, request, model_admin):
        people = User.objects.order_by("email")
        if not request.user.sees_everything:
            own = request.user.memberships.values("vacancy")
            people = people.filter(memberships__vacancy__in=own).distinct()
        return list(people.values_list("pk", "email")[:MOST_OFFERED])

    def queryset(self, request, queryset):
        who = self.value() or ""
        return queryset.filter(actor_id=who) if who.isdecimal() else queryset


class VacancyFilter(DropdownFilter):
    """By a vacancy of the reader's own, the newest first."""

    title = _("vacancy")
    parameter_name = "vacancy"

    def lookups(self, request, model_admin):
        vacancies = apps.get_model("vacancies.vacancy")._default_manager
        own = vacancies.visible_to(request.user)
        return list(own.values_list("pk", "title")[:MOST_OFFERED])

    def queryset(self, request, queryset):
        vacancy = self.value() or ""
        return queryset.filter(vacancy_id=vacancy) if vacancy.isdecimal() else queryset


class LogPage(ChangeList):
    """A page of the log, whose rows know what they are about."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
        names = names_of(request.user, self.result_list)
        for event in self.result_list:
            event.about = names[event.object_type, event.object_id]


@admin.register(AuditEvent)
class AuditEventAdmin(PortalAdmin):
    shows_candidates = False
    list_display = ["time", "who", "action_badge", "about", "detail", "address"]
    list_display_links = None
    list_filter = [
        WhoFilter,
        ("action", ChoicesDropdownFilter),
        VacancyFilter,
        ("at", DaysFilter),
    ]
    list_filter_submit = True
    search_fields = ["actor"]
    search_help_text = _("Who: an e-mail address, or a part of it")
    actions = None
    actions_list = ["export"]
    fields = COLUMNS[1:]

    def get_changelist(self, request, **kwargs):
        return LogPage

    def get_search_results(self, request, queryset, search_term):
        for word in search_term.split():
            queryset = queryset.by(word)
        return queryset, False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        """Nobody rewrites it: the database itself refuses."""
        return False

    has_delete_permission = has_change_permission

    @display(description=_("time"), ordering="id")
    def time(self, event):
        return date_format(localtime(event.at), "SHORT_DATETIME_FORMAT")

    @display(description=_("who"))
    def who(self, event):
        return event.actor or "–"

    @display(description=_("what"), label=COLOURS)
    def action_badge(self, event):
        return event.action, event.get_action_display()

    @display(description=_("about"))
    def about(self, event):
        kind, name, url = event.about
        if not url:
            return format_html('<span class="muted">{}</span> {}', kind, name)
        return format_html(
            '<span class="muted">{}</span> <a class="text-link" href="{}">{}</a>',
            kind,
            url,
            name,
        )

    def get_urls(self):
        view = self.admin_site.admin_view(self.csv_view)
        return [
            path("log.csv", view, name="accounts_auditevent_csv"),
            *super().get_urls(),
        ]

    def has_export_permission(self, request):
        return request.user.sees_everything

    @action(description=_("As a table"), permissions=["export"], icon="download")
    def export(self, request):
        return redirect("admin:accounts_auditevent_csv")

    def csv_view(self, request):
        """Give the whole log, for those who see all of it, with nothing looked up."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        record(AuditAction.EXPORTED, AuditEvent, request=request)
        headers = {"Content-Disposition": 'attachment; filename="audit-log.csv"'}
        return StreamingHttpResponse(lines(), content_type="text/csv", headers=headers)


class Echo:
    """What a csv.writer writes to, and gets back."""

    def write(self, value: str) -> str:
        return value


def lines() -> Iterator[str]:
    """Give the log as lines of CSV, the oldest first; spreadsheets run none of it."""
    writer = csv.writer(Echo())
    # Without the mark, Excel takes the Russian for something else.
    yield "\ufeff" + writer.writerow(COLUMNS)
    for row in rows():
        yield writer.writerow([inert(value) for value in row])


def rows() -> Iterator[tuple[object, ...]]:
    """Read the log in portions, by its key, which comes first.

    A cursor would have to outlive its transaction, which a pooler does not allow; and
    without one the whole log would be in memory.
    """
    log, last = AuditEvent.objects.order_by("id").values_list(*COLUMNS), 0
    while portion := list(log.filter(id__gt=last)[:PORTION]):
        yield from portion
        last = portion[-1][0]


def inert(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text

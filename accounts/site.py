"""What every page of the admin has in common: who sees which rows, and who may write."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from accounts.audit import record
from accounts.filters import limited
from accounts.models import AuditAction
from core.paginator import CappedPaginator

# Bulk actions with these rights change rows, the others only read them.
WRITING = {"change", "delete"}


class AuditedAdmin(ModelAdmin):
    """An admin whose every change is a line of the audit log."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        record(AuditAction.ADDED, obj, request=request)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        record(AuditAction.CHANGED, obj, request=request, detail=fields_of(message))
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            record(AuditAction.DELETED, obj, request=request)
        return super().log_deletions(request, queryset)

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kw: Any):
        # Django looks for the row first, and so tells everybody which rows there are.
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, *args, **kw)


class VisibleChoices:
    """Offers, in a form or a row of it, no related rows but the person's own."""

    def get_field_queryset(self, db, db_field, request):
        rows = super().get_field_queryset(db, db_field, request)
        if rows is None:
            rows = db_field.remote_field.model._default_manager.using(db)
        if not hasattr(rows, "visible_to"):
            return rows
        return rows.visible_to(request.user)


class PortalAdmin(VisibleChoices, AuditedAdmin):
    """An admin of rows that belong to vacancies: each person sees and changes their own.

    The model's QuerySet says which: `visible_to(user)` and `managed_by(user)`. A row of
    somebody else's is one that is not there.
    """

    paginator = CappedPaginator
    # Each row costs the theme some milliseconds.
    list_per_page = 50
    show_full_result_count = False
    # Whether its pages tell of candidates: then looking at one is a line of the log.
    shows_candidates = True

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).visible_to(request.user)

    def get_list_filter(self, request):
        return [limited(one) for one in super().get_list_filter(request)]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self.manages(
            request, obj
        )

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self.manages(
            request, obj
        )

    def manages(self, request, obj):
        """Tell whether a row, or the row of a key, is this person's to change.

        Without one, whether any might be. Raises Http404 for a key that is none of
        theirs to see.
        """
        if obj is None or request.user.manages_everything:
            return True
        key = obj.pk if isinstance(obj, Model) else self.visible_key(request, obj)
        # The admin asks several times a page.
        known = request.__dict__.setdefault("managed", {})
        if (self.model, key) not in known:
            rows = self.model._default_manager.managed_by(request.user)
            known[self.model, key] = rows.filter(pk=key).exists()
        return known[self.model, key]

    def visible_key(self, request, object_id):
        """Return the key of a row that an address names; raises Http404 for no such row."""
        obj = self.get_object(request, unquote(str(object_id)))
        if obj is None:
            raise Http404
        return obj.pk

    def response_action(self, request: HttpRequest, queryset: QuerySet):
        """Let an action that writes have no rows but those its person may change."""
        function, _name, _description = self.get_actions(request).get(
            request.POST.get("action"), (None, "", "")
        )
        if WRITING.intersection(getattr(function, "allowed_permissions", ())):
            queryset = queryset.filter(
                pk__in=self.model._default_manager.managed_by(request.user).values("pk")
            )
        return super().response_action(request, queryset)

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        raise Http404

    def render_change_form(self, request, context, obj=None, **kwargs):
        if obj and self.shows_candidates and request.method == "GET":
            record(AuditAction.VIEWED, obj, request=request)
        return super().render_change_form(request, context, obj=obj, **kwargs)

    def changelist_view(self, request, extra_context=None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        if self.shows_candidates and request.method == "GET" and "cl" in context:
            rows = len(context["cl"].result_list)
            record(
                AuditAction.VIEWED, self.model, request=request, detail=f"rows: {rows}"
            )
        return response


def fields_of(message: str | list[dict[str, dict[str, Any]]]) -> str:
    """Name the fields of an admin's message of changes, never the rows they are in."""
    if isinstance(message, str):
        return ""
    parts = []
    for change in message:
        for verb, what in change.items():
            fields = ", ".join(what.get("fields", []))
            where = f"{verb} {what['name']}" if "name" in what else ""
            parts.append(": ".join(filter(None, [where, fields])))
    return "; ".join(filter(None, parts))

"""What every page of the admin has in common: who sees which rows, and who may write."""

from django.http import HttpRequest
from unfold.admin import ModelAdmin

from core.paginator import CappedPaginator


class PortalAdmin(ModelAdmin):
    """An admin of rows that belong to vacancies: each person sees and changes their own.

    The model's QuerySet says which: `visible_to(user)` and `managed_by(user)`.
    """

    paginator = CappedPaginator
    # Each row costs the theme some milliseconds.
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).visible_to(request.user)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self.manages(
            request, obj
        )

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self.manages(
            request, obj
        )

    def manages(self, request, obj):
        """Tell whether the row is this person's to change; without one, whether any is."""
        if not isinstance(obj, self.model) or request.user.manages_everything:
            return True
        # The admin asks several times a page.
        if not hasattr(obj, "is_managed"):
            rows = self.model._default_manager.managed_by(request.user)
            obj.is_managed = rows.filter(pk=obj.pk).exists()
        return obj.is_managed

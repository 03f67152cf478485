"""Files of interviews: of some, of a whole list, of one; and those made by the worker."""

from contextlib import ExitStack
from tempfile import TemporaryFile

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from unfold.admin import ModelAdmin
from unfold.decorators import action

from accounts.audit import record
from accounts.models import AuditAction
from reviews.admin.choosing import actions_of
from reviews.exports import making
from reviews.exports.choosing import UnreadableList
from reviews.exports.names import file_name
from reviews.forms_exporting import ExportForm
from reviews.models import Export, ExportFormat, ExportState

PAGE_OF_EXPORTS = "admin:reviews_export_changelist"
EXPORTS_SHOWN = 50


class ExportViews:
    """The part of the interviews' admin that exports."""

    def has_export_permission(self, request, object_id=None):
        return request.user.has_perm(making.RIGHT)

    def get_actions(self, request):
        return super().get_actions(request) | actions_of(
            self, request, ["export_selected"]
        )

    def get_actions_detail(self, request, object_id):
        """Offer the report of every interview, closed ones above all."""
        offered = super().get_actions_detail(request, object_id)
        report = self.get_unfold_action("export_report")
        names = {one.action_name for one in offered}
        if report.action_name in names or not self.has_export_permission(request):
            return offered
        return [*offered, report]

    def changelist_view(self, request, extra_context=None):
        """Have the button take along what the list is filtered by."""
        response = super().changelist_view(request, extra_context)
        address = reverse("admin:interviews_interviewsession_export_list")
        context = getattr(response, "context_data", None) or {}
        for button in context.get("actions_list", []):
            if button.get("path") == address and request.GET:
                button["path"] = f"{address}?{request.GET.urlencode()}"
        return response

    @action(description=_("Export…"), permissions=["export"])
    def export_selected(self, request, queryset):
        if request.POST.get("select_across") == "1":
            chosen = {"query": request.GET.urlencode()}
        else:
            keys = queryset.values_list("pk", flat=True)
            chosen = {"ids": ",".join(map(str, keys))}
        return self.export_page(request, ExportForm(initial=chosen))

    @action(
        description=_("Export these"),
        permissions=["export"],
        icon="download",
        url_path="export",
    )
    def export_list(self, request):
        """Ask for the format; then download, or have the worker make the file."""
        if request.method != "POST":
            chosen = {"query": request.GET.urlencode()}
            return self.export_page(request, ExportForm(initial=chosen))
        form = ExportForm(request.POST)
        if not form.is_valid():
            return self.export_page(request, form)
        return self.export(request, export_of(request, **form.asked_for()))

    @action(
        description=_("PDF report"),
        permissions=["export"],
        icon="picture_as_pdf",
        url_path="report",
    )
    def export_report(self, request, object_id):
        session = self.get_object(request, unquote(object_id))
        if session is None:
            raise Http404
        export = export_of(request, ExportFormat.PDF, {"ids": [str(session.pk)]})
        return made_at_once(export, file_name("pdf", session))

    def export(self, request, export):
        try:
            if not making.is_large(export):
                return made_at_once(export)
        except (UnreadableList, making.NothingToExport):
            messages.error(request, _("There is no interview here to export."))
            return redirect(self.changelist_url())
        making.ask(export)
        messages.success(
            request, _("The file is being made. You find it on this page.")
        )
        return redirect(PAGE_OF_EXPORTS)

    def export_page(self, request, form):
        return TemplateResponse(
            request,
            "admin/reviews/export.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Export interviews"),
                "form": form,
                "most": making.MOST_ROWS_AT_ONCE,
                "most_reports": making.most_at_once(ExportFormat.PDF),
                "back": self.changelist_url(),
            },
        )


def export_of(request, export_format, chosen):
    """Return an export, not saved, of what this person asks for in their language."""
    portal = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    return Export(
        user=request.user,
        format=export_format,
        chosen=chosen | {"portal": portal},
        language=get_language(),
    )


def made_at_once(export, name=""):
    with ExitStack() as unless_sent:
        file = unless_sent.enter_context(TemporaryFile())
        made = making.make_at_once(export, file)
        unless_sent.pop_all()  # now the response closes it
    return download(file, name or file_name(made.extension))


def download(file, name):
    """Send a file to be kept, never to be shown: it holds what candidates wrote."""
    content_type = making.CONTENT_TYPES[name.rpartition(".")[2]]
    return FileResponse(
        file,
        as_attachment=True,
        filename=name,
        content_type=content_type,
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"},
    )


@admin.register(Export)
class ExportAdmin(ModelAdmin):
    """A person's own exports: nobody else's, whoever asks."""

    def get_urls(self):
        views = [
            ("", self.changelist_view, "changelist"),
            ("<uuid:export_id>/download/", self.download_view, "download"),
            ("<uuid:export_id>/again/", self.again_view, "again"),
        ]
        return [
            path(route, self.admin_site.admin_view(view), name=f"reviews_export_{name}")
            for route, view, name in views
        ]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(user=request.user)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @method_decorator(require_safe)
    def changelist_view(self, request, extra_context=None):
        check(self.has_view_permission(request))
        return TemplateResponse(
            request,
            "admin/reviews/exports.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Exports"),
                "exports": self.get_queryset(request)[:EXPORTS_SHOWN],
                "days": making.KEPT.days,
                "media": self.media,
            },
        )

    @method_decorator(require_safe)
    def download_view(self, request, export_id):
        check(request.user.has_perm(making.RIGHT))
        ready = self.get_queryset(request).filter(state=ExportState.READY)
        export = get_object_or_404(ready, pk=export_id)
        try:
            file = export.file.open("rb")
        except FileNotFoundError as error:
            raise Http404 from error
        record(AuditAction.EXPORTED, export, request=request, detail="downloaded")
        return download(file, file_name(export.file.name.rpartition(".")[2]))

    @method_decorator(require_POST)
    def again_view(self, request, export_id):
        check(request.user.has_perm(making.RIGHT))
        export = get_object_or_404(self.get_queryset(request), pk=export_id)
        making.ask_again(export)
        return redirect(PAGE_OF_EXPORTS)


def check(allowed):
    if not allowed:
        raise PermissionDenied

"""A copy of a candidate's data, for HR: the button, and the page where it is taken."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from interviews.models import CopyState, DataCopy
from privacy import copy_making
from privacy.copy_views import handed_out
from reviews.exports.making import RIGHT

NAME = "candidates_candidate_copy"


class CopyViews:
    """The part of the candidates' admin that makes copies of what is held."""

    def get_urls(self):
        return [
            path(
                "<int:candidate_id>/copy/",
                self.admin_site.admin_view(self.copy_view),
                name=NAME,
            ),
            path(
                "<int:candidate_id>/copy/<uuid:copy_id>.zip",
                self.admin_site.admin_view(self.copy_download_view),
                name=f"{NAME}_download",
            ),
            *super().get_urls(),
        ]

    def has_copy_permission(self, request, object_id=None):
        return request.user.has_perm(RIGHT)

    @action(
        description=_("Copy of the data"),
        permissions=["copy"],
        icon="folder_zip",
        url_path="data",
    )
    def copy_of_data(self, request, object_id):
        return redirect(f"admin:{NAME}", self.visible_key(request, object_id))

    def copied_candidate(self, request, candidate_id):
        """Return the candidate; whoever may not export, or sees them not, gets nothing."""
        if not self.has_copy_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request), pk=candidate_id)

    def copy_view(self, request, candidate_id):
        """Explain the copy and have it made; show those that are there."""
        candidate = self.copied_candidate(request, candidate_id)
        own = DataCopy.objects.filter(candidate=candidate, asked_by=request.user)
        if request.method == "POST":
            wanted = copy_making.ask_for_all(
                candidate, user=request.user, language=get_language() or "en"
            )
            copy_making.make_if_small(wanted)
            messages.success(
                request, _("The copy is on this page as soon as it is made.")
            )
            return redirect(f"admin:{NAME}", candidate.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Copy of the data"),
            "subtitle": candidate.name,
            "candidate": candidate,
            "copies": own,
            "days": copy_making.KEPT.days,
            "is_limited": not request.user.sees_everything,
            "back": reverse("admin:candidates_candidate_change", args=[candidate.pk]),
        }
        return TemplateResponse(request, "admin/privacy/copy.html", context)

    def copy_download_view(self, request, candidate_id, copy_id):
        candidate = self.copied_candidate(request, candidate_id)
        wanted = get_object_or_404(
            DataCopy,
            pk=copy_id,
            candidate=candidate,
            asked_by=request.user,
            state=CopyState.READY,
        )
        if not copy_making.may_still_have(wanted):
            raise Http404
        return handed_out(request, wanted)

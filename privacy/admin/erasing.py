"""The page on which a person is erased: what will go, what stands against it, and a yes."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from candidates.models import Candidate
from interviews.models import InterviewSession
from privacy import erasing
from privacy.erasing import Order
from privacy.exceptions import AlreadyErased, Held, StillOpen
from privacy.forms import ErasureForm
from privacy.models import Cause

NAME = "candidates_candidate_erasing"
RIGHT = "privacy.add_erasure"


class ErasureViews:
    """The part of the candidates' admin that erases."""

    def get_urls(self):
        return [
            path(
                "<int:candidate_id>/erase/",
                self.admin_site.admin_view(self.erase_view),
                name=NAME,
            ),
            *super().get_urls(),
        ]

    def has_erase_permission(self, request, object_id=None):
        return request.user.has_perm(RIGHT)

    @action(
        description=_("Erase…"),
        permissions=["erase"],
        icon="delete_forever",
        url_path="erasure",
    )
    def erase(self, request, object_id):
        return redirect(f"admin:{NAME}", self.visible_key(request, object_id))

    def erased_candidate(self, request, candidate_id):
        """Return the candidate; only if every interview is the reader's to change."""
        if not self.has_erase_permission(request):
            raise PermissionDenied
        candidate = self.get_queryset(request).filter(pk=candidate_id).first()
        if candidate is None:
            raise Http404
        own = InterviewSession.objects.managed_by(request.user)
        if candidate.sessions.exclude(pk__in=own.values("pk")).exists():
            raise PermissionDenied(
                _(
                    "This person has interviews for vacancies of others as well: ask an "
                    "administrator to erase all of it."
                )
            )
        return candidate

    def erase_view(self, request, candidate_id):
        """Show what would go; after a yes, erase it."""
        candidate = self.erased_candidate(request, candidate_id)
        found = erasing.outlook(erasing.scope_of(candidate))
        told = request.POST if request.method == "POST" else None
        form = ErasureForm(told, has_open=bool(found.open_sessions))
        if form.is_valid():
            return self.erase_now(request, candidate, form)
        context = {
            **self.admin_site.each_context(request),
            "opts": Candidate._meta,
            "title": _("Erase a candidate"),
            "subtitle": candidate.name,
            "candidate": candidate,
            "found": found,
            "form": form,
            "back": reverse("admin:candidates_candidate_change", args=[candidate.pk]),
        }
        return TemplateResponse(request, "admin/privacy/erase.html", context)

    def erase_now(self, request, candidate, form):
        # No message names the person: it would stay in the session.
        order = Order(
            Cause.STAFF,
            user=request.user,
            ends_open=form.cleaned_data.get("ends_open", False),
        )
        try:
            erasing.erase_person(candidate=candidate, order=order)
        except (Held, StillOpen) as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect(request.path)
        except AlreadyErased as refusal:
            self.message_user(request, str(refusal), messages.WARNING)
        else:
            self.message_user(
                request,
                _("Erased. Files and calls at ElevenLabs follow within minutes."),
                messages.SUCCESS,
            )
        return redirect("admin:candidates_candidate_changelist")

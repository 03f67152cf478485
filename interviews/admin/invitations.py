"""Inviting candidates: one page for all the ways to it, and the links it makes."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.fields import (
    UnfoldAdminAutocompleteModelChoiceField,
    UnfoldAdminMultipleAutocompleteModelChoiceField,
)
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminTextInputWidget

from candidates.models import Candidate
from interviews import services
from interviews.models import InterviewSession
from vacancies.models import Vacancy, VacancyStatus

FOUND_AT_ONCE = 20


def labelled(candidate):
    """Tell namesakes apart."""
    return f"{candidate.name} · {candidate.email}"


class VacancyField(UnfoldAdminAutocompleteModelChoiceField):
    """Any vacancy that still takes candidates."""


class CandidatesField(UnfoldAdminMultipleAutocompleteModelChoiceField):
    def label_from_instance(self, obj):
        return labelled(obj)


class InviteForm(forms.Form):
    """Whom to invite, and to what: people on file, a new person, or both."""

    vacancy = VacancyField(
        label=_("Vacancy"),
        url_path="admin:interviews_interviewsession_invite_vacancies",
        queryset=Vacancy.objects.exclude(status=VacancyStatus.CLOSED),
        error_messages={"invalid_choice": _("Choose a vacancy that is not closed.")},
    )
    candidates = CandidatesField(
        label=_("Candidates"),
        url_path="admin:interviews_interviewsession_invite_candidates",
        queryset=Candidate.objects.all(),
        required=False,
        help_text=_("Type a name or an e-mail address. You may choose several."),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    email = forms.EmailField(
        label=_("Email address"), required=False, widget=UnfoldAdminEmailInputWidget
    )

    def __init__(self, *args, may_add_candidates, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_add_candidates:
            del self.fields["name"], self.fields["email"]

    def clean(self):
        cleaned = super().clean()
        name, email = cleaned.get("name"), cleaned.get("email")
        if name and not email and "email" not in self.errors:
            self.add_error("email", _("Needed for a new candidate."))
        if email and not name and not self.known(email):
            self.add_error("name", _("Needed for a new candidate."))
        if not self.errors and not cleaned.get("candidates") and not email:
            raise forms.ValidationError(_("Choose at least one candidate."))
        return cleaned

    def known(self, email):
        return Candidate.objects.filter(email__iexact=email).first()

    @transaction.atomic
    def save(self):
        """Invite them all; return the candidates."""
        candidates = list(self.cleaned_data["candidates"])
        if email := self.cleaned_data.get("email"):
            # An address is one person, however the name is spelt this time.
            candidates.append(
                self.known(email)
                or Candidate.objects.create(name=self.cleaned_data["name"], email=email)
            )
        for candidate in candidates:
            services.invite(candidate=candidate, vacancy=self.cleaned_data["vacancy"])
        return candidates


class InvitationViews:
    """The part of the interviews' admin that invites."""

    def get_urls(self):
        name = "interviews_interviewsession_invite"
        views = [
            ("invite/links/", self.links_view, name + "_links"),
            ("invite/candidates/", self.candidates_view, name + "_candidates"),
            ("invite/vacancies/", self.vacancies_view, name + "_vacancies"),
        ]
        return [
            path(route, self.admin_site.admin_view(view), name=view_name)
            for route, view, view_name in views
        ] + super().get_urls()

    def has_invite_permission(self, request, object_id=None):
        return request.user.has_perm("interviews.add_interviewsession")

    @action(description=_("Invite"), permissions=["invite"], icon="person_add")
    def invite(self, request):
        vacancy = Vacancy.objects.filter(pk=number(request.GET.get("vacancy"))).first()
        if vacancy and vacancy.status == VacancyStatus.CLOSED:
            messages.warning(
                request, _("This vacancy is closed. Open it before you invite anybody.")
            )
            return redirect("admin:vacancies_vacancy_change", vacancy.pk)
        form = InviteForm(
            request.POST or None,
            initial={
                "vacancy": vacancy,
                "candidates": numbers(request.GET.get("candidates")),
            },
            may_add_candidates=request.user.has_perm("candidates.add_candidate"),
        )
        if form.is_valid():
            return redirect(links_url(form.cleaned_data["vacancy"], form.save()))
        return self.page(
            request,
            "invite.html",
            title=_("Invite candidates"),
            form=form,
            media=self.media + form.media,
            draft=bool(vacancy and vacancy.status == VacancyStatus.DRAFT),
        )

    def links_view(self, request):
        self.check_may_invite(request)
        vacancy = get_object_or_404(Vacancy, pk=number(request.GET.get("vacancy")))
        sessions = InterviewSession.objects.open().filter(
            vacancy=vacancy, candidate__in=numbers(request.GET.get("candidates"))
        )
        return self.links_response(request, sessions)

    def links_response(self, request, sessions):
        sessions = sessions.select_related("candidate", "vacancy", "consent").order_by(
            "candidate__name", "candidate__email"
        )
        rows = [
            (session, request.build_absolute_uri(session.get_absolute_url()))
            for session in sessions
        ]
        return self.page(
            request,
            "links.html",
            title=_("Links for candidates"),
            rows=rows,
            draft=any(
                session.vacancy.status == VacancyStatus.DRAFT for session in sessions
            ),
            table="\n".join(
                f"{session.candidate.name}\t{session.candidate.email}\t{link}"
                for session, link in rows
            ),
        )

    def candidates_view(self, request):
        self.check_may_invite(request)
        term = request.GET.get("term", "")
        return found(
            request,
            Candidate.objects.filter(
                Q(name__icontains=term) | Q(email__icontains=term)
            ),
            labelled,
        )

    def vacancies_view(self, request):
        self.check_may_invite(request)
        vacancies = Vacancy.objects.exclude(status=VacancyStatus.CLOSED).filter(
            title__icontains=request.GET.get("term", "")
        )
        return found(request, vacancies, str)

    def check_may_invite(self, request):
        if not self.has_invite_permission(request):
            raise PermissionDenied

    def page(self, request, template, **context):
        return TemplateResponse(
            request,
            f"admin/interviews/interviewsession/{template}",
            {**self.admin_site.each_context(request), "opts": self.opts, **context},
        )


def links_url(vacancy, candidates):
    keys = ",".join(str(candidate.pk) for candidate in candidates)
    url = reverse("admin:interviews_interviewsession_invite_links")
    return f"{url}?vacancy={vacancy.pk}&candidates={keys}"


def found(request, queryset, label):
    """Answer an autocomplete field: the page of matches that it asks for."""
    start = (max(number(request.GET.get("page")) or 1, 1) - 1) * FOUND_AT_ONCE
    rows = list(queryset[start : start + FOUND_AT_ONCE + 1])
    return JsonResponse(
        {
            "results": [
                {"id": str(row.pk), "text": label(row)} for row in rows[:FOUND_AT_ONCE]
            ],
            "pagination": {"more": len(rows) > FOUND_AT_ONCE},
        }
    )


def number(text):
    """Return the number an address holds, or None; never larger than a key can be."""
    return (
        int(text)
        if text and text.isascii() and text.isdigit() and len(text) < 16
        else None
    )


def numbers(text):
    return [key for part in (text or "").split(",") if (key := number(part))]

"""Inviting candidates: one page for a few of them, and the links it makes."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action
from unfold.fields import (
    UnfoldAdminAutocompleteModelChoiceField,
    UnfoldAdminMultipleAutocompleteModelChoiceField,
)
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts import audit
from accounts.models import AuditAction
from candidates.models import Candidate, by_name, holding
from core.times import zone_of
from interviews import services
from interviews.admin.moments import PeriodForm, zone_words
from interviews.mail import delivery, outbox
from interviews.models import InterviewSession, MessageKind
from vacancies.models import Vacancy, VacancyStatus

FOUND_AT_ONCE = 20
URL_NAME = "interviews_interviewsession_invite"


def labelled(candidate):
    """Tell namesakes apart."""
    return f"{candidate.name} · {candidate.email}"


def vacancies_to_invite_to(user):
    """Return the vacancies for which the person may invite, and that take candidates."""
    return (
        Vacancy.objects.managed_by(user).actual().exclude(status=VacancyStatus.CLOSED)
    )


class VacancyField(UnfoldAdminAutocompleteModelChoiceField):
    """Any vacancy that still takes candidates; the form says of whose."""

    def __init__(self, **kwargs):
        super().__init__(
            label=_("Vacancy"),
            url_path=f"admin:{URL_NAME}_vacancies",
            queryset=Vacancy.objects.none(),
            error_messages={
                "invalid_choice": _("Choose a vacancy that is not closed.")
            },
            **kwargs,
        )


class CandidatesField(UnfoldAdminMultipleAutocompleteModelChoiceField):
    def label_from_instance(self, obj):
        return labelled(obj)


class SendingForm(PeriodForm):
    """When the links work, and whether they are sent by e-mail."""

    sends_mail = forms.BooleanField(
        label=_("Send each candidate an e-mail with the link"),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["expires_at"].help_text = (
            ngettext(
                "Empty: in %d day.", "Empty: in %d days.", settings.INVITATION_DAYS
            )
            % settings.INVITATION_DAYS
        )
        if not delivery.is_on():
            del self.fields["sends_mail"]


class InviteForm(SendingForm):
    """Whom to invite, and to what: people on file, a new person, or both."""

    vacancy = VacancyField()
    candidates = CandidatesField(
        label=_("Candidates"),
        url_path=f"admin:{URL_NAME}_candidates",
        queryset=Candidate.objects.none(),
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

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["vacancy"].queryset = vacancies_to_invite_to(user)
        self.fields["candidates"].queryset = Candidate.objects.visible_to(user)
        if not user.has_perm("candidates.add_candidate"):
            del self.fields["name"], self.fields["email"]

    def clean(self):
        cleaned = super().clean()
        name, email = cleaned.get("name"), cleaned.get("email")
        if name and not email and "email" not in self.errors:
            self.add_error("email", _("Needed for a new candidate."))
        if email and not name and not self.known_to_user(email):
            self.add_error("name", _("Needed for a new candidate."))
        if vacancy := cleaned.get("vacancy"):
            self.clean_period(cleaned, zone_of(vacancy.time_zone))
            self.clean_notice(cleaned, vacancy)
        if not self.errors and not cleaned.get("candidates") and not email:
            raise forms.ValidationError(_("Choose at least one candidate."))
        return cleaned

    def known_to_user(self, email):
        """Tell whether the person may know that the address is on file."""
        visible = Candidate.objects.visible_to(self.user)
        return visible.with_addresses([email]).exists()

    @transaction.atomic
    def save(self):
        """Invite them all; return the candidates, and how many letters were queued."""
        data = self.cleaned_data
        candidates = list(data["candidates"])
        if email := data.get("email"):
            candidates.append(self.candidate(email))
        invited = services.invite_all(
            candidates=candidates,
            vacancy=data["vacancy"],
            expires_at=data["expires_at"],
            opens_at=data["opens_at"],
        )
        mailed = 0
        if data.get("sends_mail"):
            mailed = outbox.queue(
                sessions=invited.sessions,
                kind=MessageKind.INVITATION,
                asked_by=self.user,
            )
        return candidates, mailed

    def candidate(self, email):
        """An address is one person, however the name is spelt this time."""
        known = Candidate.objects.with_addresses([email]).first()
        return known or Candidate.objects.create(
            name=self.cleaned_data["name"], email=email, added_by=self.user
        )


class InvitationViews:
    """The part of the interviews' admin that invites."""

    def get_urls(self):
        views = [
            ("invite/links/", self.links_view, "_links"),
            ("invite/candidates/", self.candidates_view, "_candidates"),
            ("invite/vacancies/", self.vacancies_view, "_vacancies"),
        ]
        return [
            path(route, self.admin_site.admin_view(view), name=URL_NAME + suffix)
            for route, view, suffix in views
        ] + super().get_urls()

    def has_invite_permission(self, request, object_id=None):
        return request.user.has_perm("interviews.add_interviewsession")

    @action(description=_("Invite"), permissions=["invite"], icon="person_add")
    def invite(self, request):
        vacancy = self.vacancy_asked_for(request)
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
            user=request.user,
        )
        if form.is_valid():
            return self.invite_and_go_on(request, form)
        return self.page(
            request,
            "invite.html",
            title=_("Invite candidates"),
            form=form,
            media=self.media + form.media,
            zone=zone_words(vacancy),
            vacancy=vacancy,
            **mail_words(),
            draft=bool(vacancy and vacancy.status == VacancyStatus.DRAFT),
        )

    def vacancy_asked_for(self, request):
        """Return the vacancy that the address names, if the person may invite to it."""
        vacancies = Vacancy.objects.managed_by(request.user).actual()
        return vacancies.filter(pk=number(request.GET.get("vacancy"))).first()

    @transaction.atomic
    def invite_and_go_on(self, request, form):
        candidates, mailed = form.save()
        vacancy = form.cleaned_data["vacancy"]
        record_invitations(request, vacancy, invited=len(candidates), mailed=mailed)
        if mailed:
            messages.success(request, on_their_way(mailed))
        return redirect(links_url(vacancy, candidates))

    def links_view(self, request):
        self.check_may_invite(request)
        vacancies = Vacancy.objects.managed_by(request.user)
        vacancy = get_object_or_404(vacancies, pk=number(request.GET.get("vacancy")))
        sessions = InterviewSession.objects.open().filter(
            vacancy=vacancy, candidate__in=numbers(request.GET.get("candidates"))
        )
        return self.links_response(request, sessions)

    def links_response(self, request, sessions, **context):
        sessions = sessions.select_related("candidate", "vacancy", "consent").order_by(
            *by_name("candidate__")
        )
        rows = [
            (session, request.build_absolute_uri(session.get_absolute_url()))
            for session in sessions
        ]
        return self.page(
            request,
            "links.html",
            **{"title": _("Links for candidates")} | context,
            rows=rows,
            draft=any(
                session.vacancy.status == VacancyStatus.DRAFT for session in sessions
            ),
            may_send=delivery.is_on() and self.has_change_permission(request),
            **mail_words(),
            table="\n".join(
                f"{session.candidate.name}\t{session.candidate.email}\t{link}"
                for session, link in rows
            ),
        )

    def candidates_view(self, request):
        self.check_may_invite(request)
        term = without_nul(request.GET.get("term", ""))
        return found(
            request,
            Candidate.objects.visible_to(request.user)
            .filter(holding(term))
            .order_by(*by_name()),
            labelled,
        )

    def vacancies_view(self, request):
        self.check_may_invite(request)
        vacancies = vacancies_to_invite_to(request.user).filter(
            title__icontains=without_nul(request.GET.get("term", ""))
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


def record_invitations(request, vacancy, *, invited, mailed):
    """Put one line for each act into the log, however many people it is about."""
    audit.record(
        AuditAction.INVITED,
        vacancy,
        request=request,
        vacancy_id=vacancy.pk,
        detail=f"interviews: {invited}",
    )
    if mailed:
        audit.record(
            AuditAction.MAILED,
            vacancy,
            request=request,
            vacancy_id=vacancy.pk,
            detail=f"{MessageKind.INVITATION}: {mailed}",
        )


def on_their_way(number):
    return (
        ngettext("%d e-mail is on its way.", "%d e-mails are on their way.", number)
        % number
    )


def mail_words():
    """Return what a page says of e-mail: why there is none, or where it goes."""
    return {"mail_problem": delivery.problem(), "mail_note": delivery.note()}


def links_url(vacancy, candidates):
    keys = ",".join(str(candidate.pk) for candidate in candidates)
    url = reverse(f"admin:{URL_NAME}_links")
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


def without_nul(text):
    return text.replace("\0", "")


def number(text):
    """Return the number an address holds, or None; never larger than a key can be."""
    return (
        int(text)
        if text and text.isascii() and text.isdigit() and len(text) < 16
        else None
    )


def numbers(text):
    return [key for part in (text or "").split(",") if (key := number(part))]

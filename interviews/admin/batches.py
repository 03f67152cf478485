"""Inviting a list of people: the list, its preview, and what came of it."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget

from core.times import zone_of
from interviews import batches
from interviews.admin.invitations import (
    SendingForm,
    VacancyField,
    mail_words,
    number,
    on_their_way,
    record_invitations,
    vacancies_to_invite_to,
)
from interviews.admin.moments import zone_words
from interviews.batches import Fate
from interviews.models import InterviewSession, InvitationBatch
from interviews.people_lists import Unreadable, read_file, read_text
from vacancies.models import Vacancy, VacancyStatus

LONGEST_PASTE = 400_000
NAME = "interviews_interviewsession_batch"
FATE_COLOURS = {
    Fate.NEW: "success",
    Fate.KNOWN: "info",
    Fate.AGAIN: "info",
    Fate.INVITED: "default",
    Fate.FINISHED: "warning",
    Fate.DUPLICATE: "default",
}
TROUBLE = "danger"


class ListForm(forms.Form):
    """A list of people: a file, or lines pasted."""

    vacancy = VacancyField()
    file = forms.FileField(
        label=_("File"),
        required=False,
        # Empty files are told of in words of ours.
        allow_empty_file=True,
        widget=UnfoldAdminFileFieldWidget(
            attrs={"accept": ".xlsx,.csv,.tsv,.txt"},
        ),
        help_text=_(
            "An Excel workbook (.xlsx) or CSV, up to 5 MB and 2,000 people, with a column "
            "of names and one of e-mail addresses."
        ),
    )
    text = forms.CharField(
        label=_("Or paste the lines"),
        required=False,
        max_length=LONGEST_PASTE,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8}),
        help_text=_("As copied from a table, or “Anna Petrova, anna@example.com”."),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["vacancy"].queryset = vacancies_to_invite_to(user)

    def clean(self):
        cleaned = super().clean()
        file, text = cleaned.get("file"), cleaned.get("text") or ""
        if self.errors:
            return cleaned
        if file and text.strip():
            raise forms.ValidationError(_("Either a file or lines, not both, please."))
        try:
            cleaned["rows"] = read_file(file.read()) if file else read_text(text)
        except Unreadable as error:
            self.add_error("file" if file else "text", str(error))
        return cleaned


class ConfirmForm(SendingForm):
    """Whom of the list to invite, until when."""


class BatchViews:
    """The part of the interviews' admin that invites lists of people."""

    def get_urls(self):
        views = [
            ("invite/list/", self.list_view, ""),
            ("invite/list/<uuid:batch_id>/", self.batch_view, "_preview"),
        ]
        return [
            path(route, self.admin_site.admin_view(view), name=NAME + suffix)
            for route, view, suffix in views
        ] + super().get_urls()

    def check_may_invite_lists(self, request):
        self.check_may_invite(request)
        if not request.user.has_perm("candidates.add_candidate"):
            raise PermissionDenied

    def list_view(self, request):
        """Take a list; what it holds is shown next, and nothing is sent yet."""
        self.check_may_invite_lists(request)
        form = ListForm(
            request.POST or None,
            request.FILES or None,
            initial={"vacancy": number(request.GET.get("vacancy"))},
            user=request.user,
        )
        if form.is_valid():
            batch = batches.keep(
                vacancy=form.cleaned_data["vacancy"],
                rows=form.cleaned_data["rows"],
                user=request.user,
            )
            return redirect(f"admin:{NAME}_preview", batch.pk)
        return self.page(
            request,
            "list.html",
            title=_("Invite a list of people"),
            form=form,
            media=self.media + form.media,
        )

    def batch_view(self, request, batch_id):
        """Show every row's fate; on confirmation invite, and show what came of it."""
        self.check_may_invite_lists(request)
        batch = self.own_batch(request, batch_id)
        if batch.applied_at and batch.rows:
            return self.batch_done(request, batch)
        if not batch.rows:
            messages.warning(
                request,
                _("This list was forgotten after a day. Upload it again, please."),
            )
            return redirect(f"admin:{NAME}")
        if batch.vacancy.status == VacancyStatus.CLOSED:
            messages.warning(
                request, _("This vacancy is closed. Open it before you invite anybody.")
            )
            return redirect("admin:vacancies_vacancy_change", batch.vacancy_id)
        form = ConfirmForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and self.confirmed(request, batch, form):
            return redirect(f"admin:{NAME}_preview", batch.pk)
        return self.preview_response(request, batch, form)

    def own_batch(self, request, batch_id):
        """A list belongs to whoever uploaded it, for as long as the vacancy is theirs."""
        vacancies = Vacancy.objects.managed_by(request.user).actual()
        return get_object_or_404(
            InvitationBatch.objects.select_related("vacancy"),
            pk=batch_id,
            created_by=request.user,
            vacancy__in=vacancies,
        )

    @transaction.atomic
    def confirmed(self, request, batch, form):
        """Invite whom the person chose, once; False if the form has to be corrected."""
        lines = {int(line) for line in request.POST.getlist("line") if number(line)}
        if not form.is_valid():
            return False
        form.clean_period(form.cleaned_data, zone_of(batch.vacancy.time_zone))
        form.clean_notice(form.cleaned_data, batch.vacancy)
        if not lines:
            form.add_error(None, _("Choose at least one person."))
        if form.errors:
            return False
        data = form.cleaned_data
        mailed = batches.invite(
            batch=batch,
            user=request.user,
            lines=lines,
            sends_mail=data.get("sends_mail", False),
            expires_at=data["expires_at"],
            opens_at=data["opens_at"],
        )
        if mailed is not None:
            batch.refresh_from_db(fields=["rows"])
            record_invitations(
                request, batch.vacancy, invited=len(batch.rows), mailed=mailed
            )
            if mailed:
                messages.success(request, on_their_way(mailed))
        return True

    def preview_response(self, request, batch, form):
        people = batches.preview(batch, request.user)
        chosen = chosen_lines(request, people)
        refused = [person for person in people if not person.is_possible]
        return self.page(
            request,
            "batch.html",
            title=_("Who is invited"),
            batch=batch,
            form=form,
            rows=[
                (person, FATE_COLOURS[person.fate], person.line in chosen)
                for person in people
                if person.is_possible
            ],
            refused=[
                (person, FATE_COLOURS.get(person.fate, TROUBLE)) for person in refused
            ],
            refused_table=table(refused),
            counts=counts(people),
            zone=zone_words(batch.vacancy),
            draft=batch.vacancy.status == VacancyStatus.DRAFT,
            **mail_words(),
        )

    def batch_done(self, request, batch):
        """Show the links of whom the list invited; after a day they are in the list alone."""
        sessions = InterviewSession.objects.filter(
            pk__in=batch.rows, vacancy=batch.vacancy
        )
        return self.links_response(
            request,
            sessions,
            title=_("The list is invited"),
            batch=batch,
            invited_before=len(batch.rows) - batch.invited,
        )


def chosen_lines(request, people):
    """Return the lines that are ticked: at first, everybody there is no doubt about."""
    if request.method == "POST":
        return {int(line) for line in request.POST.getlist("line") if number(line)}
    return {person.line for person in people if person.is_good}


def counts(people):
    """Count the rows of each fate that occurs, in the order of the fates."""
    fates = [person.fate for person in people]
    return [
        (fate.label, fates.count(fate), FATE_COLOURS.get(fate, TROUBLE))
        for fate in Fate
        if fate in fates
    ]


def table(people):
    """Write the rows that need attention so that they can be copied into a table."""
    heading = [
        gettext("Line"),
        gettext("Name"),
        gettext("Email address"),
        gettext("Why"),
    ]
    rows = [
        [
            str(person.line),
            person.name,
            person.email,
            f"{person.fate.label}. {person.note}",
        ]
        for person in people
    ]
    return "\n".join("\t".join(map(harmless, row)) for row in [heading, *rows])


def harmless(cell):
    """Keep a spreadsheet from taking what somebody typed for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell

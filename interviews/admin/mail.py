"""E-mails in the admin: what was written to whom, and the wording of it."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts import audit
from accounts.filters import VisibleSelectFilter
from accounts.lists import KeysFirst
from accounts.models import AuditAction
from accounts.site import AuditedAdmin, PortalAdmin
from candidates.lists import search_help, sortable
from candidates.models import Candidate
from interviews.admin.invitations import mail_words, on_their_way
from interviews.admin.mailing import MAIL_COLOURS, MOST_AT_ONCE, record_mail
from interviews.mail import delivery, outbox
from interviews.mail.letters import letter, sample_facts
from interviews.mail.wording import (
    PLACEHOLDERS,
    Wording,
    check_body,
    check_subject,
    default_wording,
)
from interviews.models import EmailTemplate, Message, MessageKind
from vacancies.models import Language

TEMPLATES = "interviews_emailtemplate"


class WordingForm(forms.Form):
    """A subject and a text, both with placeholders."""

    subject = forms.CharField(
        label=_("Subject"), max_length=200, widget=UnfoldAdminTextInputWidget
    )
    body = forms.CharField(
        label=_("Text"),
        max_length=10_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 18}),
        help_text=_("An empty line begins a new paragraph."),
    )

    def __init__(self, *args, kind, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean_subject(self):
        check_subject(self.cleaned_data["subject"])
        return self.cleaned_data["subject"]

    def clean_body(self):
        body = self.cleaned_data["body"].replace("\r\n", "\n")
        check_body(self.kind, body)
        return body


@admin.register(EmailTemplate)
class EmailTemplateAdmin(AuditedAdmin):
    """Every letter in every language: the portal's wording, or the team's own."""

    def has_add_permission(self, request):
        """A wording is written on the page of its letter."""
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        wrap = self.admin_site.admin_view
        own = "<str:kind>/<str:language>/"
        return [
            path(own, wrap(self.wording_view), name=f"{TEMPLATES}_wording"),
            path(
                f"{own}preview/", wrap(self.preview_view), name=f"{TEMPLATES}_preview"
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        own = {
            (template.kind, template.language): template
            for template in EmailTemplate.objects.all()
        }
        rows = [
            (
                kind,
                language,
                own.get((kind, language)) or default_wording(kind, language),
                (kind, language) in own,
            )
            for kind in MessageKind
            for language in Language
        ]
        return self.page(request, "list.html", title=_("Wording of e-mails"), rows=rows)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        template = self.get_object(request, object_id)
        if template is None:
            raise Http404
        return redirect(wording_url(template.kind, template.language))

    def wording_view(self, request, kind, language):
        """Show a letter's wording; keep a new one, or go back to the portal's."""
        check_exists(kind, language)
        if not self.has_view_permission(request):
            raise PermissionDenied
        own = EmailTemplate.objects.filter(kind=kind, language=language).first()
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            if "default" in request.POST:
                return self.back_to_default(request, own, kind, language)
        present = own or default_wording(kind, language)
        form = WordingForm(
            request.POST or None,
            kind=kind,
            initial={"subject": present.subject, "body": present.body},
        )
        if "save" in request.POST and form.is_valid():
            return self.saved(request, kind, language, form.cleaned_data)
        return self.page(
            request,
            "wording.html",
            title=f"{MessageKind(kind).label}, {Language(language).label}",
            form=form,
            own=own,
            kind=kind,
            placeholders=PLACEHOLDERS.items(),
            may_change=self.has_change_permission(request),
            back=reverse(f"admin:{TEMPLATES}_changelist"),
            **preview(form, kind, language, present),
            **mail_words(),
        )

    def preview_view(self, request, kind, language):
        """Answer with what the wording becomes, for the page as one types."""
        check_exists(kind, language)
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = WordingForm(request.POST or None, kind=kind)
        return TemplateResponse(
            request,
            "admin/interviews/emailtemplate/_preview.html",
            preview(form, kind, language, default_wording(kind, language)),
        )

    @transaction.atomic
    def saved(self, request, kind, language, wording):
        template, _is_new = EmailTemplate.objects.update_or_create(
            kind=kind, language=language, defaults=wording
        )
        record_wording(request, template)
        self.message_user(request, _("The wording is saved."), messages.SUCCESS)
        return redirect(wording_url(kind, language))

    @transaction.atomic
    def back_to_default(self, request, own, kind, language):
        if own:
            record_wording(request, own)
            own.delete()
        self.message_user(
            request, _("The portal’s own wording is in use again."), messages.SUCCESS
        )
        return redirect(wording_url(kind, language))

    def page(self, request, template, **context):
        return TemplateResponse(
            request,
            f"admin/interviews/emailtemplate/{template}",
            {**self.admin_site.each_context(request), "opts": self.opts, **context},
        )


def check_exists(kind, language):
    if kind not in MessageKind.values or language not in Language.values:
        raise Http404


def wording_url(kind, language):
    return reverse(f"admin:{TEMPLATES}_wording", args=[kind, language])


def record_wording(request, template):
    audit.record(
        AuditAction.CHANGED,
        template,
        request=request,
        detail=f"{template.kind} {template.language}",
    )


def preview(form, kind, language, present):
    """Return what the letter becomes with facts of nobody, or what is wrong with it."""
    wording = Wording(present.subject, present.body)
    if form.is_bound:
        wording = Wording(
            form["subject"].value() or "", (form["body"].value() or "")[:10_000]
        )
    try:
        check_subject(wording.subject)
        check_body(kind, wording.body)
    except ValidationError as error:
        return {"problems": error.messages, "language": language}
    facts = sample_facts(language)
    shown = letter(wording, facts, sender=facts["company"])
    return {
        "subject": shown.subject,
        "paragraphs": shown.text.split("\n\n"),
        "link": facts["link"],
        "language": language,
    }


def short_time(field, description):
    @display(description=description, ordering=field)
    def shown(self, message):
        moment = getattr(message, field)
        return moment and date_format(localtime(moment), "SHORT_DATETIME_FORMAT")

    return shown


@admin.register(Message)
class MessageAdmin(PortalAdmin):
    """What was written to candidates, and what became of it; the worker writes it."""

    list_display = ["candidate", "kind", "vacancy", "state_badge", "queued", "sent"]
    list_select_related = ["session__candidate", "session__vacancy"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("session__vacancy", VisibleSelectFilter),
    ]
    list_filter_submit = True
    search_fields = ["session__candidate__name", "session__candidate__email"]
    readonly_fields = ["interview", "to", "state_badge", "reason", "queued", "sent"]
    fields = [*readonly_fields, "asked_by", "attempts", "subject", "body"]
    actions = ["send_again"]

    queued = short_time("queued_at", _("asked for"))
    sent = short_time("sent_at", _("sent"))

    @property
    def search_help_text(self):
        return search_help(_("Candidate or e-mail address"))

    def get_changelist(self, request, **kwargs):
        return KeysFirst

    def get_sortable_by(self, request):
        return sortable(super().get_sortable_by(request), "candidate")

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .select_related("session__candidate", "session__vacancy", "asked_by")
        )

    def get_search_results(self, request, queryset, search_term):
        """Find each word in the candidate's name or address, where its index is."""
        for word in search_term.split():
            people = Candidate.objects.called(word)
            queryset = queryset.filter(session__candidate__in=people.values("pk"))
        return queryset, False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        """What was written stays on record, with the interview."""
        return False

    def has_send_permission(self, request, obj=None):
        return request.user.has_perm("interviews.change_interviewsession")

    def get_object(self, request, object_id, from_field=None):
        message = super().get_object(request, object_id, from_field)
        if message and not message.body:
            message.body = "—"
        return message

    @display(description=_("candidate"), ordering="session__candidate__name")
    def candidate(self, message):
        return message.session.candidate.name

    @display(description=_("vacancy"), ordering="session__vacancy__title")
    def vacancy(self, message):
        return message.session.vacancy.title

    @display(description=_("interview"))
    def interview(self, message):
        return f"{message.session.candidate.name}, {message.session.vacancy.title}"

    @display(description=_("state"), ordering="state", label=MAIL_COLOURS)
    def state_badge(self, message):
        return message.state, message.get_state_display()

    @display(description=_("problem"))
    def reason(self, message):
        return message.reason or "—"

    @action(description=_("Send again"), permissions=["send"])
    def send_again(self, request, queryset):
        """Send the selected letters once more, as they would be written now."""
        chosen = list(
            queryset.managed_by(request.user).select_related("session")[
                : MOST_AT_ONCE + 1
            ]
        )
        if len(chosen) > MOST_AT_ONCE:
            text = _("Choose at most %d e-mails at once.") % MOST_AT_ONCE
            return self.message_user(request, text, messages.ERROR)
        if problem := delivery.problem():
            return self.message_user(request, problem, messages.ERROR)
        mailed = self.queue_again(request, chosen)
        return self.message_user(
            request,
            on_their_way(mailed)
            if mailed
            else _("This was sent a moment ago already, or the deadline has changed."),
            messages.SUCCESS if mailed else messages.INFO,
        )

    @transaction.atomic
    def queue_again(self, request, chosen):
        mailed = 0
        for kind in dict.fromkeys(message.kind for message in chosen):
            sessions = {m.session_id: m.session for m in chosen if m.kind == kind}
            queued = outbox.queue(
                sessions=sessions.values(), kind=kind, asked_by=request.user
            )
            record_mail(request, list(sessions.values()), kind, queued)
            mailed += queued
        return mailed

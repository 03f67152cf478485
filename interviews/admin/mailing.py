"""Writing to candidates from the list of interviews and from the record of each."""

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldBooleanWidget

from accounts import audit
from accounts.models import AuditAction
from core.times import written, zone_of
from interviews import services
from interviews.admin.invitations import mail_words, on_their_way
from interviews.admin.moments import MomentField, PeriodForm, typed_in, zone_words
from interviews.mail import delivery, outbox
from interviews.models import (
    InterviewSession,
    Message,
    MessageKind,
    MessageState,
    SessionQuerySet,
)

MOST_AT_ONCE = 200
MAIL_COLOURS = {
    MessageState.QUEUED: "info",
    MessageState.SENDING: "info",
    MessageState.SENT: "success",
    MessageState.FAILED: "danger",
    MessageState.BOUNCED: "danger",
    MessageState.SKIPPED: "default",
}
WORTH_FINDING = [MessageState.BOUNCED, MessageState.FAILED, MessageState.QUEUED]


class MailFilter(DropdownFilter):
    """By what became of the candidate's last e-mail."""

    title = _("e-mail")
    parameter_name = "mail"

    def lookups(self, request, model_admin):
        return [(state.value, state.label) for state in WORTH_FINDING]

    def queryset(self, request, queryset):
        if self.value() not in WORTH_FINDING:
            return queryset
        # Along the index of those in trouble, which are few; then the last one alone.
        among = Message.objects.filter(state=self.value()).order_by()
        return queryset.filter(pk__in=among.values("session"), last_mail=self.value())


class MoveDeadlineForm(PeriodForm):
    """A later (or earlier) end, for the candidates chosen."""

    opens_at = None
    expires_at = MomentField(label=_("New deadline"))
    sends_mail = forms.BooleanField(
        label=_("Tell the candidates by e-mail"),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
    )

    def __init__(self, *args, sessions, **kwargs):
        super().__init__(*args, **kwargs)
        self.sessions = sessions
        self.fields["expires_at"].required = True
        if not delivery.is_on():
            del self.fields["sends_mail"]

    def clean_expires_at(self):
        """Return the deadline of each interview: the same hour, in its vacancy's zone."""
        deadlines = {}
        for session in self.sessions:
            zone = zone_of(session.vacancy.time_zone)
            moment = self.in_zone(self.cleaned_data, "expires_at", zone)
            if moment is None:
                return None
            if session.opens_at and session.opens_at >= moment:
                raise forms.ValidationError(
                    _("An interview opens later than that: choose a later deadline.")
                )
            deadlines[session.pk] = moment
        return deadlines


class MailingViews:
    """The part of the interviews' admin that writes to candidates."""

    def get_urls(self):
        name = "interviews_interviewsession_mail"
        view = self.admin_site.admin_view(require_POST(self.mail_view))
        return [path("invite/mail/", view, name=name), *super().get_urls()]

    def get_queryset(self, request):
        """Annotate last_mail, the state of the newest e-mail, for the list."""
        newest = Message.objects.filter(session=OuterRef("pk")).order_by("-queued_at")
        return (
            super()
            .get_queryset(request)
            .annotate(last_mail=Subquery(newest.values("state")[:1]))
        )

    def get_list_display(self, request):
        return [*super().get_list_display(request), "mail_badge"]

    def get_list_filter(self, request):
        return [*super().get_list_filter(request), MailFilter]

    @display(description=_("e-mail"), label=MAIL_COLOURS)
    def mail_badge(self, session):
        # That all is well needs no word.
        if session.last_mail in {None, MessageState.SENT, MessageState.SKIPPED}:
            return None
        state = MessageState(session.last_mail)
        return state, state.label

    # Sending the invitation, at first or again

    @action(description=_("Send the invitation by e-mail"), permissions=["change"])
    def mail_selected(self, request, queryset):
        sessions = self.chosen(request, queryset)
        if sessions:
            self.send_invitations(request, sessions)

    @action(
        description=_("Send by e-mail"), permissions=["change_session"], icon="mail"
    )
    def send_mail(self, request, object_id):
        session = self.session_to_change(request, object_id)
        if request.method == "POST":
            self.send_invitations(request, [session])
            return redirect(self.session_url(session))
        return self.page(
            request,
            "send.html",
            title=_("Send the invitation?"),
            session=session,
            letters=session.messages.count(),
            back=self.session_url(session),
            **mail_words(),
        )

    def mail_view(self, request):
        """Send the invitations of a page of links."""
        self.check_may_invite(request)
        keys = [key for key in request.POST.getlist("session") if is_key(key)]
        sessions = self.managed(request).filter(pk__in=keys)
        if chosen := self.chosen(request, sessions):
            self.send_invitations(request, chosen)
        return redirect(self.changelist_url())

    @transaction.atomic
    def send_invitations(self, request, sessions):
        if problem := delivery.problem():
            self.message_user(request, problem, messages.ERROR)
            return
        mailed = outbox.queue(
            sessions=sessions, kind=MessageKind.INVITATION, asked_by=request.user
        )
        record_mail(request, sessions, MessageKind.INVITATION, mailed)
        if mailed:
            self.message_user(request, on_their_way(mailed), messages.SUCCESS)
        else:
            self.message_user(
                request, _("This was sent a moment ago already."), messages.INFO
            )

    # Moving deadlines

    @action(description=_("Move the deadline"), permissions=["change"])
    def move_deadline_selected(self, request, queryset):
        sessions = self.chosen(request, queryset)
        if not sessions:
            return None
        return self.move_deadlines(request, sessions, self.changelist_url())

    @action(
        description=_("Move the deadline"),
        permissions=["change_session"],
        icon="event",
    )
    def move_deadline(self, request, object_id):
        session = self.session_to_change(request, object_id)
        return self.move_deadlines(request, [session], self.session_url(session))

    def move_deadlines(self, request, sessions, then):
        """Ask for the new deadline, on a page of its own; then move it and go on."""
        vacancy = sessions[0].vacancy
        latest = max(session.expires_at for session in sessions)
        form = MoveDeadlineForm(
            request.POST if "expires_at" in request.POST else None,
            sessions=sessions,
            initial={"expires_at": typed_in(latest, zone_of(vacancy.time_zone))},
        )
        if form.is_valid():
            self.deadlines_moved(request, sessions, form.cleaned_data)
            return redirect(then)
        zones = dict.fromkeys(zone_words(session.vacancy) for session in sessions)
        return self.page(
            request,
            "deadline.html",
            title=_("Move the deadline"),
            form=form,
            rows=[
                (s, written(s.expires_at, zone_of(s.vacancy.time_zone)))
                for s in sessions
            ],
            zones=list(zones),
            action=request.POST.get("action"),
            back=then,
            **mail_words(),
        )

    @transaction.atomic
    def deadlines_moved(self, request, sessions, data):
        moved = [
            session
            for session in sessions
            if services.move_deadline(
                session=session, expires_at=data["expires_at"][session.pk]
            )
        ]
        for session in moved:
            audit.record(
                AuditAction.CHANGED,
                session,
                request=request,
                vacancy_id=session.vacancy_id,
                detail="expires_at",
            )
        if data.get("sends_mail"):
            self.tell(request, moved, MessageKind.DEADLINE_MOVED)
        self.message_user(
            request,
            ngettext("%d deadline moved.", "%d deadlines moved.", len(moved))
            % len(moved),
            messages.SUCCESS,
        )

    def tell(self, request, sessions, kind):
        """Queue a letter of the kind to each; it is part of what it tells of."""
        mailed = outbox.queue(sessions=sessions, kind=kind, asked_by=request.user)
        record_mail(request, sessions, kind, mailed)

    # What all of these need

    def managed(self, request) -> SessionQuerySet:
        return (
            InterviewSession.objects.managed_by(request.user)
            .open()
            .select_related("candidate", "vacancy", "consent")
        )

    def chosen(self, request, queryset):
        """Return those of the rows that are open and the person's own, if not too many."""
        sessions = list(
            self.managed(request).filter(pk__in=queryset.values("pk"))[
                : MOST_AT_ONCE + 1
            ]
        )
        if len(sessions) > MOST_AT_ONCE:
            text = _("Choose at most %d interviews at once.") % MOST_AT_ONCE
            self.message_user(request, text, messages.ERROR)
            return []
        if not sessions:
            text = _("None of these interviews is open and yours to change.")
            self.message_user(request, text, messages.WARNING)
        return sessions

    def session_to_change(self, request, object_id):
        key = unquote(str(object_id))
        session = self.managed(request).filter(pk=key).first() if is_key(key) else None
        if session is None:
            raise Http404
        return session

    def has_change_session_permission(self, request, object_id=None):
        return request.user.has_perm("interviews.change_interviewsession")

    def session_url(self, session):
        return reverse("admin:interviews_interviewsession_change", args=[session.pk])


def record_mail(request, sessions, kind, mailed):
    """Put e-mails into the log: of one interview, or of many in one line."""
    if mailed:
        session = sessions[0]
        vacancies = {session.vacancy_id for session in sessions}
        audit.record(
            AuditAction.MAILED,
            session if len(sessions) == 1 else None,
            request=request,
            vacancy_id=session.vacancy_id if len(vacancies) == 1 else None,
            detail=f"{kind}: {mailed}",
        )


def is_key(text):
    """Tell whether an address or a form names an interview at all."""
    try:
        InterviewSession._meta.pk.to_python(text)
    except forms.ValidationError:
        return False
    return True


def mails_shown(request, session):
    """What was written to the candidate, to those who may see it."""
    if not request.user.has_perm("interviews.view_message"):
        return []
    return [
        (message, MAIL_COLOURS[message.state])
        for message in session.messages.defer("body")
    ]

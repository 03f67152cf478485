"""The list of interviews and the record of each."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import F, Q
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
)
from unfold.decorators import action, display

from accounts.filters import DaysFilter
from accounts.site import PortalAdmin
from candidates.lists import search_help, sortable
from candidates.models import Candidate
from interviews import services
from interviews.admin.batches import BatchViews
from interviews.admin.filters import StatusFilter
from interviews.admin.invitations import InvitationViews
from interviews.admin.mailing import MailingViews, mails_shown
from interviews.admin.moments import notice_words
from interviews.mail import delivery
from interviews.models import BEST_RATING, InterviewSession, MessageKind
from interviews.templatetags.interview_admin import COLOURS
from interviews.transcript import script_shown, timeline, transcript
from vacancies.models import Language, Vacancy
from vacancies.notice import earliest_opening


def short_time(field, description, ordering=None):
    """A column with a time in few characters."""

    @display(description=description, ordering=ordering or field)
    def shown(self, session):
        moment = getattr(session, field)
        return moment and date_format(localtime(moment), "SHORT_DATETIME_FORMAT")

    return shown


class SessionForm(forms.ModelForm):
    """When an interview that was invited opens, and its deadline."""

    def clean_opens_at(self):
        opens, vacancy = self.cleaned_data["opens_at"], self.instance.vacancy
        earliest = earliest_opening(vacancy, self.instance.created_at)
        is_early = earliest and (opens is None or opens < earliest)
        if is_early and "opens_at" in self.changed_data:
            raise forms.ValidationError(notice_words(vacancy, earliest))
        return opens


@admin.register(InterviewSession)
class InterviewSessionAdmin(MailingViews, BatchViews, InvitationViews, PortalAdmin):
    list_display = [
        "candidate",
        "vacancy",
        "state_badge",
        "progress",
        "invited",
        "started",
        "finished",
        "deadline",
    ]
    list_select_related = ["candidate", "vacancy", "consent"]
    list_filter = [
        StatusFilter,
        ("vacancy", AutocompleteSelectFilter),
        ("vacancy__language", ChoicesDropdownFilter),
        ("created_at", DaysFilter),
    ]
    list_filter_submit = True
    search_fields = ["candidate__name", "candidate__email", "vacancy__title"]
    form = SessionForm
    fields = ["opens_at", "expires_at"]
    view_on_site = False
    actions = [
        "show_links",
        "mail_selected",
        "move_deadline_selected",
        "cancel_selected",
    ]
    actions_list = ["invite"]
    actions_detail = ["send_mail", "move_deadline", "cancel"]

    invited = short_time("created_at", _("invited"))
    started = short_time("started_at", _("started"))
    # Whoever wants the latest first does not want those that are open before them.
    finished = short_time(
        "finished_at", _("finished"), F("finished_at").asc(nulls_first=True)
    )
    deadline = short_time("expires_at", _("deadline"))

    @property
    def search_help_text(self):
        return search_help(_("Candidate, e-mail or vacancy"))

    def get_sortable_by(self, request):
        columns = super().get_sortable_by(request)
        return sortable(columns, "candidate", "candidate_link")

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .select_related("candidate", "vacancy", "consent", "script")
            .with_progress()
        )

    def get_search_results(self, request, queryset, search_term):
        """Find each word in the candidate's name or address, or in the vacancy's title.

        Each table by itself, and none that has no such word: joined, or one or the
        other, no index would help.
        """
        for word in search_term.split():
            people = Candidate.objects.called(word)
            vacancies = Vacancy.objects.filter(title__icontains=word)
            if not vacancies.exists():
                queryset = queryset.filter(candidate__in=people.values("pk"))
            elif not people.exists():
                queryset = queryset.filter(vacancy__in=vacancies)
            else:
                queryset = queryset.filter(
                    Q(candidate__in=people.values("pk")) | Q(vacancy__in=vacancies)
                )
        return queryset, False

    @display(description=_("status"), ordering="status", label=COLOURS)
    def state_badge(self, session):
        return session.state, session.state.label

    @display(description=_("progress"))
    def progress(self, session):
        return _("%(answered)d of %(total)d") % {
            "answered": session.answered_count,
            "total": session.question_count,
        }

    def has_add_permission(self, request):
        """Interviews come from invitations alone."""
        return False

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (
            not isinstance(obj, InterviewSession) or is_open(obj)
        )

    def has_delete_permission(self, request, obj=None):
        """What was invited stays on record; erasing a person is another matter."""
        return False

    def save_model(self, request, obj, form, change):
        # Only what HR changed: the interview may have started or ended meanwhile.
        changed = set(form.changed_data)
        if "expires_at" in changed:
            services.move_deadline(session=obj, expires_at=obj.expires_at)
        if others := changed - {"expires_at"}:
            obj.save(update_fields=others)

    def render_change_form(self, request, context, obj=None, **kwargs):
        turns = transcript(obj)
        context |= {
            "title": obj.candidate.name,
            "subtitle": obj.vacancy.title,
            "link": is_open(obj) and request.build_absolute_uri(obj.get_absolute_url()),
            "time_taken": obj.finished_at and obj.finished_at - obj.started_at,
            "consent_language": obj.consent and Language(obj.consent.language).label,
            "language": script_shown(obj).language,
            "turns": turns,
            "timeline": timeline(obj, turns),
            "requests": requests_shown(request, obj),
            "mails": mails_shown(request, obj),
            "best_rating": BEST_RATING,
        }
        return super().render_change_form(request, context, obj=obj, **kwargs)

    @action(description=_("Show the links"), permissions=["view"])
    def show_links(self, request, queryset):
        return self.links_response(request, queryset)

    @action(description=_("Cancel the selected interviews"), permissions=["change"])
    def cancel_selected(self, request, queryset):
        own = queryset.open().managed_by(request.user)
        return self.cancel_after_confirmation(request, list(own), self.changelist_url())

    @action(description=_("Cancel the interview"), permissions=["cancel"], icon="block")
    def cancel(self, request, object_id):
        session = self.get_object(request, unquote(object_id))
        if session is None or not self.manages(request, session):
            raise Http404
        return self.cancel_after_confirmation(
            request,
            [session] if is_open(session) else [],
            reverse("admin:interviews_interviewsession_change", args=[session.pk]),
        )

    def has_cancel_permission(self, request, object_id=None):
        return self.has_change_permission(request, object_id)

    def get_actions_detail(self, request, object_id):
        """Offer to cancel only what can be cancelled."""
        session = self.get_object(request, unquote(object_id))
        if not (session and is_open(session) and self.manages(request, session)):
            return []
        return super().get_actions_detail(request, object_id)

    def changelist_url(self):
        return reverse("admin:interviews_interviewsession_changelist")

    def cancel_after_confirmation(self, request, sessions, then):
        """Ask first, on a page of its own; then cancel and go on to `then`."""
        if not sessions:
            self.message_user(
                request,
                _("Nothing to cancel: finished interviews stay as they are."),
                messages.WARNING,
            )
            return redirect(then)
        if "confirmed" not in request.POST:
            return TemplateResponse(
                request,
                "admin/interviews/interviewsession/cancel.html",
                {
                    **self.admin_site.each_context(request),
                    "title": _("Cancel interviews?"),
                    "opts": self.opts,
                    "sessions": sessions,
                    "back": then,
                    "action": request.POST.get("action"),
                    "may_tell": delivery.is_on(),
                },
            )
        with transaction.atomic():
            cancelled = self.cancel_all(request, sessions)
        self.message_user(
            request,
            ngettext(
                "%d interview cancelled.", "%d interviews cancelled.", len(cancelled)
            )
            % len(cancelled),
            messages.SUCCESS,
        )
        return redirect(then)

    def cancel_all(self, request, sessions):
        """Cancel what is open still, and tell the candidates if that was asked for."""
        cancelled = [
            session for session in sessions if services.cancel(session=session)
        ]
        for session in cancelled:
            self.log_change(request, session, [{"changed": {"fields": ["Cancelled"]}}])
        if "sends_mail" in request.POST and delivery.is_on():
            self.tell(request, cancelled, MessageKind.CANCELLED)
        return cancelled


def requests_shown(request, session):
    """What the candidate asked for, to those who may see it."""
    if not request.user.has_perm("interviews.view_candidaterequest"):
        return []
    return list(session.requests.select_related("handled_by"))


def is_open(session):
    return session.finished_at is None and session.cancelled_at is None

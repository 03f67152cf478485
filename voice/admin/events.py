"""What came from the voice service, and what could not be read of it."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import action, display

from accounts.audit import record
from accounts.models import AuditAction
from accounts.site import AuditedAdmin
from core.paginator import CappedPaginator
from interviews.models import InterviewSession
from voice.admin.content import content_of
from voice.admin.health import HealthViews
from voice.events import retry_event
from voice.models import EventState, VoiceEvent

COLOURS = {
    EventState.RECEIVED: "info",
    EventState.PROCESSED: "success",
    EventState.QUARANTINED: "danger",
    EventState.REJECTED: "warning",
}


class KindFilter(DropdownFilter):
    """By kind, of those that have come."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        kinds = VoiceEvent.objects.order_by("kind").values_list("kind", flat=True)
        return [(kind, kind) for kind in kinds.distinct() if kind]

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(VoiceEvent)
class VoiceEventAdmin(HealthViews, AuditedAdmin):
    """Of no vacancy: what the service sends of any interview is here in full.

    So it is for administrators and auditors alone, by their right to see events.
    """

    paginator = CappedPaginator
    list_display = [
        "received",
        "kind",
        "state_badge",
        "conversation_id",
        "problem_shown",
        "source",
        "size_shown",
    ]
    list_filter = [("state", ChoicesDropdownFilter), KindFilter]
    list_filter_submit = True
    search_fields = ["conversation_id"]
    search_help_text = _("Conversation")
    show_full_result_count = False
    fields = ["kind"]
    actions = ["retry_selected"]

    def get_queryset(self, request):
        """Never with the content: a page of recordings would be gigabytes."""
        return super().get_queryset(request).defer("raw")

    @display(description=_("received"), ordering="received_at")
    def received(self, event):
        return date_format(localtime(event.received_at), "SHORT_DATETIME_FORMAT")

    @display(description=_("state"), ordering="state", label=COLOURS)
    def state_badge(self, event):
        return event.state, event.get_state_display()

    @display(description=_("problem"))
    def problem_shown(self, event):
        return gettext(event.problem)

    @display(description=_("size"), ordering="size")
    def size_shown(self, event):
        return filesizeformat(event.size)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        """What came stays as it came."""
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("voice.view_voiceevent")

    def has_retry_permission(self, request):
        return request.user.has_perm("voice.change_voiceevent")

    def render_change_form(self, request, context, obj=None, **kwargs):
        record(AuditAction.VIEWED, obj, request=request)
        context |= {
            "title": obj.kind or gettext("Event"),
            "subtitle": obj.conversation_id,
            "colour": COLOURS[EventState(obj.state)],
            "problem": gettext(obj.problem),
            "content": content_of(obj),
            "session_id": session_of(request, obj),
            "may_retry": obj.state != EventState.PROCESSED
            and self.has_retry_permission(request),
        }
        return super().render_change_form(request, context, obj=obj, **kwargs)

    def get_urls(self):
        views = [("download", self.download_view), ("retry", self.retry_view)]
        return [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"voice_voiceevent_{name}",
            )
            for name, view in views
        ] + super().get_urls()

    @method_decorator(require_safe)
    def download_view(self, request, object_id):
        event = self.event(request, object_id)
        record(AuditAction.EXPORTED, event, request=request)
        # Whatever it is, no browser is to show it as a page of ours.
        return HttpResponse(
            bytes(event.raw),
            content_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="{event.pk}.json"'},
        )

    @method_decorator(require_POST)
    def retry_view(self, request, object_id):
        if not self.has_retry_permission(request):
            raise PermissionDenied
        event = self.event(request, object_id)
        self.retry(request, [event])
        return redirect(reverse("admin:voice_voiceevent_change", args=[event.pk]))

    def event(self, request, object_id):
        if not self.has_view_permission(request):
            raise PermissionDenied
        event = self.get_object(request, unquote(object_id))
        if event is None:
            raise Http404
        return event

    @action(description=_("Try again"), permissions=["retry"])
    def retry_selected(self, request, queryset):
        # One at a time: together their content is too much for memory.
        self.retry(request, queryset.iterator(chunk_size=10))

    def retry(self, request, events):
        """Queue what can be, and say of how many it could not."""
        tried, left = [], 0
        for event in events:
            if retry_event(event):
                tried.append(event.pk)
                self.log_change(request, event, [{"changed": {"fields": ["Retried"]}}])
            else:
                left += 1
        if tried:
            self.message_user(request, retried(len(tried)), messages.SUCCESS)
        if left:
            self.message_user(request, left_alone(left), messages.WARNING)


def retried(count):
    return (
        ngettext(
            "%d event will be read again in a moment.",
            "%d events will be read again in a moment.",
            count,
        )
        % count
    )


def left_alone(count):
    return (
        ngettext(
            "%d event stays as it is: it is processed already, or was signed with "
            "none of the configured secrets.",
            "%d events stay as they are: they are processed already, or were signed "
            "with none of the configured secrets.",
            count,
        )
        % count
    )


def session_of(request, event):
    """Return the interview of the event's conversation, for those who may see it."""
    if not request.user.has_perm("interviews.view_interviewsession"):
        return None
    sessions = InterviewSession.objects.visible_to(request.user).filter(
        conversations=event.conversation_id
    )
    return sessions.values_list("pk", flat=True).first()

"""The page that says whether voice interviews can be held, and what to do if not."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from interviews.services import spoken_to_ai
from voice import absences, diagnosis, installation
from voice.models import Call, EventSource, EventState, Place, VoiceEvent
from voice.workspaces import workspaces

# The pull comes by every few minutes; what is due for longer than this is stuck.
LATE = timedelta(minutes=15)


class HealthViews:
    """The part of the voice service's admin that tells how it is."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.health_view)
        return [path("health/", view, name="voice_health"), *super().get_urls()]

    def health_view(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Voice interviews"),
            "is_on": spoken_to_ai(),
            "checked_at": timezone.now(),
            **(health() if spoken_to_ai() else {}),
        }
        return TemplateResponse(request, "admin/voice/health.html", context)


def health():
    """Look at every workspace and at the portal; return what the page shows of them."""
    general, looks = diagnosis.check()
    findings = [(None, finding) for finding in general]
    several = len(workspaces()) > 1
    for look in looks:
        name = look.workspace.name if several else None
        findings += [(name, finding) for finding in look.findings]
    counts, absent = calls_now(), absences.absent()
    return {
        "findings": findings,
        "several": several,
        "workspaces": [
            (look.workspace.name, workspace_facts(look, counts, absent))
            for look in looks
        ],
        "figures": figures(),
        "facts": facts(),
    }


def calls_now():
    """Return how many calls hold a place, by workspace."""
    places = Place.objects.filter(lease_until__gt=timezone.now())
    counts = places.exclude(admitted_at=None).values_list("workspace")
    return dict(counts.annotate(Count("pk")))


def workspace_facts(look, counts, absent):
    """Return what there is to know of a workspace, never a secret."""
    workspace = look.workspace
    left_out_until = absent.get(workspace.name)
    return [
        (_("Reachable"), yes_or_no(look.is_reached)),
        (_("Agent as the settings say"), yes_or_no(look.is_in_step)),
        (_("Calls now"), calls(workspace, counts)),
        (_("Last report of a call"), moment(last_report(workspace)) or _("none yet")),
        (_("Left out until"), moment(left_out_until) or _("not left out")),
        (_("Address of ElevenLabs"), workspace.base_url),
        (_("Agent"), workspace.agent_id or installation.agent_name()),
        (_("Agent’s voice"), workspace.voice_id or _("the account’s default")),
        (
            _("Secret of the webhook"),
            _("is set") if workspace.webhook_secret else _("is not set"),
        ),
    ]


def calls(workspace, counts):
    """Say how many calls go on of how many; a lone workspace without a limit counts none."""
    if workspace.max_calls:
        return _("%(calls)d of %(limit)d") % {
            "calls": counts.get(workspace.name, 0),
            "limit": workspace.max_calls,
        }
    return _("no limit")


def last_report(workspace):
    reports = VoiceEvent.objects.filter(
        workspace=workspace.name, source=EventSource.WEBHOOK
    )
    newest = reports.order_by("-received_at").values_list("received_at", flat=True)
    return newest.first()


def yes_or_no(fact):
    return _("yes") if fact else _("no")


def moment(time):
    return date_format(localtime(time), "SHORT_DATETIME_FORMAT") if time else ""


def figures():
    """Return what waits or failed: how many, of what, and the list of them if any."""
    late = Call.objects.due(timezone.now() - LATE).count()
    return [
        (late, _("ended calls not fetched yet"), ""),
        events(EventState.QUARANTINED, _("reports that could not be read")),
        events(EventState.REJECTED, _("reports with a wrong signature")),
    ]


def events(state, text):
    count = VoiceEvent.objects.filter(state=state).count()
    changelist = reverse("admin:voice_voiceevent_changelist")
    return count, text, f"{changelist}?state__exact={state}"


def facts():
    """Return the settings in use that all workspaces have in common."""
    return [
        (_("Address of the portal"), settings.PUBLIC_URL or _("is not set")),
        (_("Language model"), settings.ELEVENLABS_LLM),
        (_("ElevenLabs keeps a call for, days"), retention()),
    ]


def retention():
    days = settings.ELEVENLABS_RETENTION_DAYS
    return days if days >= 0 else _("no limit")

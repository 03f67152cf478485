"""The page that says whether voice interviews can be held, and what to do if not."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from interviews.agent import base_url
from voice import diagnosis, installation
from voice.models import Call, EventState, VoiceEvent

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
        is_on = bool(settings.ELEVENLABS_API_KEY)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Voice interviews"),
            "is_on": is_on,
            "findings": diagnosis.check() if is_on else [],
            "checked_at": timezone.now(),
            "figures": figures(),
            "facts": facts(),
        }
        return TemplateResponse(request, "admin/voice/health.html", context)


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
    """Return the settings in use, never a secret."""
    return [
        (_("Address of ElevenLabs"), base_url()),
        (_("Address of the portal"), settings.PUBLIC_URL or _("is not set")),
        (_("Agent"), settings.ELEVENLABS_AGENT_ID or installation.agent_name()),
        (_("Language model"), settings.ELEVENLABS_LLM),
        (
            _("Agent’s voice"),
            settings.ELEVENLABS_VOICE_ID or _("the account’s default"),
        ),
        (_("Calls at once"), settings.ELEVENLABS_MAX_CALLS or _("no limit")),
        (_("ElevenLabs keeps a call for, days"), retention()),
        (
            _("Secret of the webhook"),
            _("is set") if settings.ELEVENLABS_WEBHOOK_SECRET else _("is not set"),
        ),
    ]


def retention():
    days = settings.ELEVENLABS_RETENTION_DAYS
    return days if days >= 0 else _("no limit")

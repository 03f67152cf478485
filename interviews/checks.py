"""System checks of the voice agent's settings."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import CheckMessage, Error, register

from interviews.agent import HOSTS


@register()
def agent_widget_is_built(**kwargs: Any) -> list[CheckMessage]:
    if not settings.ELEVENLABS_API_KEY or finders.find("vendor/convai-widget.js"):
        return []
    return [
        Error(
            "ELEVENLABS_API_KEY is set, but the widget is not built.",
            hint="Run `make widget`, then collect the static files again.",
            id="parley.E001",
        )
    ]


@register()
def agent_location_is_known(**kwargs: Any) -> list[CheckMessage]:
    if settings.ELEVENLABS_LOCATION in HOSTS:
        return []
    return [
        Error(f"ELEVENLABS_LOCATION is none of {', '.join(HOSTS)}.", id="parley.E002")
    ]

"""System checks of the settings of the voice agent and of e-mail."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import CheckMessage, Error, Warning, register

from interviews.agent import HOSTS
from interviews.mail.delivery import DUMMY, FOLDER


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


@register()
def letters_can_hold_links(**kwargs: Any) -> list[CheckMessage]:
    if settings.EMAIL_BACKEND in {DUMMY, FOLDER} or settings.PUBLIC_URL:
        return []
    return [
        Warning(
            "E-mail is set up, but letters cannot hold links, so none is sent.",
            hint="Set PUBLIC_URL to the address at which candidates reach the portal.",
            id="parley.W005",
        )
    ]


@register(deploy=True)
def letters_have_a_sender(**kwargs: Any) -> list[CheckMessage]:
    if settings.EMAIL_BACKEND in {DUMMY, FOLDER} or not (
        settings.DEFAULT_FROM_EMAIL.endswith("@localhost")
    ):
        return []
    return [
        Warning(
            "E-mail is set up, but its sender is an address that nobody accepts.",
            hint="Set DEFAULT_FROM_EMAIL to an address of your domain.",
            id="parley.W006",
        )
    ]

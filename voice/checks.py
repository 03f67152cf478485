"""System checks of the voice service's settings."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from voice import installation

KEPT_FOR_EVER = -1


@register(deploy=True)
def portal_knows_its_address(**kwargs: Any) -> list[CheckMessage]:
    problem = installation.address_problem()
    if not settings.ELEVENLABS_API_KEY or not problem:
        return []
    return [
        Warning(
            f"ELEVENLABS_API_KEY is set, but {problem}",
            hint="Set PUBLIC_URL to https://…: the voice agent calls the portal there.",
            id="parley.W002",
        )
    ]


@register(deploy=True)
def webhook_secret_is_known(**kwargs: Any) -> list[CheckMessage]:
    if not settings.ELEVENLABS_API_KEY or settings.ELEVENLABS_WEBHOOK_SECRET:
        return []
    return [
        Warning(
            "ELEVENLABS_API_KEY is set, but ELEVENLABS_WEBHOOK_SECRET is not.",
            hint="Run `manage.py voice sync`, which tells it.",
            id="parley.W003",
        )
    ]


@register(deploy=True)
def calls_are_kept_until_fetched(**kwargs: Any) -> list[CheckMessage]:
    days = settings.ELEVENLABS_RETENTION_DAYS
    if not settings.ELEVENLABS_API_KEY or days >= 1 or days == KEPT_FOR_EVER:
        return []
    return [
        Warning(
            "ELEVENLABS_RETENTION_DAYS leaves no time to fetch a call.",
            hint=f"Set it to 1 or more ({KEPT_FOR_EVER}: for ever).",
            id="parley.W004",
        )
    ]

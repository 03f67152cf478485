"""System checks of the voice service's settings."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register(deploy=True)
def portal_knows_its_address(**kwargs: Any) -> list[CheckMessage]:
    if not settings.ELEVENLABS_API_KEY or settings.PUBLIC_URL:
        return []
    return [
        Warning(
            "ELEVENLABS_API_KEY is set, but PUBLIC_URL is not.",
            hint="Set PUBLIC_URL: the voice agent calls the portal there.",
            id="parley.W002",
        )
    ]

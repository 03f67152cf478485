"""System checks of the portal's own settings."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

MIN_KEY_LENGTH = 32


@register(deploy=True)
def agent_key_is_long(**kwargs: Any) -> list[CheckMessage]:
    if len(settings.AGENT_API_KEY) >= MIN_KEY_LENGTH:
        return []
    return [
        Warning(
            f"AGENT_API_KEY is shorter than {MIN_KEY_LENGTH} characters.",
            hint="Make one: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
            id="parley.W001",
        )
    ]

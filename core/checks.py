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


@register(deploy=True)
def commands_pass_by_the_pooler(**kwargs: Any) -> list[CheckMessage]:
    """Commands leave the pooler out (`environment.go_directly`), so here it is off."""
    if not settings.DATABASE_POOLER:
        return []
    return [
        Warning(
            "DATABASE_POOLER is on, and DATABASE_DIRECT_URL is not set.",
            hint="Through a pooler the worker hears of no new job until it looks again, and "
            "migrations cannot hold their locks. Name the database itself.",
            id="parley.W002",
        )
    ]

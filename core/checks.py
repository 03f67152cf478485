"""System checks of the portal's own settings."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, DatabaseError

from core import blind_index, encryption, stored_keys

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
            id="parley.W007",
        )
    ]


@register
def field_keys_are_keys(**kwargs: Any) -> list[CheckMessage]:
    """Each of FIELD_KEYS is a key; the first reading of a row would be late to find out."""
    try:
        encryption.keys()
        if encryption.has_keys():
            blind_index.index_keys()
    except ImproperlyConfigured as problem:
        return [Error(str(problem), id="parley.E008")]
    return []


@register(Tags.database)
def stored_keys_are_known(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """What is stored can be opened, as far as the oldest and the newest rows tell."""
    if DEFAULT_DB_ALIAS not in (databases or []):
        return []
    try:
        missing = stored_keys.missing()
    except (DatabaseError, ImproperlyConfigured):
        # No tables yet, no database, or no keys: told elsewhere.
        return []
    return [
        Error(
            f"{table} holds values under a key that FIELD_KEYS does not have: {key}.",
            hint="Add that key to the end of FIELD_KEYS, and run rotate_keys.",
            id="parley.E009",
        )
        for table, key in missing
    ]

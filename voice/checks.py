"""System checks of the voice service's settings."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from interviews.agent import HOSTS
from interviews.services import spoken_to_ai
from voice import installation
from voice.workspaces import Workspace, configured, workspaces

KEPT_FOR_EVER = -1
# What the names of environment variables are made of.
NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")


@register()
def workspaces_have_names(**kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"ELEVENLABS_WORKSPACES has a name that no variable can have: {one.name!r}.",
            hint="Give it latin letters, digits and underscores, a letter first, at most "
            "30 in all.",
            id="parley.E003",
        )
        for one in configured()
        if not NAME.fullmatch(one.name)
    ]


@register()
def workspaces_have_keys(**kwargs: Any) -> list[CheckMessage]:
    if not settings.ELEVENLABS_WORKSPACES:
        return []
    return [
        Error(
            f"ELEVENLABS_WORKSPACES names {one.name!r}, but {one.variable('API_KEY')} is "
            "not set.",
            hint="Set it to a key of that workspace, or take the name out of the list. "
            "Without ELEVENLABS_API_KEY, the first workspace's, there are no calls.",
            id="parley.E004",
        )
        for one in configured()
        if not one.api_key
    ]


@register()
def workspaces_are_different(**kwargs: Any) -> list[CheckMessage]:
    return [
        *shared("API_KEY", lambda one: [one.api_key], "two workspaces"),
        *shared("AGENT_ID", lambda one: [one.agent_id], "agents of two workspaces"),
        *shared("WEBHOOK_SECRET", lambda one: one.webhook_secrets, "two webhooks"),
    ]


def shared(
    variable: str, values: Callable[[Workspace], list[str]], owners: str
) -> list[CheckMessage]:
    """Complain if two workspaces have the same value: one of them is mistaken."""
    counts = Counter(value for one in configured() for value in set(values(one)))
    names = [
        one.variable(variable)
        for one in configured()
        if any(value and counts[value] > 1 for value in values(one))
    ]
    if not names:
        return []
    return [
        Error(
            f"{' and '.join(names)} are the same, but {owners} never are.",
            hint="Give each workspace its own, or take one of the names out of "
            "ELEVENLABS_WORKSPACES.",
            id="parley.E005",
        )
    ]


@register()
def workspaces_have_limits(**kwargs: Any) -> list[CheckMessage]:
    """A workspace without one would take calls that the vendor then refuses."""
    if not settings.ELEVENLABS_WORKSPACES:
        return []
    return [
        Error(
            f"There are several workspaces, but {one.variable('MAX_CALLS')} does not say "
            f"how many calls the plan of {one.name!r} allows at once.",
            hint="Set it to that number, 1 or more: calls are spread by it.",
            id="parley.E006",
        )
        for one in configured()
        if one.max_calls < 1
    ]


@register()
def workspaces_are_somewhere(**kwargs: Any) -> list[CheckMessage]:
    # Of the default one parley.E002 tells.
    return [
        Error(
            f"{one.variable('LOCATION')} is none of {', '.join(HOSTS)}.",
            id="parley.E007",
        )
        for one in configured()[1:]
        if one.location not in HOSTS
    ]


@register(deploy=True)
def portal_knows_its_address(**kwargs: Any) -> list[CheckMessage]:
    problem = installation.address_problem()
    if not spoken_to_ai() or not problem:
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
    return [
        Warning(
            f"{one.variable('API_KEY')} is set, but {one.variable('WEBHOOK_SECRET')} is "
            "not.",
            hint="Run `manage.py voice sync`, which tells it.",
            id="parley.W003",
        )
        for one in (workspaces() if spoken_to_ai() else [])
        if not one.webhook_secret
    ]


@register(deploy=True)
def calls_are_kept_until_fetched(**kwargs: Any) -> list[CheckMessage]:
    days = settings.ELEVENLABS_RETENTION_DAYS
    if not spoken_to_ai() or days >= 1 or days == KEPT_FOR_EVER:
        return []
    return [
        Warning(
            "ELEVENLABS_RETENTION_DAYS leaves no time to fetch a call.",
            hint=f"Set it to 1 or more ({KEPT_FOR_EVER}: for ever).",
            id="parley.W004",
        )
    ]

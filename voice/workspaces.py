"""The workspaces at ElevenLabs in which calls are held, as the environment describes them.

A workspace's plan allows only so many calls at once, so a large portal has several. The
plain variables (ELEVENLABS_API_KEY …) are those of the first, called `default`; each name
in ELEVENLABS_WORKSPACES has its own (of `second` ELEVENLABS_SECOND_API_KEY …).
"""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from interviews.agent import api_address

DEFAULT = "default"
# The variables of a workspace, in the order of its fields.
VARIABLES = (
    "API_KEY",
    "LOCATION",
    "BASE_URL",
    "AGENT_ID",
    "VOICE_ID",
    "MAX_CALLS",
    "WEBHOOK_SECRET",
    "WEBHOOK_SECRET_PREVIOUS",
)


@dataclass(frozen=True)
class Workspace:
    """Everything that is one workspace's own. Its secrets are in no text of it."""

    name: str
    api_key: str = field(repr=False)
    location: str
    address: str
    agent_id: str  # empty: found by its name
    voice_id: str  # empty: the account's default
    max_calls: int  # at once; 0: no limit
    webhook_secret: str = field(repr=False)
    webhook_secret_previous: str = field(repr=False)

    @property
    def base_url(self) -> str:
        """The address of its API."""
        return api_address(self.location, self.address)

    @property
    def webhook_secrets(self) -> list[str]:
        """The secrets that count now: two while they are changed."""
        return list(filter(None, [self.webhook_secret, self.webhook_secret_previous]))

    def variable(self, name: str) -> str:
        """Return what one of its variables is called: API_KEY, WEBHOOK_SECRET …"""
        if self.name == DEFAULT:
            return f"ELEVENLABS_{name}"
        return f"ELEVENLABS_{self.name.upper()}_{name}"


def default() -> Workspace:
    """Return the workspace of the plain variables."""
    return workspace(
        DEFAULT, {name: getattr(settings, f"ELEVENLABS_{name}") for name in VARIABLES}
    )


def workspace(name: str, variables: dict[str, Any]) -> Workspace:
    return Workspace(name, *(variables[variable] for variable in VARIABLES))


def configured() -> list[Workspace]:
    """Return the default workspace and all further ones, whether complete or not."""
    further = settings.ELEVENLABS_WORKSPACES.items()
    return [default(), *(workspace(name, variables) for name, variables in further)]


def workspaces() -> list[Workspace]:
    """Return where calls are held: the default workspace, and further ones with a key.

    The key of the default one turns calls on and off, everywhere.
    """
    return [one for one in configured() if one.api_key or one.name == DEFAULT]


def find(name: str) -> Workspace | None:
    """Return the workspace of that name; None for one that is not configured any more."""
    return next((one for one in workspaces() if one.name == name), None)

"""Which agent holds the calls, and that it lets them last as long as they need."""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.utils.translation import gettext

from voice import agent_config, installation
from voice.account import Account, Json, dig
from voice.vendor import VendorError
from voice.workspaces import Workspace

AGENT_ID_SECONDS = 5 * 60
# A candidate waits for this one.
AGENT_ID_TIMEOUT_SECONDS = 6
NO_AGENT = "no_agent"


def ids_by_name(account: Account) -> list[str]:
    """Return the ids of the agents with our name, the oldest first."""
    name = installation.agent_name()
    named = [agent for agent in account.agents() if agent["name"] == name]
    named.sort(key=lambda agent: agent.get("created_at_unix_secs") or 0)
    return [str(agent["agent_id"]) for agent in named]


def agent_id(workspace: Workspace) -> str:
    """Return the id of the agent that holds the calls, remembered for some minutes.

    Raises VendorError if there is none, or if the vendor does not tell.
    """
    if workspace.agent_id:
        return workspace.agent_id
    key = agent_id_key(workspace)
    if not (found := cache.get(key)):
        found = find_agent_id(workspace)
        cache.set(key, found, AGENT_ID_SECONDS)
    return str(found)


def find_agent_id(workspace: Workspace) -> str:
    ids = ids_by_name(Account(workspace, AGENT_ID_TIMEOUT_SECONDS))
    if ids:
        return ids[0]
    raise VendorError(
        gettext("There is no agent “%(name)s”; `manage.py voice sync` makes it.")
        % {"name": installation.agent_name()},
        404,
        NO_AGENT,
    )


def forget_agent_id(workspace: Workspace) -> None:
    """Look the agent up again at the next call."""
    cache.delete(agent_id_key(workspace))


def agent_id_key(workspace: Workspace) -> str:
    account = f"{workspace.base_url} {workspace.api_key} {installation.agent_name()}"
    return f"voice-agent-{hashlib.sha256(account.encode()).hexdigest()}"


def keep_duration(workspace: Workspace) -> bool:
    """Let calls last as long as the open vacancies need; return whether that was new.

    A vacancy may get more questions at any time, and nobody runs a command for it.
    Raises VendorError.
    """
    account, key = Account(workspace), agent_id(workspace)
    needed = agent_config.needed_seconds()
    if allowed_seconds(account.agent(key)) >= needed:
        return False
    limit = {"conversation": {"max_duration_seconds": needed}}
    account.update_agent(key, {"conversation_config": limit})
    return True


def allowed_seconds(agent: Json | None) -> int:
    path = ("conversation_config", "conversation", "max_duration_seconds")
    return int(dig(agent, *path) or 0)

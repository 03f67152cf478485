"""Making a workspace at ElevenLabs what the portal needs.

Nothing of it is stored here: what is ours is known by its name, its address and the
agent's references, so a lost database or a second process changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from typing import TypeVar

from django.conf import settings
from django.utils.translation import gettext

from voice import agent_config, installation, provisioning, tool_config
from voice.account import Account, Json, dig
from voice.differences import Change, differences
from voice.vendor import VendorError
from voice.workspaces import Workspace

T = TypeVar("T")

# Stands for the id of something that a rehearsal does not make.
NEW = "(new)"
NAMES = {agent_config.NEXT_TOOL, agent_config.ANSWER_TOOL, agent_config.END_TOOL}
UNKNOWN_AGENT = "unknown_agent"


class Verb(Enum):
    """What a synchronisation does to a thing."""

    CREATE = "create"
    UPDATE = "update"
    ENABLE = "enable"
    DELETE = "delete"


@dataclass(frozen=True)
class Step:
    """One thing that is not as it should be; doing the step puts it right."""

    verb: Verb
    thing: str
    changes: tuple[Change, ...] = ()
    detail: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """What there is to say beyond the thing and the verb."""
        return (*filter(None, [self.detail]), *map(str, self.changes))


class Sync:
    """One pass over everything of ours in a workspace, in the order of its references.

    Each step is reported once it is done; a rehearsal reports the same steps and writes
    nothing. A step that fails raises VendorError: the earlier ones stay done, and the
    next pass finds them so.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        rehearsal: bool,
        report: Callable[[Step], None],
        keep_secret: Callable[[str], None],
        new_webhook: bool = False,
        timeout_seconds: float = 10,
    ) -> None:
        self.workspace = workspace
        self.account = Account(workspace, timeout_seconds)
        self.rehearsal = rehearsal
        self.report = report
        self.keep_secret = keep_secret
        self.new_webhook = new_webhook
        self.makes_webhook = False
        self.agents_of_our_name: list[str] = []

    def run(self) -> None:
        agent = self.found_agent()
        secrets = self.secrets_of_ours()
        webhooks = self.webhooks_of_ours()
        secret_id = self.secret(secrets)
        tool_ids = self.tools(agent, secret_id)
        webhook_id = self.webhook(webhooks)
        self.agent(agent, tool_ids, webhook_id)
        self.delete_old_secrets(secrets, secret_id)
        self.delete_old_webhooks(webhooks, webhook_id)

    def step(self, step: Step, write: Callable[[], T], otherwise: T) -> T:
        result = otherwise if self.rehearsal else write()
        self.report(step)
        return result

    def found_agent(self) -> Json | None:
        if agent_id := self.workspace.agent_id:
            if agent := self.account.agent(agent_id):
                return agent
            raise VendorError(
                gettext("There is no agent %(id)s in this account.") % {"id": agent_id},
                404,
                UNKNOWN_AGENT,
            )
        self.agents_of_our_name = provisioning.ids_by_name(self.account)
        if not self.agents_of_our_name:
            return None
        return self.account.agent(self.agents_of_our_name[0])

    def secrets_of_ours(self) -> list[Json]:
        prefix = installation.secret_prefix()
        return [
            secret
            for secret in self.account.secrets()
            if secret["name"].startswith(prefix)
        ]

    def secret(self, secrets: list[Json]) -> str:
        name = installation.secret_name()
        for secret in secrets:
            if secret["name"] == name:
                return str(secret["secret_id"])
        return self.step(
            Step(Verb.CREATE, gettext("secret “%(name)s”") % {"name": name}),
            lambda: self.account.create_secret(name, installation.secret_value()),
            NEW,
        )

    def tools(self, agent: Json | None, secret_id: str) -> list[str]:
        found = self.found_tools(agent)
        return [
            self.tool(config, found.get(config["name"]))
            for config in tool_config.tools(secret_id)
        ]

    def found_tools(self, agent: Json | None) -> dict[str, Json]:
        """Return our tools by name: those of the agent, or those with our address."""
        attached = [
            tool
            for key in dig(agent, "conversation_config", "agent", "prompt", "tool_ids")
            or []
            if (tool := self.account.tool(key)) and self.is_ours(tool)
        ]
        found = by_name(attached)
        if found.keys() >= NAMES:
            return found
        return by_name(filter(has_our_url, self.account.tools())) | found

    def is_ours(self, tool: Json) -> bool:
        """Tell whether a tool of the agent may be changed.

        A copied agent shares its tools with the original, which another portal may use.
        """
        if tool["tool_config"]["name"] not in NAMES:
            return False
        return has_our_url(tool) or len(self.account.agents_with(tool["id"])) <= 1

    def tool(self, config: Json, found: Json | None) -> str:
        thing = gettext("tool %(name)s") % {"name": config["name"]}
        if found is None:
            return self.step(
                Step(Verb.CREATE, thing),
                lambda: self.account.create_tool(config),
                NEW,
            )
        if changes := differences(config, found["tool_config"]):
            self.step(
                Step(Verb.UPDATE, thing, tuple(changes)),
                lambda: self.account.update_tool(found["id"], config),
                None,
            )
        return str(found["id"])

    def webhooks_of_ours(self) -> list[Json]:
        """List the webhooks to our address, the one to use last.

        It is the newest that has our name: its secret is the one that was told last.
        """
        url, name = installation.webhook_url(), installation.agent_name()
        ours = [hook for hook in self.account.webhooks() if hook["webhook_url"] == url]
        return sorted(
            ours,
            key=lambda hook: (
                hook["name"].startswith(name),
                hook.get("created_at_unix") or 0,
            ),
        )

    def webhook(self, webhooks: list[Json]) -> str:
        if self.new_webhook or not webhooks:
            self.makes_webhook = True
            return self.step(
                Step(Verb.CREATE, webhook_thing()), self.create_webhook, NEW
            )
        webhook = webhooks[-1]
        if step := webhook_step(webhook):
            self.step(step, lambda: self.finish_webhook(webhook["webhook_id"]), None)
        return str(webhook["webhook_id"])

    def create_webhook(self) -> str:
        webhook_id, secret = self.account.create_webhook(tool_config.new_webhook())
        # At once: whatever fails after this, nobody is told it a second time.
        self.keep_secret(secret)
        self.finish_webhook(webhook_id)
        return webhook_id

    def finish_webhook(self, webhook_id: str) -> None:
        self.account.update_webhook(webhook_id, tool_config.webhook())

    def agent(self, agent: Json | None, tool_ids: list[str], webhook_id: str) -> None:
        config = agent_config.agent(
            tool_ids=tool_ids,
            webhook_id=webhook_id,
            voice_id=self.workspace.voice_id,
            max_seconds=max(
                agent_config.needed_seconds(), provisioning.allowed_seconds(agent)
            ),
        )
        thing = gettext("agent “%(name)s”") % {"name": config["name"]}
        if agent is None:
            self.step(
                Step(Verb.CREATE, thing),
                lambda: self.account.create_agent(config),
                NEW,
            )
            provisioning.forget_agent_id(self.workspace)
        elif changes := differences(config, agent):
            self.step(
                Step(Verb.UPDATE, thing, tuple(changes)),
                lambda: self.account.update_agent(agent["agent_id"], config),
                None,
            )

    def delete_old_secrets(self, secrets: list[Json], secret_id: str) -> None:
        """Delete the secrets of earlier keys; by now no tool of ours uses them."""
        for secret in secrets:
            if secret["secret_id"] != secret_id:
                thing = gettext("secret “%(name)s”") % {"name": secret["name"]}
                self.step(
                    Step(Verb.DELETE, thing),
                    partial(self.account.delete_secret, secret["secret_id"]),
                    None,
                )

    def delete_old_webhooks(self, webhooks: list[Json], webhook_id: str) -> None:
        """Delete our earlier webhooks; one that somebody else named stays."""
        name = installation.agent_name()
        for hook in webhooks:
            if hook["webhook_id"] != webhook_id and hook["name"].startswith(name):
                self.step(
                    Step(Verb.DELETE, webhook_thing(), detail=hook["webhook_id"]),
                    partial(self.account.delete_webhook, hook["webhook_id"]),
                    None,
                )


def webhook_thing() -> str:
    return gettext("webhook to %(url)s") % {"url": installation.webhook_url()}


def webhook_step(webhook: Json) -> Step | None:
    """Return what a webhook lacks; that it retries is told by its name, not by the vendor."""
    if webhook.get("is_disabled"):
        return Step(
            Verb.ENABLE, webhook_thing(), detail=gettext("switched off by hand")
        )
    if webhook.get("is_auto_disabled"):
        return Step(Verb.ENABLE, webhook_thing(), detail=last_failure(webhook))
    expected = {
        key: value
        for key, value in tool_config.webhook().items()
        if webhook.get(key) is not None
    }
    changes = differences(expected, webhook)
    return Step(Verb.UPDATE, webhook_thing(), tuple(changes)) if changes else None


def last_failure(webhook: Json) -> str:
    at = webhook.get("most_recent_failure_timestamp")
    return gettext(
        "switched off by ElevenLabs; its last failure: %(code)s, %(time)s"
    ) % {
        "code": webhook.get("most_recent_failure_error_code") or "?",
        "time": f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC" if at else "?",
    }


def by_name(tools: Iterable[Json]) -> dict[str, Json]:
    return {tool["tool_config"]["name"]: tool for tool in tools}


def has_our_url(tool: Json) -> bool:
    url = str(dig(tool, "tool_config", "api_schema", "url") or "")
    return url.startswith(f"{settings.PUBLIC_URL}/api/interview/")

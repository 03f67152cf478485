"""What is in a workspace, as plain JSON: the few calls that provisioning makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext

from voice.vendor import VendorError, client, vendor_errors
from voice.workspaces import Workspace

Json = dict[str, Any]
# Given the client, returns its method to call.
Method = Callable[[Any], Any]

PAGE_SIZE = 100


class Account:
    """Agents, tools, secrets and webhooks. Every call may raise VendorError."""

    def __init__(self, workspace: Workspace, timeout_seconds: float = 10) -> None:
        self.workspace = workspace
        # Not repeated by itself: what was made in spite of an error would be made twice.
        # Whoever runs a synchronisation again looks first.
        self.options = {"timeout_in_seconds": timeout_seconds, "max_retries": 0}

    def agents(self) -> list[Json]:
        """List all agents, with no more than their names and dates."""
        return self.pages("agents", lambda vendor: vendor.conversational_ai.agents.list)

    def agent(self, agent_id: str) -> Json | None:
        return self.one(
            "agent_id", lambda vendor: vendor.conversational_ai.agents.get, agent_id
        )

    def create_agent(self, config: Json) -> str:
        answer = self.ask(
            "agent_id",
            lambda vendor: vendor.conversational_ai.agents.create,
            **config,
        )
        return str(answer["agent_id"])

    def update_agent(self, agent_id: str, config: Json) -> None:
        """Change what `config` names, and nothing else."""
        self.call(
            lambda vendor: vendor.conversational_ai.agents.update, agent_id, **config
        )

    def tools(self) -> list[Json]:
        return self.pages("tools", lambda vendor: vendor.conversational_ai.tools.list)

    def tool(self, tool_id: str) -> Json | None:
        return self.one(
            "tool_config", lambda vendor: vendor.conversational_ai.tools.get, tool_id
        )

    def agents_with(self, tool_id: str) -> list[Json]:
        """List the agents that use a tool."""
        answer = self.ask(
            "agents",
            lambda vendor: vendor.conversational_ai.tools.get_dependent_agents,
            tool_id,
        )
        return list(answer["agents"])

    def create_tool(self, config: Json) -> str:
        answer = self.ask(
            "id",
            lambda vendor: vendor.conversational_ai.tools.create,
            request={"tool_config": config},
        )
        return str(answer["id"])

    def update_tool(self, tool_id: str, config: Json) -> None:
        self.call(
            lambda vendor: vendor.conversational_ai.tools.update,
            tool_id,
            request={"tool_config": config},
        )

    def secrets(self) -> list[Json]:
        """List all secrets, without their values."""
        answer = self.ask(
            "secrets", lambda vendor: vendor.conversational_ai.secrets.list
        )
        return list(answer["secrets"])

    def create_secret(self, name: str, value: str) -> str:
        answer = self.ask(
            "secret_id",
            lambda vendor: vendor.conversational_ai.secrets.create,
            name=name,
            value=value,
        )
        return str(answer["secret_id"])

    def delete_secret(self, secret_id: str) -> None:
        self.call(lambda vendor: vendor.conversational_ai.secrets.delete, secret_id)

    def webhooks(self) -> list[Json]:
        answer = self.ask("webhooks", lambda vendor: vendor.webhooks.list)
        return list(answer["webhooks"])

    def create_webhook(self, config: Json) -> tuple[str, str]:
        """Return the new webhook's id, and the secret that nobody is told again."""
        answer = self.ask(
            "webhook_secret", lambda vendor: vendor.webhooks.create, settings=config
        )
        return str(answer["webhook_id"]), str(answer["webhook_secret"])

    def update_webhook(self, webhook_id: str, config: Json) -> None:
        self.call(lambda vendor: vendor.webhooks.update, webhook_id, **config)

    def delete_webhook(self, webhook_id: str) -> None:
        self.call(lambda vendor: vendor.webhooks.delete, webhook_id)

    def call(self, method: Method, *args: Any, **fields: Any) -> Any:
        """Call a method of the SDK; return its answer as JSON."""
        with vendor_errors(self.workspace):
            # Loading the SDK takes more than a second: not for every command.
            from elevenlabs.core.jsonable_encoder import jsonable_encoder

            vendor = client(self.workspace)
            answer = method(vendor)(*args, **fields, request_options=self.options)
            return jsonable_encoder(answer)

    def ask(self, part: str, method: Method, /, *args: Any, **fields: Any) -> Json:
        """Call a method whose answer has to hold `part`: the SDK does not look."""
        answer = self.call(method, *args, **fields)
        if not isinstance(answer, dict) or answer.get(part) is None:
            raise VendorError(
                gettext("The answer of ElevenLabs has no %(part)s") % {"part": part},
                502,
            )
        return answer

    def one(self, name: str, method: Method, key: str) -> Json | None:
        """Return the object with that key, or None if there is none."""
        try:
            return self.ask(name, method, key)
        except VendorError as error:
            if error.status == 404:
                return None
            raise

    def pages(self, name: str, method: Method) -> list[Json]:
        """List everything. Not by the vendor's search: a name it misses is made twice."""
        found: list[Json] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.ask(name, method, page_size=PAGE_SIZE, **cursor)
            found += page[name]
            if not page.get("next_cursor"):
                return found
            cursor = {"cursor": page["next_cursor"]}


def dig(value: Any, *path: str) -> Any:
    """Return what stands at a path, or None."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value

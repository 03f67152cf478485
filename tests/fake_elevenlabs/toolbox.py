"""The agent's tools in a call: which is which, the calls, and how the transcript tells them."""

import json
from secrets import token_hex
from typing import Any

import aiohttp

from tests.fake_elevenlabs import tool_calls
from tests.fake_elevenlabs.line import TOOL_SECONDS, Line
from tests.fake_elevenlabs.tool_calls import ToolResult, Unresolved
from tests.fake_elevenlabs.variables import system_variables

# The model knows its three tools by what they are for; here, by method and address.
PURPOSES = {("GET", "next"), ("POST", "answer"), ("POST", "end")}


class Toolbox:
    """The tools of one agent on one line. Their assignments change `variables`."""

    def __init__(
        self,
        line: Line,
        tools: list[dict[str, Any]],
        session: aiohttp.ClientSession,
        variables: dict[str, Any],
        secrets: dict[str, dict[str, Any]],
    ) -> None:
        self.line, self.session, self.secrets = line, session, secrets
        self.variables = variables
        self.tools = {
            purpose: tool
            for tool in tools
            if (purpose := purpose_of(tool["tool_config"]))
        }

    def now(self, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the variables, by default those of now, with the system's of this moment."""
        line = self.line
        turns = [turn for turn in line.conversation.transcript if turn["message"]]
        entries = [{"role": turn["role"], "message": turn["message"]} for turn in turns]
        system = system_variables(
            agent_id=line.conversation.agent_id,
            conversation_id=line.conversation.id,
            seconds=line.clock.seconds,
            turns=sum(turn["role"] == "agent" for turn in turns),
            text_only=line.text_only,
        )
        history = json.dumps({"entries": entries}, ensure_ascii=False)
        own = self.variables if variables is None else variables
        return own | system | {"system__conversation_history": history}

    async def call(
        self,
        purpose: str,
        arguments: dict[str, Any],
        variables: dict[str, Any] | None = None,
    ) -> ToolResult:
        """Call one of the agent's tools and write it down; `variables` if not those of now."""
        if purpose not in self.tools:
            return tool_calls.failure("unknown_tool", f"There is no tool to {purpose}")
        tool, request_id = self.tools[purpose], f"call_{token_hex(8)}"
        config, schema = tool["tool_config"], tool["tool_config"]["api_schema"]
        event = {
            "tool_name": config["name"],
            "tool_call_id": request_id,
            "tool_type": "webhook",
        }
        event_id = self.line.event_id
        await self.line.send(
            "agent_tool_request", "agent_tool_request", **event, event_id=event_id
        )
        began, details = self.line.clock.seconds, None
        try:
            request = tool_calls.build(
                schema, self.now(variables), arguments, self.secrets
            )
            details = request.details()
            result = await tool_calls.execute(self.session, config, request)
        except Unresolved as error:
            result = tool_calls.failure("invalid_parameters", str(error))
        now = self.line.conversation.start + self.line.clock.seconds
        tool_calls.assign(config, result, self.variables, request_id, now)
        self.write_down(
            tool, request_id, own_arguments(schema, arguments), details, result, began
        )
        await self.line.send(
            "agent_tool_response",
            "agent_tool_response",
            **event,
            is_error=result.is_error,
            is_called=details is not None,
            event_id=event_id,
        )
        return result

    def write_down(
        self,
        tool: dict[str, Any],
        request_id: str,
        arguments: dict[str, Any],
        details: dict[str, Any] | None,
        result: ToolResult,
        began: float,
    ) -> None:
        """Add the two turns of a tool call; neither has a message."""
        if not self.line.voice:
            self.line.clock.pass_by(TOOL_SECONDS)
        ended = self.line.clock.seconds
        common = {
            "request_id": request_id,
            "tool_name": tool["tool_config"]["name"],
            "tool_id": tool["id"],
            "tool_has_been_called": details is not None,
            "type": "webhook",
        }
        call = {
            "params_as_json": json.dumps(arguments, ensure_ascii=False),
            "tool_details": details,
        }
        outcome = {
            "result_value": result.text,
            "is_error": result.is_error,
            "is_blocked": False,
            "tool_latency_secs": round(ended - began, 3),
            "error_type": result.error_type,
            "raw_error_message": result.raw_error,
            "dynamic_variable_updates": result.updates,
        }
        add_turn = self.line.conversation.add_turn
        add_turn("agent", began, tool_calls=[common | call])
        add_turn("agent", ended, tool_results=[common | outcome])

    async def end_call(self) -> None:
        """Call the system tool that hangs up."""
        request_id, seconds = f"call_{token_hex(8)}", self.line.clock.seconds
        common = {
            "request_id": request_id,
            "tool_name": "end_call",
            "tool_has_been_called": True,
            "type": "system",
        }
        reason = json.dumps({"reason": "The interview is over."})
        call = {"params_as_json": reason, "tool_id": None, "tool_details": None}
        outcome = {
            "tool_id": "__system_end_call",
            "result_value": "Conversation ended by agent",
            "is_error": False,
            "result": {"result_type": "end_call_success", "status": "success"},
        }
        self.line.conversation.add_turn("agent", seconds, tool_calls=[common | call])
        self.line.conversation.add_turn(
            "agent", seconds, tool_results=[common | outcome]
        )
        # Written first: the page hangs up as soon as it hears of this.
        ending = "end_call tool was called."
        self.line.conversation.metadata["termination_reason"] = ending
        await self.line.send(
            "agent_tool_response",
            "agent_tool_response",
            tool_name="end_call",
            tool_call_id=request_id,
            tool_type="system",
            is_error=False,
            is_called=True,
            event_id=self.line.event_id,
        )


def purpose_of(config: dict[str, Any]) -> str | None:
    schema = config.get("api_schema") or {}
    purpose = schema.get("url", "").rstrip("/").rpartition("/")[2]
    return purpose if (schema.get("method"), purpose) in PURPOSES else None


def own_arguments(schema: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """Keep of the arguments those that the tool leaves to the language model."""
    properties = (schema.get("request_body_schema") or {}).get("properties") or {}
    return {
        name: value
        for name, value in arguments.items()
        if (properties.get(name) or {}).get("description")
    }

"""Dynamic variables: which a call needs, and what they are worth at a moment."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
SYSTEM = "system__"
SECRET = "secret__"


def rendered(text: str, variables: dict[str, Any]) -> str:
    return PLACE.sub(lambda match: str(variables.get(match[1], "")), text)


def missing(
    given: Iterable[str], texts: dict[str, str], tools: list[dict[str, Any]]
) -> dict[str, set[str]]:
    """Return by place (tools, first message, prompt) the variables that the page must send.

    Those that a tool assigns and the system's own come by themselves. Whether placeholders
    satisfy the vendor at run time is not known; the strict reading is safer.
    """
    known = {*given, *assigned(tools)}
    used = {"tools": set(tool_variables(tools))}
    used |= {place: set(PLACE.findall(text)) for place, text in texts.items()}
    wanting = {
        place: {name for name in names - known if not name.startswith(SYSTEM)}
        for place, names in used.items()
    }
    return {place: names for place, names in wanting.items() if names}


def assigned(tools: list[dict[str, Any]]) -> Iterator[str]:
    for tool in tools:
        for assignment in tool.get("assignments") or []:
            yield assignment["dynamic_variable"]


def tool_variables(tools: list[dict[str, Any]]) -> Iterator[str]:
    for tool in tools:
        schema = tool.get("api_schema") or {}
        yield from PLACE.findall(schema.get("url", ""))
        for value in (schema.get("request_headers") or {}).values():
            if isinstance(value, str):
                yield from PLACE.findall(value)
            elif value.get("variable_name"):
                yield value["variable_name"]
        for literal in literals(schema):
            yield from filter(None, [literal.get("dynamic_variable")])
            yield from filter(
                None, [(literal.get("allowed_values") or {}).get("dynamic_variable")]
            )


def literals(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every value's schema of a request: path, query and body, at any depth."""
    yield from (schema.get("path_params_schema") or {}).values()
    for part in ("query_params_schema", "request_body_schema"):
        yield from nested(schema.get(part) or {})


def nested(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for value in (schema.get("properties") or {}).values():
        yield from nested(value)


def system_variables(
    *, agent_id: str, conversation_id: str, seconds: float, turns: int, text_only: bool
) -> dict[str, Any]:
    """Return the vendor's own variables; the conversation's history comes beside them."""
    now = datetime.now(UTC)
    return {
        "system__agent_id": agent_id,
        "system__current_agent_id": agent_id,
        "system__conversation_id": conversation_id,
        "system__caller_id": None,
        "system__called_number": None,
        "system__call_sid": None,
        "system__call_duration_secs": int(seconds),
        "system__time_utc": now.isoformat(),
        "system__time": now.strftime("%A, %H:%M %d %B %Y"),
        "system__timezone": "UTC",
        "system__agent_turns": turns,
        "system__current_agent_turns": turns,
        "system__current_subagent_turns": turns,
        "system__is_text_only": text_only,
    }

"""REST: the tools that agents call."""

import re
from secrets import token_hex
from typing import Any

from aiohttp import web
from elevenlabs import types as vendor

from tests.fake_elevenlabs.rest import (
    FAKE,
    Refused,
    flag,
    found,
    json_answer,
    json_body,
    page_of,
)
from tests.fake_elevenlabs.schema import Invalid, check, complete

routes = web.RouteTableDef()

TOOLS = "/v1/convai/tools"
VALUE_SOURCES = (
    "description",
    "dynamic_variable",
    "constant_value",
    "is_omitted",
    "is_system_provided",
)
ACCESS = {
    "is_creator": True,
    "creator_name": "Test",
    "creator_email": "test@example.com",
    "role": "admin",
}


@routes.post(TOOLS)
async def create_tool(request: web.Request) -> web.Response:
    fake, tool_id = request.app[FAKE], f"tool_{token_hex(12)}"
    fake.tools[tool_id] = {"id": tool_id, **await tool_body(request)}
    return json_answer(described(fake.tools[tool_id]))


@routes.get(TOOLS)
async def list_tools(request: web.Request) -> web.Response:
    fake, search = request.app[FAKE], request.query.get("search", "").lower()
    types = request.query.getall("types", [])
    tools = [
        described(tool)
        for tool in fake.tools.values()
        if search in tool["tool_config"]["name"].lower()
        and (not types or tool["tool_config"]["type"] in types)
    ]
    tools, cursor = page_of(tools, request)
    page = {"tools": tools, "next_cursor": cursor, "has_more": cursor is not None}
    return json_answer(page)


@routes.get(TOOLS + "/{tool_id}")
async def get_tool(request: web.Request) -> web.Response:
    fake = request.app[FAKE]
    return json_answer(
        described(found(fake.tools, request.match_info["tool_id"], "tool"))
    )


@routes.patch(TOOLS + "/{tool_id}")
async def update_tool(request: web.Request) -> web.Response:
    """Replace the whole configuration: the vendor's model of it has required fields."""
    tool = found(request.app[FAKE].tools, request.match_info["tool_id"], "tool")
    tool |= await tool_body(request)
    return json_answer(described(tool))


@routes.delete(TOOLS + "/{tool_id}")
async def delete_tool(request: web.Request) -> web.Response:
    fake = request.app[FAKE]
    tool_id = found(fake.tools, request.match_info["tool_id"], "tool")["id"]
    users = agents_with(fake, tool_id)
    if users and not flag(request, "force"):
        message = f"Tool is used by {len(users)} agents. Use force to delete it anyway."
        raise Refused(400, "tool_in_use", message)
    for agent in users:
        agent["conversation_config"]["agent"]["prompt"]["tool_ids"].remove(tool_id)
    del fake.tools[tool_id]
    return json_answer({})


@routes.get(TOOLS + "/{tool_id}/dependent-agents")
async def dependent_agents(request: web.Request) -> web.Response:
    fake = request.app[FAKE]
    tool_id = found(fake.tools, request.match_info["tool_id"], "tool")["id"]
    agents = [
        {
            "type": "available",
            "id": agent["agent_id"],
            "name": agent["name"],
            "created_at_unix_secs": agent["metadata"]["created_at_unix_secs"],
            "access_level": "admin",
            "referenced_resource_ids": [tool_id],
        }
        for agent in agents_with(fake, tool_id)
    ]
    return json_answer({"agents": agents, "next_cursor": None, "has_more": False})


def agents_with(fake: Any, tool_id: str) -> list[dict]:
    return [
        agent
        for agent in fake.agents.values()
        if tool_id in agent["conversation_config"]["agent"]["prompt"]["tool_ids"]
    ]


def described(tool: dict) -> dict:
    usage = {"total_calls": 0, "avg_latency_secs": 0.0}
    return tool | {"access_info": ACCESS, "usage_stats": usage}


async def tool_body(request: web.Request) -> dict:
    """Return what to store for the request's tool, checked and with the defaults."""
    body = await json_body(request)
    check(body, vendor.ToolRequestModel)
    config = body["tool_config"]
    if not re.fullmatch(r"[\w-]{1,64}", config["name"]):
        where = ("body", "tool_config", "name")
        raise Invalid(
            where,
            "string_pattern_mismatch",
            "String should match '^[a-zA-Z0-9_-]{1,64}$'",
        )
    if config["type"] == "webhook":
        check_webhook_tool(config["api_schema"], request.app[FAKE].secrets)
    return complete(body, vendor.ToolRequestModel)


def check_webhook_tool(schema: dict, secrets: dict) -> None:
    where = ("body", "tool_config", "api_schema")
    if not schema["url"].startswith(("http://", "https://")):
        raise Invalid((*where, "url"), "value_error", "URL must start with http(s)://")
    path_params = schema.get("path_params_schema") or {}
    # {{variables}} may stand in a URL too; they are no path parameters.
    named = set(re.findall(r"(?<!\{)\{(\w+)\}(?!\})", schema["url"]))
    if named != path_params.keys():
        message = "Path parameters must match the placeholders of the URL"
        raise Invalid((*where, "path_params_schema"), "value_error", message)
    check_literals(path_params, path_params.keys(), (*where, "path_params_schema"))
    for part in ("query_params_schema", "request_body_schema"):
        if fields := schema.get(part):
            required = fields.get("required") or []
            check_literals(
                fields.get("properties") or {}, required, (*where, part, "properties")
            )
    for header, value in (schema.get("request_headers") or {}).items():
        if isinstance(value, dict) and value.get("secret_id", "") not in {"", *secrets}:
            message = f"Secret {value['secret_id']} used in header {header} not found"
            raise Refused(404, "secret_not_found", message)


def check_literals(properties: dict, required: Any, where: tuple) -> None:
    """Each value comes from exactly one source; objects hold further values."""
    for name, schema in properties.items():
        here = (*where, name)
        if schema.get("properties"):
            check_literals(
                schema["properties"],
                schema.get("required") or [],
                (*here, "properties"),
            )
            continue
        if schema.get("type") in ("object", "array"):
            continue
        sources = [source for source in VALUE_SOURCES if has_source(schema, source)]
        if len(sources) != 1:
            message = (
                f"Exactly one of {', '.join(VALUE_SOURCES)} must be set, not {sources}"
            )
            raise Invalid(here, "value_error", message)
        if sources == ["is_omitted"] and name in required:
            raise Invalid(here, "value_error", "A required parameter cannot be omitted")


def has_source(schema: dict, source: str) -> bool:
    """Tell if the value is taken from there; the vendor fills the others with ""."""
    return schema.get(source) not in (None, "", False) or (
        source == "constant_value" and schema.get(source) is False
    )

"""REST: the agents, and what the widget asks of one."""

from secrets import token_hex
from time import time
from typing import Any

from aiohttp import web
from elevenlabs import types as vendor

from tests.fake_elevenlabs.rest import (
    ANY_ORIGIN,
    FAKE,
    Refused,
    found,
    json_answer,
    json_body,
    page_of,
)
from tests.fake_elevenlabs.schema import complete, merge
from tests.fake_elevenlabs.tools import ACCESS
from tests.fake_elevenlabs.workspace import check_keys

routes = web.RouteTableDef()

AGENTS = "/v1/convai/agents"
ENGLISH_MODELS = {"eleven_turbo_v2", "eleven_flash_v2"}
OTHER_MODELS = {"eleven_turbo_v2_5", "eleven_flash_v2_5"}
OPTIONAL = {
    "platform_settings": vendor.AgentPlatformSettingsRequestModel | None,
    "workflow": dict[str, Any] | None,
    "name": str | None,
    "tags": list[str] | None,
}
CONVERSATION = {"conversation_config": vendor.ConversationalConfig}
UPDATE_ONLY = {"version_description": str | None, "procedures": dict[str, Any] | None}


@routes.post(AGENTS + "/create")
async def create_agent(request: web.Request) -> web.Response:
    body = await json_body(request)
    check_keys(body, CONVERSATION, OPTIONAL)
    now, fake = int(time()), request.app[FAKE]
    agent = {
        "agent_id": f"agent_{token_hex(14)}",
        "name": body.get("name") or "New agent",
        "tags": body.get("tags") or [],
        "workflow": body.get("workflow"),
        "metadata": {"created_at_unix_secs": now, "updated_at_unix_secs": now},
        "version_id": f"agtvrsn_{token_hex(14)}",
        "branch_id": f"agtbrch_{token_hex(14)}",
    }
    agent |= completed(body["conversation_config"], body.get("platform_settings") or {})
    check_references(fake, agent)
    fake.agents[agent["agent_id"]] = agent
    return json_answer({"agent_id": agent["agent_id"]})


@routes.get(AGENTS)
async def list_agents(request: web.Request) -> web.Response:
    search, tags = (
        request.query.get("search", "").lower(),
        request.query.getall("tags", []),
    )
    agents = [
        summary(agent)
        for agent in request.app[FAKE].agents.values()
        if search in agent["name"].lower()
        and (not tags or set(tags) & set(agent["tags"]))
    ]
    agents, cursor = page_of(agents, request)
    page = {"agents": agents, "next_cursor": cursor, "has_more": cursor is not None}
    return json_answer(page)


@routes.get(AGENTS + "/{agent_id}")
async def get_agent(request: web.Request) -> web.Response:
    return json_answer(described(the_agent(request)))


@routes.patch(AGENTS + "/{agent_id}")
async def update_agent(request: web.Request) -> web.Response:
    agent, body = the_agent(request), await json_body(request)
    check_keys(body, {}, CONVERSATION | OPTIONAL | UPDATE_ONLY)
    given = {
        key: body[key]
        for key in body.keys() - UPDATE_ONLY.keys()
        if body[key] is not None
    }
    changed = merge(agent, given)
    changed |= completed(changed["conversation_config"], changed["platform_settings"])
    changed["metadata"] = agent["metadata"] | {"updated_at_unix_secs": int(time())}
    changed["version_id"] = f"agtvrsn_{token_hex(14)}"
    check_references(request.app[FAKE], changed)
    agent |= changed
    return json_answer(described(agent))


@routes.delete(AGENTS + "/{agent_id}")
async def delete_agent(request: web.Request) -> web.Response:
    del request.app[FAKE].agents[the_agent(request)["agent_id"]]
    return web.Response(status=204)


@routes.get(AGENTS + "/{agent_id}/widget")
async def get_widget(request: web.Request) -> web.Response:
    """Answer a browser: no key, but a private agent wants the signature of its call."""
    agent = the_agent(request)
    settings, config = agent["platform_settings"], agent["conversation_config"]
    signature = request.query.get("conversation_signature")
    if (
        settings["auth"]["enable_auth"]
        and signature not in request.app[FAKE].signatures
    ):
        raise Refused(401, "authorization_required", "This agent needs a signed URL.")
    widget = {
        key: value for key, value in settings["widget"].items() if value is not None
    }
    widget |= {
        "language": config["agent"]["language"],
        "supported_language_overrides": list(config["language_presets"]),
        "language_presets": {},
        "text_only": config["conversation"]["text_only"],
        "first_message": None,
        "use_rtc": False,
        "text_contents": {},
        "styles": {},
    }
    answer = {"agent_id": agent["agent_id"], "widget_config": widget}
    return json_answer(answer, headers=ANY_ORIGIN)


def the_agent(request: web.Request) -> dict:
    return found(request.app[FAKE].agents, request.match_info["agent_id"], "agent")


def completed(conversation_config: dict, platform_settings: dict) -> dict:
    return {
        "conversation_config": complete(
            conversation_config, vendor.ConversationalConfig
        ),
        "platform_settings": complete(
            platform_settings, vendor.AgentPlatformSettingsRequestModel
        ),
    }


def described(agent: dict) -> dict:
    """Return the answer: it tells more than can be set."""
    safety = {
        "is_blocked_ivc": False,
        "is_blocked_non_ivc": False,
        "ignore_safety_evaluation": False,
    }
    return agent | {
        "platform_settings": agent["platform_settings"] | {"safety": safety},
        "phone_numbers": [],
        "whatsapp_accounts": [],
        "access_info": ACCESS,
        "main_branch_id": agent["branch_id"],
        "procedures": {},
    }


def summary(agent: dict) -> dict:
    return {
        "agent_id": agent["agent_id"],
        "name": agent["name"],
        "voice_id": agent["conversation_config"]["tts"]["voice_id"],
        "tags": agent["tags"],
        **agent["metadata"],
        "access_info": ACCESS,
        "last_call_time_unix_secs": None,
        "archived": agent["platform_settings"]["archived"],
    }


def check_references(fake: Any, agent: dict) -> None:
    config = agent["conversation_config"]
    check_voice(config["agent"]["language"], config["tts"]["model_id"])
    for tool_id in config["agent"]["prompt"]["tool_ids"]:
        if tool_id not in fake.tools:
            message = f"Document with id {tool_id} not found"
            raise Refused(404, "tool_not_found", message)
    overrides = agent["platform_settings"]["workspace_overrides"]
    webhook_id = overrides["webhooks"]["post_call_webhook_id"]
    if webhook_id and webhook_id not in fake.webhooks:
        raise Refused(404, "webhook_not_found", f"Webhook {webhook_id} not found")


def check_voice(language: str, model: str) -> None:
    if language == "en" and model not in ENGLISH_MODELS:
        raise Refused(
            400, "input_invalid", "English Agents must use turbo or flash v2."
        )
    if language != "en" and model not in OTHER_MODELS:
        raise Refused(
            400, "input_invalid", "Non-english Agents must use turbo or flash v2_5."
        )

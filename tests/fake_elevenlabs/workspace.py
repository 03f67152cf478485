"""REST: the workspace's secrets and webhooks."""

from secrets import token_hex
from time import time
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
from tests.fake_elevenlabs.schema import Invalid, check

routes = web.RouteTableDef()

SECRETS = "/v1/convai/secrets"
WEBHOOKS = "/v1/workspace/webhooks"
# What only the sender of the webhooks knows.
PRIVATE = (
    "webhook_secret",
    "retry_enabled",
    "request_headers",
    "failures",
    "delivered",
)


@routes.post(SECRETS)
async def create_secret(request: web.Request) -> web.Response:
    body = await secret_body(request, "new")
    secret = {"secret_id": f"secret_{token_hex(10)}", **body}
    request.app[FAKE].secrets[secret["secret_id"]] = secret
    return json_answer(public_secret(secret))


@routes.get(SECRETS)
async def list_secrets(request: web.Request) -> web.Response:
    fake, start = request.app[FAKE], request.query.get("search", "")
    named = [
        secret for secret in fake.secrets.values() if secret["name"].startswith(start)
    ]
    secrets, cursor = named, None
    if "page_size" in request.query:
        secrets, cursor = page_of(named, request)
    described = [described_secret(fake, secret) for secret in secrets]
    return json_answer({"secrets": described, "next_cursor": cursor})


@routes.get(SECRETS + "/{secret_id}")
async def get_secret(request: web.Request) -> web.Response:
    fake = request.app[FAKE]
    secret = found(fake.secrets, request.match_info["secret_id"], "secret")
    return json_answer(described_secret(fake, secret))


@routes.patch(SECRETS + "/{secret_id}")
async def update_secret(request: web.Request) -> web.Response:
    secret = found(request.app[FAKE].secrets, request.match_info["secret_id"], "secret")
    secret |= await secret_body(request, "update")
    return json_answer(public_secret(secret))


@routes.delete(SECRETS + "/{secret_id}")
async def delete_secret(request: web.Request) -> web.Response:
    fake = request.app[FAKE]
    secret = found(fake.secrets, request.match_info["secret_id"], "secret")
    if tools_with(fake, secret["secret_id"]):
        message = (
            "Secret is in use and cannot be deleted. Remove it from the tools first."
        )
        raise Refused(400, "secret_in_use", message)
    del fake.secrets[secret["secret_id"]]
    return web.Response(status=204)


async def secret_body(request: web.Request, kind: str) -> dict[str, str]:
    body = await json_body(request)
    check_keys(body, {"type": str, "name": str, "value": str})
    if body["type"] != kind:
        raise Invalid(("body", "type"), "literal_error", f"Input should be '{kind}'")
    return {"name": body["name"], "value": body["value"]}


def check_keys(body: Any, required: dict, optional: dict | None = None) -> None:
    """Check a body that the package builds by hand, without a model of its own."""
    allowed = required | (optional or {})
    check(body, dict[str, Any])
    if unknown := sorted(body.keys() - allowed.keys()):
        message = "Extra inputs are not permitted"
        raise Invalid(("body", unknown[0]), "extra_forbidden", message)
    for name in required:
        if name not in body:
            raise Invalid(("body", name), "missing", "Field required")
    for name, value in body.items():
        check(value, allowed[name], ("body", name))


def public_secret(secret: dict) -> dict:
    return {"type": "stored", "secret_id": secret["secret_id"], "name": secret["name"]}


def described_secret(fake: Any, secret: dict) -> dict:
    tools = [
        {
            "type": "available",
            "id": tool["id"],
            "name": tool["tool_config"]["name"],
            "created_at_unix_secs": int(time()),
            "access_level": "admin",
        }
        for tool in tools_with(fake, secret["secret_id"])
    ]
    used_by = {"tools": tools, "agents": [], "phone_numbers": [], "others": []}
    return public_secret(secret) | {"used_by": used_by}


def tools_with(fake: Any, secret_id: str) -> list[dict]:
    return [
        tool
        for tool in fake.tools.values()
        if {"secret_id": secret_id}
        in (tool["tool_config"].get("api_schema") or {})
        .get("request_headers", {})
        .values()
    ]


@routes.post(WEBHOOKS)
async def create_webhook(request: web.Request) -> web.Response:
    body = await json_body(request)
    check_keys(body, {"settings": vendor.WebhookHmacSettings})
    settings = body["settings"]
    if not settings["webhook_url"].startswith(("http://", "https://")):
        where = ("body", "settings", "webhook_url")
        raise Invalid(where, "url_parsing", "Input should be a valid URL")
    webhook = {
        "webhook_id": token_hex(16),
        "webhook_secret": request.app[FAKE].webhook_secret or f"wsec_{token_hex(32)}",
        "name": settings["name"],
        "webhook_url": settings["webhook_url"],
        "request_headers": settings.get("request_headers") or {},
        "is_disabled": False,
        "is_auto_disabled": False,
        "retry_enabled": False,
        "created_at_unix": int(time()),
        "auth_type": settings["auth_type"],
        "events": [],
        "most_recent_failure_error_code": None,
        "most_recent_failure_timestamp": None,
        "failures": 0,  # one after another
        "delivered": False,  # ever
    }
    request.app[FAKE].webhooks[webhook["webhook_id"]] = webhook
    return json_answer({key: webhook[key] for key in ("webhook_id", "webhook_secret")})


@routes.get(WEBHOOKS)
async def list_webhooks(request: web.Request) -> web.Response:
    fake, usages = request.app[FAKE], flag(request, "include_usages")
    webhooks = []
    for webhook in fake.webhooks.values():
        shown = {key: value for key, value in webhook.items() if key not in PRIVATE}
        shown["usage"] = usage(fake, webhook["webhook_id"]) if usages else None
        shown["events"] = webhook["events"] if usages else None
        webhooks.append(shown)
    return json_answer({"webhooks": webhooks})


def usage(fake: Any, webhook_id: str) -> list[dict]:
    used = any(
        fake.webhook_settings(key)["post_call_webhook_id"] == webhook_id
        for key in fake.agents
    )
    return [{"usage_type": "ConvAI Agent Settings"}] if used else []


@routes.patch(WEBHOOKS + "/{webhook_id}")
async def update_webhook(request: web.Request) -> web.Response:
    webhook = found(
        request.app[FAKE].webhooks, request.match_info["webhook_id"], "webhook"
    )
    body = await json_body(request)
    check_keys(
        body,
        {"is_disabled": bool, "name": str},
        {
            "retry_enabled": bool | None,
            "request_headers": dict[str, str | None] | None,
            "events": list[vendor.WorkspaceWebhookEventType] | None,
        },
    )
    webhook |= {key: value for key, value in body.items() if value is not None}
    if not webhook["is_disabled"]:
        webhook |= {"is_auto_disabled": False, "failures": 0}
    return json_answer({"status": "ok"})


@routes.delete(WEBHOOKS + "/{webhook_id}")
async def delete_webhook(request: web.Request) -> web.Response:
    fake = request.app[FAKE]
    webhook = found(fake.webhooks, request.match_info["webhook_id"], "webhook")
    del fake.webhooks[webhook["webhook_id"]]
    return json_answer({"status": "ok"})

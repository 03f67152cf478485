"""Who may start a call, and with what: the checks before an agent says anything."""

from dataclasses import dataclass
from secrets import token_hex
from time import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web

from tests.fake_elevenlabs.variables import missing

if TYPE_CHECKING:
    from tests.fake_elevenlabs.server import FakeElevenLabs

POLICY_VIOLATION = 1008
NO_SUCH_AGENT = 3000
TOO_MANY_CALLS = 3008


class Refusal(Exception):
    """The call does not begin: the socket is closed with this code and reason."""

    def __init__(self, code: int, reason: str):
        super().__init__(reason)
        self.code, self.reason = code, reason


@dataclass
class Admitted:
    """An agent, and the conversation that it may hold."""

    agent: dict[str, Any]
    conversation_id: str
    method: str


@dataclass
class Setting:
    """What holds for this call, of the agent's configuration and the page's overrides."""

    language: str
    first_message: str
    prompt: str
    time_is_up: str
    text_only: bool
    tools: list[dict[str, Any]]


def admit(fake: "FakeElevenLabs", request: web.Request) -> Admitted:
    """Check what the socket's address and headers tell."""
    agent = fake.agents.get(request.query.get("agent_id", ""))
    if agent is None:
        raise Refusal(
            NO_SUCH_AGENT, "The AI agent you are trying to reach does not exist."
        )
    check_origin(agent["platform_settings"]["auth"], request.headers.get("Origin"))
    conversation_id, method = signed_conversation(fake, agent, request)
    limit = agent["platform_settings"]["call_limits"]["agent_concurrency_limit"]
    limits = [limit] if limit >= 0 else []
    limits += [] if fake.max_calls is None else [fake.max_calls]
    # This call is already among the live ones.
    if limits and len(fake.live) > min(limits):
        raise Refusal(TOO_MANY_CALLS, "too many concurrent connections")
    return Admitted(agent, conversation_id, method)


def check_origin(auth: dict[str, Any], origin: str | None) -> None:
    hosts = [entry["hostname"] for entry in auth["allowlist"]]
    if origin is None and not auth["require_origin_header"]:
        return
    if hosts and urlsplit(origin or "").netloc not in hosts:
        raise Refusal(POLICY_VIOLATION, f"Host of origin {origin} is not allowed.")


def signed_conversation(
    fake: "FakeElevenLabs", agent: dict[str, Any], request: web.Request
) -> tuple[str, str]:
    signature = request.query.get("conversation_signature")
    if signature is None:
        if agent["platform_settings"]["auth"]["enable_auth"]:
            raise Refusal(POLICY_VIOLATION, "This agent requires a signed URL.")
        return f"conv_{token_hex(14)}", "public"
    signed = fake.signatures.get(signature)
    if (
        signed is None
        or signed.agent_id != agent["agent_id"]
        or signed.expires < time()
    ):
        raise Refusal(POLICY_VIOLATION, "The signed URL is invalid or has expired.")
    if signed.conversation_id is None:
        return f"conv_{token_hex(14)}", "signed_url"
    if signed.used:
        raise Refusal(POLICY_VIOLATION, "The signed URL has already been used.")
    signed.used = True
    return signed.conversation_id, "signed_url"


def settle(
    fake: "FakeElevenLabs", agent: dict[str, Any], start: dict[str, Any]
) -> Setting:
    """Check the page's first message, and return what the call goes by."""
    overrides = start.get("conversation_config_override") or {}
    config, settings = agent["conversation_config"], agent["platform_settings"]
    allowed = settings["overrides"]["conversation_config_override"]
    check_overrides(overrides, allowed, config)
    overriding = overrides.get("agent") or {}
    language = overriding.get("language") or config["agent"]["language"]
    presets = config["language_presets"]
    if language not in {config["agent"]["language"], *presets}:
        raise Refusal(
            POLICY_VIOLATION, f"Language {language} is not enabled for this agent."
        )
    own, preset = config["agent"], preset_of(presets.get(language))
    text_only = (overrides.get("conversation") or {}).get("text_only")
    wanted = own["prompt"]["tool_ids"]

    def said(name: str) -> str:
        return overriding.get(name) or preset.get(name) or own[name]

    prompts = [
        (each.get("prompt") or {}).get("prompt") for each in (overriding, preset)
    ]
    setting = Setting(
        language=language,
        first_message=said("first_message"),
        prompt=prompts[0] or prompts[1] or own["prompt"]["prompt"],
        time_is_up=said("max_conversation_duration_message"),
        text_only=config["conversation"]["text_only"]
        if text_only is None
        else text_only,
        tools=[fake.tools[tool_id] for tool_id in wanted if tool_id in fake.tools],
    )
    check_variables(start.get("dynamic_variables") or {}, setting)
    return setting


def preset_of(preset: dict[str, Any] | None) -> dict[str, Any]:
    """Return what a language's preset says in place of the agent's own settings."""
    if preset is None:
        return {}
    translated = (preset.get("first_message_translation") or {}).get("text")
    given = preset["overrides"].get("agent") or {}
    return given | {"first_message": given.get("first_message") or translated}


def check_overrides(given: dict[str, Any], allowed: Any, config: Any) -> None:
    """Refuse a field that may not be overridden, unless it says what holds anyway."""
    for name, value in given.items():
        permission = allowed.get(name) if isinstance(allowed, dict) else None
        current = config.get(name) if isinstance(config, dict) else None
        if isinstance(value, dict):
            check_overrides(value, permission, current)
        elif value is not None and value != current and permission is not True:
            reason = f"Override for field '{name}' is not allowed by config."
            raise Refusal(POLICY_VIOLATION, reason)


def check_variables(variables: dict[str, Any], setting: Setting) -> None:
    for name, value in variables.items():
        if not isinstance(value, str | int | float | bool):
            raise Refusal(
                POLICY_VIOLATION, f"Dynamic variable {name} has an invalid type."
            )
    texts = {"first message": setting.first_message, "prompt": setting.prompt}
    tools = [tool["tool_config"] for tool in setting.tools]
    for place, names in missing(variables, texts, tools).items():
        listed = ", ".join(repr(name) for name in sorted(names))
        reason = f"Missing required dynamic variables in {place}: {{{listed}}}"
        raise Refusal(POLICY_VIOLATION, reason)

"""Webhook tools, carried out as configured: a configuration that is wrong fails here too."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import aiohttp

from tests.fake_elevenlabs.tools import has_source
from tests.fake_elevenlabs.variables import SECRET, rendered

HIDDEN = "<redacted>"
FAILED = "The tool call failed."
# How the language model makes up what nobody told it.
EMPTY = {"string": "", "integer": 0, "number": 0, "boolean": False}
NATIVE = {"string": str, "integer": int, "number": float, "boolean": bool}


class Unresolved(Exception):
    """A value of the request cannot be had: nothing is sent."""


@dataclass
class ToolRequest:
    """One HTTP request to be made, and how the transcript shows it."""

    method: str
    url: str
    headers: dict[str, str]
    shown_headers: dict[str, str]
    path_params: dict[str, str]
    query_params: dict[str, str]
    body: str | None

    def details(self) -> dict[str, Any]:
        return {
            "type": "webhook",
            "method": self.method,
            "url": self.url,
            "headers": self.shown_headers,
            "path_params": self.path_params,
            "query_params": self.query_params,
            "body": self.body,
        }


@dataclass
class ToolResult:
    """What came of a tool call. `seen` is the JSON that the language model gets, or None."""

    is_error: bool
    text: str
    status: int | None = None
    data: Any = None
    seen: Any = None
    error_type: str | None = None
    raw_error: str | None = None
    updates: list[dict[str, Any]] = field(default_factory=list)


def build(
    schema: dict[str, Any],
    variables: dict[str, Any],
    arguments: dict[str, Any],
    secrets: dict[str, dict[str, Any]],
) -> ToolRequest:
    """Put the request together; `arguments` are the language model's, by property name."""
    path_params = values(
        schema.get("path_params_schema") or {}, None, variables, arguments
    )
    path_params = {name: plain(value) for name, value in path_params.items()}
    query = schema.get("query_params_schema") or {}
    query_params = values(
        query.get("properties") or {}, query.get("required"), variables, arguments
    )
    url = rendered(schema["url"], variables)
    for name, value in path_params.items():
        url = url.replace(f"{{{name}}}", quote(value, safe=""))
    headers, shown = header_values(
        schema.get("request_headers") or {}, variables, secrets
    )
    body = None
    if schema.get("request_body_schema") and schema["method"] in (
        "POST",
        "PUT",
        "PATCH",
    ):
        content = object_value(schema["request_body_schema"], variables, arguments)
        body = json.dumps(content, ensure_ascii=False)
        headers["Content-Type"] = schema.get("content_type") or "application/json"
    return ToolRequest(
        schema["method"],
        url,
        headers,
        shown,
        path_params,
        {name: plain(value) for name, value in query_params.items()},
        body,
    )


def plain(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def header_values(
    headers: dict[str, Any],
    variables: dict[str, Any],
    secrets: dict[str, dict[str, Any]],
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the headers to send, and the same as the transcript shows them."""
    sent, shown = {}, {}
    for name, value in headers.items():
        if isinstance(value, str):
            sent[name] = shown[name] = rendered(value, variables)
        elif secret_id := value.get("secret_id"):
            if secret_id not in secrets:
                raise Unresolved(f"Secret {secret_id} not found")
            sent[name], shown[name] = secrets[secret_id]["value"], HIDDEN
        elif variable := value.get("variable_name"):
            sent[name] = plain(variable_value(variable, variables))
            shown[name] = HIDDEN if variable.startswith(SECRET) else sent[name]
    return sent, shown


def variable_value(name: str, variables: dict[str, Any]) -> Any:
    if variables.get(name) is None:
        raise Unresolved(f"Dynamic variable {name} has no value")
    return variables[name]


def values(
    properties: dict[str, Any],
    required: list[str] | None,
    variables: dict[str, Any],
    arguments: dict[str, Any],
) -> dict[str, Any]:
    """Return the value of each property; `required` None means all of them."""
    found = {}
    for name, schema in properties.items():
        if schema.get("is_omitted") or schema.get("is_system_provided"):
            continue
        if has_source(schema, "constant_value"):
            found[name] = schema["constant_value"]
        elif schema.get("dynamic_variable"):
            value = variable_value(schema["dynamic_variable"], variables)
            found[name] = native(value, schema)
        elif schema.get("type") == "object":
            found[name] = object_value(schema, variables, arguments)
        elif name in arguments:
            found[name] = native(arguments[name], schema)
        elif required is None or name in required:
            found[name] = (schema.get("enum") or [EMPTY.get(schema["type"], [])])[0]
    return found


def object_value(
    schema: dict[str, Any], variables: dict[str, Any], arguments: dict[str, Any]
) -> Any:
    if schema.get("constant_value"):
        return schema["constant_value"]
    if schema.get("dynamic_variable"):
        return variable_value(schema["dynamic_variable"], variables)
    properties, required = schema.get("properties") or {}, schema.get("required") or []
    return values(properties, required, variables, arguments)


def native(value: Any, schema: dict[str, Any]) -> Any:
    """Return the value as the type that the schema gives: variables are often strings."""
    wanted = NATIVE.get(schema.get("type", ""))
    if wanted is None or isinstance(value, wanted):
        return value
    if wanted is str:
        return (
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        )
    try:
        return wanted(value)
    except (TypeError, ValueError) as error:
        raise Unresolved(f"{value!r} is no {schema['type']}") from error


async def execute(
    session: aiohttp.ClientSession, config: dict[str, Any], request: ToolRequest
) -> ToolResult:
    """Make the request as the tool is configured; never raises for what the portal does."""
    timeout = aiohttp.ClientTimeout(total=config["response_timeout_secs"])
    try:
        async with session.request(
            request.method,
            request.url,
            params=request.query_params,
            headers=request.headers,
            data=None if request.body is None else request.body.encode(),
            timeout=timeout,
            allow_redirects=bool(config["follow_redirects"]),
        ) as answer:
            text = (await answer.read()).decode(errors="replace")
            return result_of(config, answer.status, text)
    except TimeoutError:
        return failure("timeout", "The tool did not answer in time")
    except aiohttp.ClientError as error:
        return failure("connection_error", str(error))


def failure(error_type: str, message: str) -> ToolResult:
    return ToolResult(True, FAILED, error_type=error_type, raw_error=message)


def result_of(config: dict[str, Any], status: int, text: str) -> ToolResult:
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    if 200 <= status < 300:
        seen = filtered(data, config["api_schema"].get("response_filter"))
        return ToolResult(False, text, status, data, seen)
    message = f"HTTP error {status}: {text}"
    # By default the model is not told what went wrong.
    told = config["tool_error_handling_mode"] in ("passthrough", "summarized")
    return ToolResult(
        True,
        message if told else FAILED,
        status,
        data,
        data if told else None,
        "http_error",
        message,
    )


def filtered(data: Any, response_filter: dict[str, Any] | None) -> Any:
    mode = (response_filter or {}).get("mode", "all")
    if mode == "hide_all":
        return None
    if mode == "allow" and isinstance(data, dict):
        allowed = {path.split(".")[0] for path in (response_filter or {})["filters"]}
        return {key: value for key, value in data.items() if key in allowed}
    return data


def assign(
    config: dict[str, Any],
    result: ToolResult,
    variables: dict[str, Any],
    request_id: str,
    now: float,
) -> None:
    """Store what the tool's assignments take from its answer; a missing path changes nothing."""
    if result.is_error:
        return
    for assignment in config["assignments"] or []:
        value = value_at(result.data, assignment["value_path"])
        if value is None:
            continue
        if isinstance(value, list | dict) and not assignment["preserve_native_type"]:
            value = json.dumps(value, ensure_ascii=False)
        name = assignment["dynamic_variable"]
        old, variables[name] = variables.get(name), value
        hidden = assignment["sanitize"]
        result.updates.append(
            {
                "variable_name": name,
                "old_value": None if old is None else str(old),
                "new_value": HIDDEN if hidden else str(value),
                "updated_at": now,
                "tool_name": config["name"],
                "tool_request_id": request_id,
            }
        )


def value_at(data: Any, path: str) -> Any:
    """Follow a path such as "next.questionId" or "users.0.email"; None where it ends early."""
    for part in path.split("."):
        if isinstance(data, dict):
            data = data.get(part)
        elif (
            isinstance(data, list)
            and re.fullmatch(r"\d+", part)
            and int(part) < len(data)
        ):
            data = data[int(part)]
        else:
            return None
    return data

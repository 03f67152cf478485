"""OpenAPI: the schema published at /api/schema, made from the contract's types."""

from typing import Any

import msgspec
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from interviews.api import messages

MESSAGES: list[type[msgspec.Struct]] = [
    messages.NextQuestion,
    messages.AnswerRequest,
    messages.AnswerSaved,
    messages.EndRequest,
    messages.Ended,
    messages.TakeRequest,
    messages.TakeReady,
    messages.PieceStored,
    messages.TakeRefusal,
    messages.Refusal,
    messages.Problem,
]
COMPONENT = "#/components/schemas/{name}"


def reference(message_type: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": COMPONENT.format(name=message_type.__name__)}


def answers(message_type: type[msgspec.Struct], description: str) -> OpenApiResponse:
    return OpenApiResponse(reference(message_type), description=description)


def request_body(message_type: type[msgspec.Struct]) -> dict[str, Any]:
    return {"application/json": reference(message_type)}


PROBLEMS = {
    400: answers(messages.Problem, "A field is wrong; nothing was stored."),
    401: answers(messages.Problem, "The credentials are missing or wrong."),
    403: answers(messages.Problem, "A browser's request without its CSRF token."),
    404: answers(messages.Problem, "No such session, or another caller's."),
    409: answers(messages.Refusal, "The interview does not allow it now."),
    413: answers(messages.Problem, "The body is over 64 KiB."),
    429: answers(
        messages.Problem,
        "Wrong credentials, and too many of them from this address: repeat the call "
        "with right ones after Retry-After seconds.",
    ),
    503: answers(messages.Problem, "Repeat the call after Retry-After seconds."),
}
# A call that only reads has no body to be wrong, and needs no CSRF token.
READ_PROBLEMS = {status: PROBLEMS[status] for status in (401, 404, 409, 429, 503)}
HEADERS = [
    OpenApiParameter(
        "X-Conversation-Id",
        location=OpenApiParameter.HEADER,
        description="The call the agent is in; a call that was replaced gets 404.",
    )
]


class AgentScheme(OpenApiAuthenticationExtension):
    """The agent key and the session token, both in every call."""

    target_class = "interviews.api.authentication.AgentAuthentication"
    name = ["agentKey", "sessionToken"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "bearer"},
            {"type": "apiKey", "in": "header", "name": "X-Session-Token"},
        ]


class CandidateScheme(OpenApiAuthenticationExtension):
    """The session token in the cookie of the candidate's browser."""

    target_class = "interviews.api.authentication.CandidateAuthentication"
    name = "candidateCookie"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "interview-{session id, hexadecimal}",
        }


def add_messages(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Add the contract's types to the schema (a drf-spectacular hook)."""
    return with_types(result, MESSAGES)


def with_types(
    result: dict[str, Any], types: list[type[msgspec.Struct]]
) -> dict[str, Any]:
    _, components = msgspec.json.schema_components(types, ref_template=COMPONENT)
    schemas = result["components"].setdefault("schemas", {})
    schemas.update(components)
    for operations in result["paths"].values():
        for operation in operations.values():
            tell_whether_needed(operation.get("requestBody", {}), schemas)
    return result


def tell_whether_needed(body: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Say that a call cannot do without its body, where a field of it must be there."""
    for kind, content in body.get("content", {}).items():
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        if kind != "application/json" or schemas.get(name, {}).get("required"):
            body["required"] = True

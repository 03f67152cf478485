"""REST: signed URLs, and what remains of conversations."""

import operator
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from tests.fake_elevenlabs.record import Conversation, summary
from tests.fake_elevenlabs.rest import (
    FAKE,
    SOCKET_PATH,
    Refused,
    flag,
    found,
    json_answer,
    number,
    page_of,
)
from tests.fake_elevenlabs.schema import Invalid

routes = web.RouteTableDef()

CONVERSATIONS = "/v1/convai/conversations"
CHUNK = 16 * 1024
OPERATORS = {
    "eq": operator.eq,
    "neq": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


@routes.get(SOCKET_PATH + "/get-signed-url")
async def signed_url(request: web.Request) -> web.Response:
    """Sign a call's start. The id comes where this fake is told: it is not documented."""
    fake = request.app[FAKE]
    if "agent_id" not in request.query:
        raise Invalid(("query", "agent_id"), "missing", "Field required")
    agent_id = found(fake.agents, request.query["agent_id"], "agent")["agent_id"]
    signature, conversation_id = f"cvtkn_{token_hex(16)}", None
    query = {"agent_id": agent_id, "conversation_signature": signature}
    answer = {}
    if flag(request, "include_conversation_id"):
        conversation_id = f"conv_{token_hex(14)}"
        if fake.conversation_id_in == "query":
            query["conversation_id"] = conversation_id
        if fake.conversation_id_in == "field":
            answer["conversation_id"] = conversation_id
    fake.sign_call(signature, agent_id, conversation_id)
    host = fake.url.replace("http://", "ws://")
    answer["signed_url"] = f"{host}{SOCKET_PATH}?{urlencode(query)}"
    return json_answer(answer)


@routes.get(CONVERSATIONS)
async def list_conversations(request: web.Request) -> web.Response:
    fake, query = request.app[FAKE], request.query
    after = number(request, "call_start_after_unix", 0)
    before = number(request, "call_start_before_unix", 2**60)
    filters = query.getall("dynamic_variable_params", [])
    filters += query.getall("dynamic_variable_filter", [])
    matching = [
        conversation
        for conversation in fake.conversations.values()
        if query.get("agent_id", conversation.agent_id) == conversation.agent_id
        and after <= conversation.start <= before
        and all(passes(conversation, condition) for condition in filters)
        and fake.shown_status(conversation) not in query.getall("exclude_statuses", [])
    ]
    matching.sort(key=lambda conversation: conversation.start, reverse=True)
    page, cursor = page_of(matching, request)
    shown = [summary(each, fake.shown_status(each)) for each in page]
    return json_answer(
        {"conversations": shown, "next_cursor": cursor, "has_more": cursor is not None}
    )


def passes(conversation: Conversation, condition: str) -> bool:
    """Apply a filter such as "session_id:eq:5" or "city:in:Riga,Oslo"."""
    try:
        name, word, value = condition.split(":", 2)
        compare = OPERATORS.get(word) if word != "in" else None
    except ValueError as error:
        where = ("query", "dynamic_variable_filter")
        raise Invalid(where, "value_error", "Expected name:op:value") from error
    if name not in conversation.dynamic_variables:
        return False
    actual: Any = conversation.dynamic_variables[name]
    if word == "in":
        return str(actual) in value.split(",")
    if compare is None:
        where = ("query", "dynamic_variable_filter")
        raise Invalid(where, "value_error", f"Unknown operator {word}")
    return compare(*comparable(actual, value))


def comparable(actual: Any, value: str) -> tuple[Any, Any]:
    try:
        return float(actual), float(value)
    except (TypeError, ValueError):
        return str(actual), value


@routes.get(CONVERSATIONS + "/{conversation_id}")
async def get_conversation(request: web.Request) -> web.Response:
    fake, conversation = request.app[FAKE], the_conversation(request)
    return json_answer(fake.conversation_payload(conversation.id))


@routes.delete(CONVERSATIONS + "/{conversation_id}")
async def delete_conversation(request: web.Request) -> web.Response:
    del request.app[FAKE].conversations[the_conversation(request).id]
    return json_answer({})


@routes.get(CONVERSATIONS + "/{conversation_id}/audio")
async def get_audio(request: web.Request) -> web.StreamResponse:
    fake, conversation = request.app[FAKE], the_conversation(request)
    if not fake.has_audio(conversation):
        message = f"Conversation {conversation.id} does not have audio."
        raise Refused(404, "missing_conversation_audio", message)
    response = web.StreamResponse(headers={"Content-Type": "audio/mpeg"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    for start in range(0, len(conversation.audio), CHUNK):
        await response.write(conversation.audio[start : start + CHUNK])
    await response.write_eof()
    return response


def the_conversation(request: web.Request) -> Conversation:
    fake = request.app[FAKE]
    everything = {} if fake.faults.conversation_404 else fake.conversations
    return found(everything, request.match_info["conversation_id"], "conversation")

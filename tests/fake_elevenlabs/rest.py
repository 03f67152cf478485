"""What all REST endpoints share: the key, the vendor's errors, pages, the record of calls."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fake_elevenlabs.schema import Invalid

if TYPE_CHECKING:
    from tests.fake_elevenlabs.server import FakeElevenLabs

FAKE: web.AppKey["FakeElevenLabs"] = web.AppKey("fake")
# A browser asks for these without the account's key.
PUBLIC_ENDINGS = ("/widget",)
SOCKET_PATH = "/v1/convai/conversation"
DEFAULT_PAGE_SIZE = 30
MAX_PAGE_SIZE = 100
ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refused(Exception):
    """The vendor's answer to a request that it cannot take."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status = status
        self.detail = {"status": code, "message": message}


@web.middleware
async def vendor_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as refusal:
        return json_answer({"detail": refusal.detail}, status=refusal.status)
    except Invalid as error:
        return json_answer({"detail": error.detail}, status=422)
    except web.HTTPException as error:
        return json_answer({"detail": error.reason}, status=error.status)


@web.middleware
async def account_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Note each REST call, let the faults of the day at it, then ask for the key."""
    if request.path == SOCKET_PATH:
        return await handler(request)
    fake = request.app[FAKE]
    fake.requests.append((request.method, request.path))
    if fake.faults.slow_rest:
        await asyncio.sleep(fake.faults.slow_rest)
    if fake.faults.outage:
        return web.Response(
            status=HTTPStatus.SERVICE_UNAVAILABLE, text="no healthy upstream"
        )
    if fake.faults.refusal:
        raise Refused(*fake.faults.refusal)
    if not request.path.endswith(PUBLIC_ENDINGS):
        check_key(request, fake.api_key)
    return await handler(request)


def check_key(request: web.Request, api_key: str) -> None:
    given = request.headers.get("xi-api-key")
    if not given:
        raise Refused(
            401,
            "needs_authorization",
            "Neither authorization header nor xi-api-key received, please provide one.",
        )
    if given != api_key:
        raise Refused(401, "invalid_api_key", "Invalid API key")


def json_answer(content: Any, status: int = 200, **options: Any) -> web.Response:
    text = json.dumps(content, ensure_ascii=False)
    return web.json_response(text=text, status=status, **options)


async def json_body(request: web.Request) -> Any:
    try:
        return await request.json()
    except ValueError as error:
        raise Invalid(("body",), "json_invalid", "JSON decode error") from error


def page_of(items: list[Any], request: web.Request) -> tuple[list[Any], str | None]:
    """Return the page that the request asks for, and the next one's cursor or None."""
    size = number(request, "page_size", DEFAULT_PAGE_SIZE)
    if not 1 <= size <= MAX_PAGE_SIZE:
        where = ("query", "page_size")
        raise Invalid(where, "out_of_range", "Input should be between 1 and 100")
    cursor = request.query.get("cursor", "")
    start = int(cursor.removeprefix("after_")) if cursor.startswith("after_") else 0
    end = start + size
    return items[start:end], f"after_{end}" if end < len(items) else None


def number(request: web.Request, name: str, default: int) -> int:
    try:
        return int(request.query.get(name, default))
    except ValueError as error:
        message = "Input should be a valid integer"
        raise Invalid(("query", name), "int_parsing", message) from error


def flag(request: web.Request, name: str) -> bool:
    return request.query.get(name, "").lower() in ("true", "1")


def found(objects: dict[str, Any], key: str, kind: str) -> Any:
    """Return the object of that id, or refuse as the vendor does."""
    if key not in objects:
        message = f"{kind.capitalize()} with id {key} not found"
        raise Refused(404, f"{kind}_not_found", message)
    return objects[key]

"""A candidate at the other end of a call: what the widget sends, without a browser."""

import asyncio
import base64
import json
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp

from tests.fake_elevenlabs.speech import BYTES_PER_SECOND

# Returned for what the agent said: hang up.
LEAVE = object()
CHUNK_SECONDS = 0.03
SECONDS = 20

Reply = Callable[[str], Any]
T = TypeVar("T")


@dataclass
class HeldCall:
    """What came of a call: every event of the vendor, and how the socket was closed."""

    events: list[dict[str, Any]] = field(default_factory=list)
    code: int | None = None
    reason: str = ""

    @property
    def said(self) -> list[str]:
        """What the agent said, in order."""
        return [
            event["agent_response_event"]["agent_response"]
            for event in self.of("agent_response")
        ]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]


def hold_call(signed_url: str, reply: Reply, **options: Any) -> HeldCall:
    """Hold a whole call and return it; see `join_call`."""
    return run_async(join_call(signed_url, reply, **options))


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run it in a thread of its own: Playwright leaves an event loop in the tests' thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def join_call(
    signed_url: str,
    reply: Reply,
    *,
    variables: dict[str, Any] | None = None,
    language: str | None = "en",
    text_only: bool = False,
    overrides: dict[str, Any] | None = None,
    origin: str | None = None,
) -> HeldCall:
    """Open the signed URL as the widget does, and answer until somebody hangs up.

    `reply` is called with each thing that the agent says. It returns text to type, bytes to
    speak (PCM16, 16 kHz), None to say nothing, or LEAVE.
    """
    held = HeldCall()
    override = {
        "agent": {"prompt": {}, "language": language},
        "tts": {},
        "conversation": {"text_only": text_only},
    }
    start = {
        "type": "conversation_initiation_client_data",
        "conversation_config_override": override | (overrides or {}),
        "dynamic_variables": variables or {},
        "source_info": {"source": "widget", "version": "0.14.8"},
    }
    async with (
        asyncio.timeout(SECONDS),
        aiohttp.ClientSession() as session,
        session.ws_connect(
            f"{signed_url}&source=widget&version=0.14.8",
            protocols=["convai"],
            origin=origin,
        ) as socket,
    ):
        await socket.send_json(start)
        await follow(socket, reply, held)
    return held


async def follow(
    socket: aiohttp.ClientWebSocketResponse, reply: Reply, held: HeldCall
) -> None:
    while True:
        message = await socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            held.code, held.reason = socket.close_code, message.extra or ""
            return
        event = json.loads(message.data)
        held.events.append(event)
        if event["type"] == "ping":
            await socket.send_json(
                {"type": "pong", "event_id": event["ping_event"]["event_id"]}
            )
        elif event["type"] == "agent_response":
            await answer(socket, reply(held.said[-1]))
        elif (event.get("agent_tool_response") or {}).get("tool_name") == "end_call":
            # As the vendor's client does.
            await socket.close()
            held.code = socket.close_code
            return


async def answer(socket: aiohttp.ClientWebSocketResponse, words: Any) -> None:
    if words is LEAVE:
        await socket.close()
    elif isinstance(words, str):
        await socket.send_json({"type": "user_message", "text": words})
    elif isinstance(words, bytes):
        size = round(CHUNK_SECONDS * BYTES_PER_SECOND)
        for start in range(0, len(words), size):
            piece = base64.b64encode(words[start : start + size]).decode()
            await socket.send_json({"user_audio_chunk": piece})

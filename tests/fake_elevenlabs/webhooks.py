"""The post-call webhooks: signed, sent, and tried again."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator
from time import time
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.fake_elevenlabs.record import Conversation

if TYPE_CHECKING:
    from tests.fake_elevenlabs.server import FakeElevenLabs

logger = logging.getLogger(__name__)

TRANSCRIPTION = "post_call_transcription"
AUDIO = "post_call_audio"
EVENTS = {"transcript": TRANSCRIPTION, "audio": AUDIO}
RETRIED = {408, 429, *range(500, 600)}
FAILURES_ALLOWED = 10
CHUNK = 16 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=30)


def signature(raw: bytes, secret: str, timestamp: int | None = None) -> str:
    """Return the header ElevenLabs-Signature for a body."""
    moment = int(time()) if timestamp is None else timestamp
    message = f"{moment}.".encode() + raw
    digest = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return f"t={moment},v0={digest}"


def body_of(fake: "FakeElevenLabs", conversation: Conversation, kind: str) -> bytes:
    if kind == TRANSCRIPTION:
        data = fake.conversation_payload(conversation.id)
        if fake.webhook_settings(conversation.agent_id)["exclude_transcript"]:
            data["transcript"] = []
    else:
        data = {
            "agent_id": conversation.agent_id,
            "conversation_id": conversation.id,
            "full_audio": base64.b64encode(conversation.audio).decode(),
        }
    event = {"type": kind, "event_timestamp": int(time()), "data": data}
    return json.dumps(event, ensure_ascii=False).encode()


async def deliver_all(fake: "FakeElevenLabs", conversation: Conversation) -> None:
    """Send what the conversation's agent is subscribed to."""
    settings = fake.webhook_settings(conversation.agent_id)
    webhook = fake.webhooks.get(settings["post_call_webhook_id"])
    if fake.faults.no_webhook or webhook is None:
        return
    kinds = [EVENTS[event] for event in settings["events"] if event in EVENTS]
    if not fake.has_audio(conversation):
        kinds = [kind for kind in kinds if kind != AUDIO]
    kinds.sort(key=lambda kind: (kind == AUDIO) != fake.faults.webhook_audio_first)
    for kind in kinds:
        for _ in range(1 + fake.faults.webhook_duplicates):
            await deliver(fake, conversation, kind, webhook)


async def deliver(
    fake: "FakeElevenLabs",
    conversation: Conversation,
    kind: str,
    webhook: dict[str, Any],
) -> None:
    """Send one event, again and again where the vendor would."""
    retried = kind == TRANSCRIPTION and webhook["retry_enabled"]
    delays = fake.retry_delays if retried else fake.retry_delays[:1]
    for delay in delays:
        await asyncio.sleep(delay)
        if webhook["is_disabled"] or webhook["is_auto_disabled"]:
            return
        status = await send(
            fake,
            conversation,
            kind,
            webhook,
            webhook["webhook_url"],
            chunked=kind == AUDIO,
        )
        note(webhook, status)
        if status not in RETRIED:
            return


def note(webhook: dict[str, Any], status: int) -> None:
    """Count failures: too many without ever a success switch the webhook off."""
    if status == 200:
        webhook |= {"failures": 0, "delivered": True}
        return
    webhook["failures"] += 1
    webhook["most_recent_failure_error_code"] = status
    webhook["most_recent_failure_timestamp"] = int(time())
    if webhook["failures"] >= FAILURES_ALLOWED and not webhook["delivered"]:
        webhook["is_auto_disabled"] = True


async def send(
    fake: "FakeElevenLabs",
    conversation: Conversation,
    kind: str,
    webhook: dict[str, Any],
    url: str,
    *,
    chunked: bool,
) -> int:
    """Sign and post one event; return the status, 503 where nobody answers."""
    raw = body_of(fake, conversation, kind)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "ElevenLabs/1.0",
        **webhook["request_headers"],
        "ElevenLabs-Signature": signature(raw, webhook["webhook_secret"]),
    }
    content = pieces(raw) if chunked else raw
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.post(
                url, data=content, headers=headers, allow_redirects=False
            ) as answer,
        ):
            status = answer.status
    except (aiohttp.ClientError, TimeoutError) as error:
        logger.info("webhook %s: %r", url, error)
        status = 503
    fake.deliveries.append((conversation.id, kind, status))
    return status


async def pieces(raw: bytes) -> AsyncIterator[bytes]:
    """Yield the body bit by bit: then it is sent chunked, without its length."""
    for start in range(0, len(raw), CHUNK):
        yield raw[start : start + CHUNK]

"""What the vendor sends after a call."""

import asyncio
import base64
import hashlib
import hmac
import json

import pytest

from tests.fake_elevenlabs.candidate import run_async
from tests.fake_elevenlabs.portal import call, provision, the_conversation


def test_webhooks_follow_a_call_signed_and_the_audio_chunked(fake, sdk, portal):
    call(fake, sdk, portal)

    (headers, raw), (audio_headers, audio_raw) = portal.webhooks
    stamp, signature = (
        part.partition("=")[2] for part in headers["ElevenLabs-Signature"].split(",")
    )
    [webhook] = fake.webhooks.values()
    secret, conversation = webhook["webhook_secret"], the_conversation(fake)
    by_hand = hmac.new(
        secret.encode(), f"{stamp}.".encode() + raw, hashlib.sha256
    ).hexdigest()
    event = sdk.webhooks.construct_event(
        raw.decode(), headers["ElevenLabs-Signature"], secret
    )
    assert signature == by_hand
    assert event["type"] == "post_call_transcription"
    assert event["data"] == fake.conversation_payload(conversation.id)
    assert "Content-Length" in headers
    assert audio_headers["Transfer-Encoding"] == "chunked"
    audio = json.loads(audio_raw)
    assert audio["type"] == "post_call_audio"
    assert sorted(audio["data"]) == ["agent_id", "conversation_id", "full_audio"]
    assert base64.b64decode(audio["data"]["full_audio"]) == conversation.audio
    assert [status for *_, status in fake.deliveries] == [200, 200]


def test_webhook_can_be_sent_by_hand_to_anywhere(fake, sdk, portal):
    fake.add_conversation("conv_1")

    async def send():
        async with portal.running():
            provision(sdk, portal)
            first = await asyncio.to_thread(fake.post_webhook, "conv_1")
            portal.webhook_statuses = [401]
            options = {
                "kind": "post_call_audio",
                "url": f"{portal.url}/hook",
                "chunked": True,
            }
            return first, await asyncio.to_thread(
                fake.post_webhook, "conv_1", **options
            )

    statuses = run_async(send())

    assert statuses == (200, 401)
    assert [event["type"] for event in portal.events()] == [
        "post_call_transcription",
        "post_call_audio",
    ]
    assert fake.sign(b"x", timestamp=5, secret="s") == (
        "t=5,v0=" + hmac.new(b"s", b"5.x", hashlib.sha256).hexdigest()
    )


@pytest.mark.parametrize(
    ("statuses", "sent"),
    [([500, 429, 408], [500, 429, 408, 200]), ([400], [400]), ([500] * 9, [500] * 5)],
)
def test_transcript_is_sent_again_where_it_may_help(fake, sdk, portal, statuses, sent):
    portal.webhook_statuses = list(statuses)
    events = {"workspace_overrides": {"webhooks": {"events": ["transcript"]}}}

    call(fake, sdk, portal, setup={"settings": events})

    [webhook] = sdk.webhooks.list().webhooks
    assert [status for *_, status in fake.deliveries] == sent
    assert webhook.most_recent_failure_error_code == statuses[-1]


def test_webhook_that_never_worked_is_switched_off(fake, sdk, portal):
    portal.webhook_statuses = [500] * 20
    fake.faults.webhook_duplicates = 3

    call(fake, sdk, portal)

    assert len(portal.webhooks) == 10
    assert sdk.webhooks.list().webhooks[0].is_auto_disabled is True

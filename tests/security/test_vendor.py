"""A voice service that somebody has broken into sends more than it should."""

import httpx
import pytest

from tests.factories import CallFactory, ConversationFactory
from voice import pull, recordings
from voice.models import CallStatus
from voice.vendor import VendorError
from voice.workspaces import default

pytestmark = pytest.mark.django_db


def endless(request):
    return httpx.Response(200, content=(b"x" * 1000 for _ in range(1000)))


def test_endless_record_is_left(monkeypatch):
    monkeypatch.setattr(pull, "MAX_BYTES", 50_000)
    with (
        httpx.Client(
            transport=httpx.MockTransport(endless), base_url="https://x"
        ) as client,
        pytest.raises(VendorError, match="too large"),
    ):
        pull.bounded(client, "/record")


def test_endless_recording_is_left(monkeypatch, settings):
    settings.ELEVENLABS_API_KEY = "key"
    monkeypatch.setattr(recordings, "MAX_BYTES", 50_000)
    call = CallFactory(
        conversation=ConversationFactory(id="conv_1"),
        status=CallStatus.DONE,
        has_audio=True,
    )
    audio = recordings.client(default()).conversational_ai.conversations.audio
    pieces = (b"x" * 1000 for _ in range(1000))
    monkeypatch.setattr(type(audio), "get", lambda *args, **options: pieces)

    with pytest.raises(VendorError, match="too large"):
        recordings.download(call)

    call.refresh_from_db()
    assert call.recording.name == ""
    assert len(list(pieces)) > 900  # nobody has read on

"""The stand-in for ElevenLabs, and what candidates and the service itself ask of the portal."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from bench.harness.database import variables
from core.environment import BASE_DIR
from faults.world import Interview
from tests.fake_elevenlabs import FakeElevenLabs
from tests.voice.deliveries import report, signed

KEY = "key-of-the-account"
CSRF_TOKEN = "c" * 32
# Longer than the portal may take by its own time-outs.
PATIENCE_SECONDS = 30


class Answered(NamedTuple):
    """The status of a call, what it said of coming again, and how long it took."""

    status: int
    retry_after: str | None
    seconds: float


@contextmanager
def voice_service() -> Iterator[tuple[FakeElevenLabs, Mapping[str, str]]]:
    """Run the fake, set up by `voice sync`; gives it, and the portal's variables."""
    fake = FakeElevenLabs(api_key=KEY)
    fake.start()
    own = {
        "ELEVENLABS_API_KEY": KEY,
        "ELEVENLABS_BASE_URL": fake.url,
        "PUBLIC_URL": "https://portal.example",
    }
    try:
        with variables(own):
            # It prints the secret of the webhook, and so it is not shown.
            command = [sys.executable, "manage.py", "voice", "sync"]
            subprocess.run(command, cwd=BASE_DIR, check=True, capture_output=True)
        [webhook] = fake.webhooks.values()
        secret = {"ELEVENLABS_WEBHOOK_SECRET": webhook["webhook_secret"]}
        yield fake, own | secret
    finally:
        fake.stop()


def start_call(url: str, interview: Interview) -> Answered:
    """Ask for a call as the candidate's page does."""
    token = interview.headers["X-Session-Token"]
    cookie = f"interview-{UUID(interview.session).hex}={token}; csrftoken={CSRF_TOKEN}"
    headers = {"Cookie": cookie, "X-CSRFToken": CSRF_TOKEN}
    return post(url, f"/api/interview/{interview.session}/call/start", b"", headers)


def deliver(url: str, number: int, secret: str) -> Answered:
    """Deliver the report of a call, as the service does when it has ended."""
    raw = report(f"conv_{number}")
    headers = {"ElevenLabs-Signature": signed(raw, secret=secret)}
    return post(url, "/webhooks/elevenlabs", raw, headers)


def post(url: str, path: str, body: bytes, headers: dict[str, str]) -> Answered:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_SECONDS)
    began = time.monotonic()
    try:
        kind = {"Content-Type": "application/json"}
        connection.request("POST", path, body, headers | kind)
        response = connection.getresponse()
        response.read()
    finally:
        connection.close()
    seconds = time.monotonic() - began
    return Answered(response.status, response.headers["Retry-After"], seconds)

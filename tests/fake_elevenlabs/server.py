"""The fake vendor: one event loop in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from time import time
from typing import Any, Literal

from aiohttp import web

from tests.fake_elevenlabs import (
    agents,
    call,
    conversations,
    mp3,
    record,
    tools,
    webhooks,
    workspace,
)
from tests.fake_elevenlabs.faults import Faults
from tests.fake_elevenlabs.record import Conversation
from tests.fake_elevenlabs.rest import FAKE, account_only, vendor_errors
from tests.fake_elevenlabs.speech import Ear, PatientEar, QuickEar, Speaker, ToneSpeaker

SIGNATURE_SECONDS = 15 * 60
START_SECONDS = 10
HUMAN_PACE = 0.3
SEND_SECONDS = 60
READING = ("GET", "HEAD", "OPTIONS")


@dataclass
class SignedCall:
    """What a signed URL allows: one call where it names the conversation."""

    agent_id: str
    conversation_id: str | None
    expires: float
    used: bool = False


class FakeElevenLabs:
    """An ElevenLabs account on this machine: REST, calls over WebSocket, webhooks.

    Its objects live in plain dicts that a test may read and change at any time. With
    `voice` the agent speaks aloud and at a human pace, else it is as quick as it can be and
    the seconds of a call are made up. Recordings are silence of the call's length, since
    MP3 cannot be made without an encoder.
    """

    conversation_id_in: Literal["field", "query", "nowhere"]
    retry_delays: tuple[float, ...]
    spoken_answers: Callable[[int], str]

    def __init__(
        self,
        api_key: str,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        voice: bool = False,
        webhook_secret: str = "",
    ) -> None:
        self.api_key = api_key
        # Known beforehand in the demo, which cannot be told it between two starts.
        self.webhook_secret = webhook_secret
        self.host, self.port = host, port
        self.voice = voice
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.live: set[asyncio.Task[Any]] = set()  # the sockets that are open
        self.speaker: Speaker = chosen_speaker(voice=voice)
        self.new_ear: Callable[[], Ear] = PatientEar if voice else QuickEar
        self.reset()

    def reset(self) -> None:
        """Forget everything, and cut off what still runs."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._cut_off)
        self.faults = Faults()
        self.requests: list[tuple[str, str]] = []
        self.deliveries: list[tuple[str, str, int]] = []
        self.agents: dict[str, dict[str, Any]] = {}
        self.tools: dict[str, dict[str, Any]] = {}
        self.secrets: dict[str, dict[str, Any]] = {}
        self.webhooks: dict[str, dict[str, Any]] = {}
        self.conversations: dict[str, Conversation] = {}
        self.signatures: dict[str, SignedCall] = {}
        self.dropped: set[tuple[str, Any]] = set()
        self.max_calls: int | None = None
        self.conversation_id_in = "field"
        self.pace = HUMAN_PACE if self.voice else 0.0
        # After its first message a real agent waits for a reply. Tests are spared that.
        self.awaits_readiness = self.voice
        self.processing_seconds = 0.0
        self.retry_delays = (0.0, 0.02, 0.04, 0.08, 0.16)
        self.spoken_answers = "Spoken answer {}.".format

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [call for call in self.requests if call[0] not in READING]

    def start(self) -> None:
        listener = socket.create_server((self.host, self.port))
        self.port = listener.getsockname()[1]
        started = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listener, started)),
            name="fake-elevenlabs",
            daemon=True,
        )
        self._thread.start()
        started.wait(START_SECONDS)

    def stop(self) -> None:
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = self._loop = None

    async def _serve(self, listener: socket.socket, started: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        runner = web.AppRunner(self.app(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        started.set()
        await self._stopping.wait()
        self._cut_off()
        await asyncio.gather(*self.tasks, *self.live, return_exceptions=True)
        await runner.cleanup()

    def _cut_off(self) -> None:
        for task in (*self.tasks, *self.live):
            task.cancel()

    def app(self) -> web.Application:
        app = web.Application(middlewares=[vendor_errors, account_only])
        app[FAKE] = self
        for module in (workspace, tools, agents, conversations, call):
            app.add_routes(module.routes)
        return app

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside everything else; the loop alone would forget the task."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def sign_call(
        self, signature: str, agent_id: str, conversation_id: str | None
    ) -> None:
        expires = time() + SIGNATURE_SECONDS
        self.signatures[signature] = SignedCall(agent_id, conversation_id, expires)

    def conversation_payload(self, conversation_id: str) -> dict[str, Any]:
        conversation = self.conversations[conversation_id]
        return record.payload(
            conversation,
            status=self.shown_status(conversation),
            has_audio=self.has_audio(conversation),
        )

    def shown_status(self, conversation: Conversation) -> str:
        finished = conversation.status == "done"
        return (
            "processing"
            if finished and self.faults.processing_forever
            else conversation.status
        )

    def has_audio(self, conversation: Conversation) -> bool:
        return bool(conversation.audio) and not self.faults.no_audio

    def add_conversation(
        self,
        conversation_id: str,
        *,
        agent_id: str = "agent_1",
        transcript: list[dict[str, Any]] | None = None,
        dynamic_variables: dict[str, Any] | None = None,
        audio: bytes | None = None,
        status: str = "done",
        **metadata: Any,
    ) -> Conversation:
        """Put a finished conversation there; `metadata` as the vendor names it."""
        conversation = record.finished_by_hand(
            conversation_id,
            agent_id,
            transcript or [],
            metadata,
            dynamic_variables=dynamic_variables or {},
            status=status,
        )
        conversation.audio = (
            mp3.silence(conversation.seconds) if audio is None else audio
        )
        self.conversations[conversation_id] = conversation
        return conversation

    def webhook_settings(self, agent_id: str) -> dict[str, Any]:
        agent = self.agents.get(agent_id)
        if agent is None:
            return {
                "post_call_webhook_id": None,
                "events": [],
                "exclude_transcript": False,
            }
        return agent["platform_settings"]["workspace_overrides"]["webhooks"]

    def sign(
        self, raw: bytes, timestamp: int | None = None, secret: str | None = None
    ) -> str:
        """Return the signature header, by default with the newest webhook's secret."""
        if secret is None:
            secret = list(self.webhooks.values())[-1]["webhook_secret"]
        return webhooks.signature(raw, secret, timestamp)

    def post_webhook(
        self,
        conversation_id: str,
        kind: str = webhooks.TRANSCRIPTION,
        url: str | None = None,
        *,
        chunked: bool = False,
    ) -> int:
        """Sign and send now, whatever the subscription; return the receiver's status.

        The webhook is the agent's, else the newest. Not from the fake's own thread.
        """
        conversation = self.conversations[conversation_id]
        webhook_id = self.webhook_settings(conversation.agent_id)[
            "post_call_webhook_id"
        ]
        webhook = self.webhooks.get(webhook_id) or list(self.webhooks.values())[-1]
        sending = webhooks.send(
            self,
            conversation,
            kind,
            webhook,
            url or webhook["webhook_url"],
            chunked=chunked,
        )
        assert self._loop is not None, "start() comes first"
        return asyncio.run_coroutine_threadsafe(sending, self._loop).result(
            SEND_SECONDS
        )


def chosen_speaker(*, voice: bool) -> Speaker:
    if not voice:
        return ToneSpeaker()
    # Loaded only where somebody listens.
    from tests.fake_elevenlabs.espeak import EspeakSpeaker

    return EspeakSpeaker()

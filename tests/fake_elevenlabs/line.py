"""The line between an agent and a page: says and hears, and writes the transcript."""

import asyncio
import base64
import json
from collections.abc import Callable
from time import time
from typing import Any

from aiohttp import web

from tests.fake_elevenlabs.phrases import PHRASES
from tests.fake_elevenlabs.record import Conversation
from tests.fake_elevenlabs.speech import BYTES_PER_SECOND, Ear, Speaker

# The made-up clock of a quick call: people speak about so many letters a second.
LETTERS_PER_SECOND = 14
THINKING_SECONDS = 2
TOOL_SECONDS = 0.4
CHUNK = 8000
PING_SECONDS = 2
FOREVER = 24 * 60 * 60
# Sent whatever the agent's client_events say.
ALWAYS = {"conversation_initiation_metadata", "ping", "error"}


class Silence(Exception):
    """Nobody has said anything for longer than the agent waits."""


class Clock:
    """Seconds since the call began: real ones, and those that a quick call makes up."""

    def __init__(self) -> None:
        self.began = time()
        self.made_up = 0.0

    def pass_by(self, seconds: float) -> None:
        self.made_up += seconds

    @property
    def seconds(self) -> float:
        return time() - self.began + self.made_up


class Line:
    """One call's socket, with the agent's mouth and ear at this end."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        conversation: Conversation,
        *,
        config: dict[str, Any],
        language: str,
        text_only: bool,
        speaker: Speaker,
        ear: Ear,
        voice: bool,
        pace: float,
    ) -> None:
        self.socket, self.conversation = socket, conversation
        self.events = ALWAYS | set(config["conversation"]["client_events"])
        self.turn = config["turn"]
        self.language, self.text_only = language, text_only
        self.speaker, self.ear = speaker, ear
        self.voice, self.pace = voice, pace
        self.clock = Clock()
        self.event_id = 0
        self.listening = False
        self.last_sign = time()
        self.speech_began: float | None = None
        self.replies: asyncio.Queue[str | float] = asyncio.Queue()

    async def send(self, kind: str, key: str, **content: Any) -> None:
        """Send one event, if the agent is configured to."""
        if kind in self.events:
            await self.socket.send_str(json.dumps({"type": kind, key: content}))

    async def send_start(self) -> None:
        await self.send(
            "conversation_initiation_metadata",
            "conversation_initiation_metadata_event",
            conversation_id=self.conversation.id,
            agent_output_audio_format="pcm_16000",
            user_input_audio_format="pcm_16000",
        )

    async def ping(self) -> None:
        while True:
            self.event_id += 1
            await self.send("ping", "ping_event", event_id=self.event_id, ping_ms=20)
            await asyncio.sleep(PING_SECONDS)

    async def say(self, text: str) -> None:
        """Say something, and wait for the end of it if a person listens."""
        # What was typed before is no reply to this.
        while not self.replies.empty():
            self.replies.get_nowait()
        self.event_id += 1
        event_id, began = self.event_id, self.clock.seconds
        self.conversation.add_turn(
            "agent", began, message=text, source_event_id=event_id
        )
        await self.send(
            "agent_response",
            "agent_response_event",
            agent_response=text,
            event_id=event_id,
        )
        spoken = 0.0 if self.text_only else await self.utter(text, event_id)
        if self.voice:
            await asyncio.sleep(spoken)
        else:
            self.clock.pass_by(len(text) / LETTERS_PER_SECOND)
        await asyncio.sleep(self.pace)
        self.last_sign = time()

    async def utter(self, text: str, event_id: int) -> float:
        pcm = await self.speaker.audio(text, self.language)
        for start in range(0, len(pcm), CHUNK):
            piece = base64.b64encode(pcm[start : start + CHUNK]).decode()
            await self.send(
                "audio", "audio_event", audio_base_64=piece, event_id=event_id
            )
        return len(pcm) / BYTES_PER_SECOND

    async def listen(self, spoken_answer: Callable[[float], str]) -> str:
        """Return the candidate's next words; `spoken_answer(seconds)` puts speech in words."""
        if not self.voice:
            self.clock.pass_by(THINKING_SECONDS)
        self.prick_up()
        try:
            reply = await self.reply()
        finally:
            self.listening = False
        if isinstance(reply, str):
            return self.write_down(reply, self.clock.seconds, "text")
        words = spoken_answer(reply)
        self.event_id += 1
        event = {"user_transcript": words, "event_id": self.event_id}
        await self.send("user_transcript", "user_transcription_event", **event)
        return self.write_down(words, self.speech_began or self.clock.seconds, "audio")

    def prick_up(self) -> None:
        self.ear.listen()
        self.speech_began = None
        self.listening = True

    def write_down(self, words: str, began: float, medium: str) -> str:
        self.conversation.add_turn("user", began, message=words, source_medium=medium)
        if not self.voice:
            self.clock.pass_by(len(words) / LETTERS_PER_SECOND)
        return words

    async def reply(self) -> str | float:
        """Wait for typed words or seconds of speech; ask again after each turn timeout."""
        patience, limit = (
            self.turn["turn_timeout"],
            self.turn["silence_end_call_timeout"],
        )
        began = time()
        while True:
            wait = patience - (time() - self.last_sign)
            try:
                async with asyncio.timeout(max(wait, 0.01)):
                    return await self.replies.get()
            except TimeoutError:
                if time() - self.last_sign < patience:
                    continue
            if 0 < limit <= time() - began:
                raise Silence
            self.listening = False
            await self.say(PHRASES[self.language]["still_there"])
            self.prick_up()

    async def idle(self) -> None:
        """Wait until the page hangs up, or for as long as the agent bears silence."""
        limit = self.turn["silence_end_call_timeout"]
        await asyncio.sleep(limit if limit > 0 else FOREVER)
        raise Silence

    def receive(self, message: dict[str, Any]) -> None:
        """Take in a message of the page; those that an interview does not need are ignored."""
        if "user_audio_chunk" in message:
            self.hear(base64.b64decode(message["user_audio_chunk"]))
        elif message.get("type") == "user_message":
            self.last_sign = time()
            self.replies.put_nowait(message["text"])
        elif message.get("type") == "user_activity":
            self.last_sign = time()
        elif message.get("type") == "feedback":
            self.note_feedback(message)

    def hear(self, pcm: bytes) -> None:
        if not self.listening:
            return
        seconds = self.ear.hear(pcm)
        # A test's own ear may do without.
        busy = getattr(self.ear, "busy", False)
        if busy:
            self.speech_began = self.speech_began or self.clock.seconds
        elif seconds is None:
            self.speech_began = None
        if busy or seconds is not None:
            self.last_sign = time()
        if seconds is not None:
            self.replies.put_nowait(seconds)

    def note_feedback(self, message: dict[str, Any]) -> None:
        likes, dislikes = (message.get("score") == word for word in ("like", "dislike"))
        feedback = {"type": "thumbs", "overall_score": message.get("score")}
        counts = {"likes": int(likes), "dislikes": int(dislikes)}
        self.conversation.metadata["feedback"] = feedback | counts

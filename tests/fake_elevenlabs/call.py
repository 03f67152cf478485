"""The WebSocket of a call, from its first message to the conversation that remains."""

import asyncio
import json
import logging
from time import time
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import WSMsgType, web

from tests.fake_elevenlabs import mp3, webhooks
from tests.fake_elevenlabs.admission import Admitted, Refusal, Setting, admit, settle
from tests.fake_elevenlabs.interview import Broken, Interview
from tests.fake_elevenlabs.line import Line, Silence
from tests.fake_elevenlabs.record import Conversation
from tests.fake_elevenlabs.rest import FAKE, SOCKET_PATH
from tests.fake_elevenlabs.toolbox import Toolbox

if TYPE_CHECKING:
    from tests.fake_elevenlabs.server import FakeElevenLabs

logger = logging.getLogger(__name__)
routes = web.RouteTableDef()

START_SECONDS = 5
GOODBYE_SECONDS = 1
SERVER_ERROR = 1011
LONGEST_REASON = 120  # a close frame holds 123 bytes
STARTS = "conversation_initiation_client_data"


@routes.get(SOCKET_PATH)
async def connect(request: web.Request) -> web.StreamResponse:
    fake = request.app[FAKE]
    if fake.faults.outage:
        return web.Response(status=503)
    socket = web.WebSocketResponse(protocols=["convai"], timeout=GOODBYE_SECONDS)
    await socket.prepare(request)
    task = asyncio.current_task()
    assert task is not None
    fake.live.add(task)
    try:
        await serve(fake, socket, request)
    finally:
        fake.live.discard(task)
    return socket


async def serve(
    fake: "FakeElevenLabs", socket: web.WebSocketResponse, request: web.Request
) -> None:
    conversation = None
    try:
        admitted = admit(fake, request)
        start = await first_message(socket)
        conversation = register(fake, admitted, start)
        setting = settle(fake, admitted.agent, start)
    except Refusal as refusal:
        if conversation:
            conversation.status = "failed"
            conversation.metadata["error"] = {
                "code": refusal.code,
                "reason": refusal.reason,
            }
        await socket.close(
            code=refusal.code, message=refusal.reason.encode()[:LONGEST_REASON]
        )
        return
    await Call(fake, socket, admitted.agent, setting, conversation).run()


async def first_message(socket: web.WebSocketResponse) -> dict[str, Any]:
    """Return how the page begins; a page may also just begin to talk."""
    try:
        message = await socket.receive(timeout=START_SECONDS)
    except TimeoutError:
        return {}
    start = json.loads(message.data) if message.type is WSMsgType.TEXT else {}
    return start if start.get("type") == STARTS else {}


def register(
    fake: "FakeElevenLabs", admitted: Admitted, start: dict[str, Any]
) -> Conversation:
    """Enter the conversation among the account's."""
    variables = start.get("dynamic_variables") or {}
    conversation = Conversation(
        admitted.conversation_id,
        admitted.agent["agent_id"],
        status="in-progress",
        metadata={
            "start_time_unix_secs": int(time()),
            "call_duration_secs": 0,
            "authorization_method": admitted.method,
        },
        dynamic_variables=dict(variables),
        overrides=start.get("conversation_config_override") or {},
        user_id=start.get("user_id"),
        agent_name=admitted.agent["name"],
        source=start.get("source_info") or {},
    )
    fake.conversations[conversation.id] = conversation
    return conversation


class Call:
    """A call that was let in."""

    def __init__(
        self,
        fake: "FakeElevenLabs",
        socket: web.WebSocketResponse,
        agent: dict[str, Any],
        setting: Setting,
        conversation: Conversation,
    ) -> None:
        self.fake, self.socket, self.agent = fake, socket, agent
        self.setting, self.conversation = setting, conversation
        self.config = agent["conversation_config"]
        self.line = Line(
            socket,
            conversation,
            config=self.config,
            language=setting.language,
            text_only=setting.text_only,
            speaker=fake.speaker,
            ear=fake.new_ear(),
            voice=fake.voice,
            pace=fake.pace,
        )
        self.variables = dict(conversation.dynamic_variables)

    async def run(self) -> None:
        """Play the agent until somebody hangs up; then make the conversation's record."""
        await self.line.send_start()
        playing = asyncio.create_task(self.play())
        receiving = asyncio.create_task(self.receive())
        pinging = asyncio.create_task(self.line.ping())
        try:
            done, _ = await asyncio.wait(
                (playing, receiving), return_when=asyncio.FIRST_COMPLETED
            )
            for error in filter(None, (task.exception() for task in done)):
                logger.error("The agent stumbled", exc_info=error)
                await self.break_off()
        finally:
            for task in (playing, receiving, pinging):
                task.cancel()
            await asyncio.gather(playing, receiving, pinging, return_exceptions=True)
        self.finish()

    async def receive(self) -> None:
        async for message in self.socket:
            if message.type is WSMsgType.TEXT:
                self.line.receive(json.loads(message.data))
        reason = f"Client disconnected: {self.socket.close_code}"
        self.conversation.metadata.setdefault("termination_reason", reason)

    async def play(self) -> None:
        """Hold the interview, and close the socket the way it ended."""
        try:
            async with asyncio.timeout(
                self.config["conversation"]["max_duration_seconds"]
            ):
                await self.hold()
        except Broken:
            await self.break_off()
        except Silence:
            note = "Call ended after a long silence."
            self.conversation.metadata["termination_reason"] = note
        except TimeoutError:
            await self.say_time_is_up()
        except ConnectionError as error:
            logger.info("The page has gone: %r", error)
        await self.socket.close()

    async def hold(self) -> None:
        setting, built_in = (
            self.setting,
            self.config["agent"]["prompt"]["built_in_tools"],
        )
        async with aiohttp.ClientSession() as session:
            tools = Toolbox(
                self.line, setting.tools, session, self.variables, self.fake.secrets
            )
            can_end = bool(built_in["end_call"])
            await Interview(
                self.fake, self.line, setting, tools, can_end=can_end
            ).hold()

    async def break_off(self) -> None:
        reason = "Internal server error"
        note = {"code": SERVER_ERROR, "reason": reason}
        self.conversation.metadata |= {"termination_reason": reason, "error": note}
        await self.socket.close(code=SERVER_ERROR, message=reason.encode())

    async def say_time_is_up(self) -> None:
        reason = "Maximum duration exceeded"
        self.conversation.metadata["termination_reason"] = reason
        if self.setting.time_is_up:
            await self.line.say(self.setting.time_is_up)
        event = {"error_type": "max_duration_exceeded", "message": reason}
        await self.line.send("error", "error_event", **event, code=None, reason=reason)

    def finish(self) -> None:
        """Complete the record; its analysis and its webhooks come after the call."""
        conversation, seconds = self.conversation, int(self.line.clock.seconds)
        conversation.metadata |= {
            # A quick call makes time up: it began so much earlier than its socket did.
            "start_time_unix_secs": int(time()) - seconds,
            "call_duration_secs": seconds,
            "main_language": self.setting.language,
            "text_only": self.setting.text_only,
        }
        conversation.dynamic_variables |= self.variables | {
            "system__agent_id": conversation.agent_id,
            "system__conversation_id": conversation.id,
            "system__call_duration_secs": seconds,
        }
        recorded = self.agent["platform_settings"]["privacy"]["record_voice"]
        if recorded and not self.setting.text_only:
            conversation.audio = mp3.silence(seconds)
        conversation.status = "processing"
        self.fake.spawn(self.process())

    async def process(self) -> None:
        await asyncio.sleep(self.fake.processing_seconds)
        self.conversation.status = "done"
        if self.fake.conversations.get(self.conversation.id) is self.conversation:
            await webhooks.deliver_all(self.fake, self.conversation)

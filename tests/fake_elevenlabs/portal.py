"""A portal in small, for the fake's own tests: what it sets up, and what its agent calls."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from elevenlabs import WebhookHmacSettings
from elevenlabs.core import ApiError

from tests.fake_elevenlabs.candidate import join_call, run_async
from tests.fake_elevenlabs.record import FINISHED
from tests.fake_elevenlabs.schema import merge

QUESTIONS = ["Where do you live?", "What do you do?", "Why us?"]
ANSWERS = dict(zip(QUESTIONS, ["In Riga.", "I bake.", "For the bread."], strict=True))
CLOSING = "Thank you, that is all."
SESSION = {
    "session_id": "s-1",
    "candidate_name": "Anna",
    "secret__session_token": "t-1",
}
EVENTS = [
    "conversation_initiation_metadata",
    "audio",
    "user_transcript",
    "agent_response",
    "agent_tool_request",
    "agent_tool_response",
    "ping",
]


def tool(purpose, method="GET", **changes):
    """Return a tool's request as a portal would send it."""
    schema = {
        "url": f"http://127.0.0.1:9/api/interview/{{sessionId}}/{purpose}",
        "method": method,
        "path_params_schema": {"sessionId": variable("session_id")},
        "request_headers": {
            "X-Session-Token": {"variable_name": "secret__session_token"},
            "X-Conversation-Id": {"variable_name": "system__conversation_id"},
        },
    }
    config = {
        "type": "webhook",
        "name": f"interview_{purpose}",
        "description": f"Call {purpose}",
        "tool_error_handling_mode": "passthrough",
        "assignments": [],
        "api_schema": schema | changes.pop("api_schema", {}),
    }
    return {"tool_config": config | changes}


def variable(name, kind="string"):
    return {"type": kind, "dynamic_variable": name}


def body(**properties):
    return {"type": "object", "required": list(properties), "properties": properties}


def current(path):
    return [{"dynamic_variable": "current_question_id", "value_path": path}]


def refusal(call, *arguments, **options):
    """Return the status and the detail with which the vendor refuses a call."""
    with pytest.raises(ApiError) as error:
        call(*arguments, **options)
    return error.value.status_code, error.value.body["detail"]


class Portal:
    """The least that an agent can interview with: three endpoints, and one for webhooks."""

    def __init__(self):
        self.answers = {}
        self.calls = []  # what came: the endpoint, and what is of interest about it
        self.webhooks = []
        self.webhook_statuses = []  # to answer with, then 200
        self.refuse_next = False

    @asynccontextmanager
    async def running(self):
        app = web.Application()
        app.router.add_get("/api/interview/{session}/next", self.next)
        app.router.add_post("/api/interview/{session}/answer", self.answer)
        app.router.add_post("/api/interview/{session}/end", self.end)
        app.router.add_post("/hook", self.hook)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    def step(self):
        for number, question in enumerate(QUESTIONS, start=1):
            if number not in self.answers:
                step = {
                    "done": False,
                    "questionId": number,
                    "text": question,
                    "position": number,
                }
                return step | {"total": len(QUESTIONS)}
        return {
            "done": True,
            "questionId": None,
            "text": CLOSING,
            "position": None,
            "total": 3,
        }

    async def next(self, request):
        self.calls.append(
            ("next", request.match_info["session"], dict(request.headers))
        )
        if self.refuse_next:
            self.refuse_next = False
            refusal = {
                "code": "wrong_question",
                "detail": "Go on.",
                "next": self.step(),
            }
            return web.json_response(refusal, status=409)
        return web.json_response(self.step())

    async def answer(self, request):
        content = await request.json()
        self.calls.append(("answer", request.match_info["session"], content))
        number = content["questionId"]
        if number not in (*self.answers, self.step()["questionId"]):
            return web.json_response(
                {"code": "wrong_question", "next": self.step()}, status=409
            )
        self.answers[number] = content["answerText"]
        return web.json_response(
            {"saved": True, "questionId": number, "next": self.step()}
        )

    async def end(self, request):
        self.calls.append(("end", request.match_info["session"], await request.json()))
        return web.json_response({"finished": True})

    async def hook(self, request):
        raw = await request.read()
        self.webhooks.append((request.headers.copy(), raw))
        return web.Response(
            status=self.webhook_statuses.pop(0) if self.webhook_statuses else 200
        )

    @property
    def handed_in(self):
        return [
            (call[2]["questionId"], call[2]["answerText"])
            for call in self.calls
            if call[0] == "answer"
        ]

    def events(self):
        return [json.loads(raw) for _, raw in self.webhooks]


def provision(sdk, portal, *, config=None, settings=None, changes=None):
    """Set up secret, tools, webhook and agent as a portal does; return the agent's id.

    `config` and `settings` change the agent, `changes` each tool.
    """
    secret = sdk.conversational_ai.secrets.create(name="key", value="Bearer agent-key")
    key = {"Authorization": {"secret_id": secret.secret_id}}
    base = f"{portal.url}/api/interview/{{sessionId}}"

    def made(purpose, method, assignments, schema=None):
        options = {"assignments": assignments} | (changes or {})
        request = tool(purpose, method, **options)
        api_schema = request["tool_config"]["api_schema"]
        api_schema |= {"url": f"{base}/{purpose}"} | (schema or {})
        api_schema["request_headers"] |= key
        return sdk.conversational_ai.tools.create(request=request).id

    words = {"type": "string", "description": "Everything the candidate said"}
    answer = body(
        questionId=variable("current_question_id", "integer"), answerText=words
    )
    reason = body(reason={"type": "string", "description": "Why"})
    tool_ids = [
        made("next", "GET", current("questionId")),
        made(
            "answer",
            "POST",
            current("next.questionId"),
            {"request_body_schema": answer},
        ),
        made("end", "POST", [], {"request_body_schema": reason}),
    ]
    hook = sdk.webhooks.create(
        settings=WebhookHmacSettings(name="Parley", webhook_url=f"{portal.url}/hook")
    )
    sdk.webhooks.update(
        hook.webhook_id, is_disabled=False, name="Parley", retry_enabled=True
    )
    end_call = {
        "type": "system",
        "name": "end_call",
        "params": {"system_tool_type": "end_call"},
    }
    prompt = {
        "prompt": "Interview.",
        "tool_ids": tool_ids,
        "built_in_tools": {"end_call": end_call},
    }
    agent = sdk.conversational_ai.agents.create(
        name="Interviewer",
        conversation_config={
            "agent": {"first_message": "Hello {{candidate_name}}.", "prompt": prompt},
            "conversation": {"client_events": EVENTS},
        },
        platform_settings={
            "auth": {"enable_auth": True},
            "overrides": {
                "conversation_config_override": {"agent": {"language": True}}
            },
            "workspace_overrides": {
                "webhooks": {
                    "post_call_webhook_id": hook.webhook_id,
                    "events": ["transcript", "audio"],
                }
            },
        },
    )
    sdk.conversational_ai.agents.update(
        agent.agent_id,
        conversation_config=config or {},
        platform_settings=settings or {},
    )
    return agent.agent_id


def signed(sdk, agent_id):
    answer = sdk.conversational_ai.conversations.get_signed_url(
        agent_id=agent_id, include_conversation_id=True
    )
    return answer.signed_url, answer.conversation_id


def call(
    fake, sdk, portal, *, reply=None, calls=1, setup=None, by_hand=None, **options
):
    """Hold calls of one session, one after another; return the last, when all is processed.

    `by_hand` changes the agent past the vendor's rules: times shorter than it allows.
    """

    async def hold():
        async with portal.running():
            agent_id = provision(sdk, portal, **(setup or {}))
            agent = fake.agents[agent_id]
            agent |= merge(agent, {"conversation_config": by_hand or {}})
            for _ in range(calls):
                url, _ = signed(sdk, agent_id)
                arguments = {"variables": SESSION} | options
                held = await join_call(url, reply or ANSWERS.get, **arguments)
            await settled(fake)
            return held

    return run_async(hold())


async def settled(fake):
    """Wait until the calls are processed and their webhooks sent."""
    async with asyncio.timeout(5):
        while (
            fake.live
            or fake.tasks
            or not all(each.status in FINISHED for each in fake.conversations.values())
        ):
            await asyncio.sleep(0.005)


def the_conversation(fake):
    [conversation] = fake.conversations.values()
    return conversation


def words_of(conversation):
    return [turn["message"] for turn in conversation.transcript if turn["message"]]

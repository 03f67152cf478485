"""The fake vendor of the other tests: that it refuses and forgets as the real one does."""

import asyncio
import base64
import hashlib
import hmac
import json
import signal
import subprocess
import sys
import time
from array import array
from contextlib import asynccontextmanager

import aiohttp
import httpx
import pytest
from aiohttp import web
from elevenlabs import ElevenLabs, WebhookHmacSettings
from elevenlabs.core import ApiError

from tests.fake_elevenlabs import FakeElevenLabs, Faults
from tests.fake_elevenlabs.candidate import LEAVE, join_call
from tests.fake_elevenlabs.espeak import EspeakSpeaker
from tests.fake_elevenlabs.record import FINISHED
from tests.fake_elevenlabs.speech import BYTES_PER_SECOND, RATE, PatientEar, ToneSpeaker

KEY = "test-key"
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


@pytest.fixture(scope="module")
def running():
    fake = FakeElevenLabs(api_key=KEY)
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def fake(running):
    running.reset()
    return running


@pytest.fixture
def client(fake):
    with httpx.Client() as http:
        yield ElevenLabs(api_key=KEY, base_url=fake.url, httpx_client=http)


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


# REST


def test_secret_is_never_shown_and_stays_while_a_tool_uses_it(fake, client):
    secrets, tools = client.conversational_ai.secrets, client.conversational_ai.tools
    secret = secrets.create(name="agent-key", value="hush")
    header = {
        "api_schema": {
            "request_headers": {"Authorization": {"secret_id": secret.secret_id}}
        }
    }
    used = tools.create(request=tool("next", **header))
    secrets.update(secret.secret_id, name="agent-key", value="hush 2")

    listed = secrets.list().secrets
    status, detail = refusal(secrets.delete, secret.secret_id)
    tools.delete(used.id)
    secrets.delete(secret.secret_id)

    assert [(each.name, each.used_by.tools[0].id) for each in listed] == [
        ("agent-key", used.id)
    ]
    assert "hush" not in listed[0].model_dump_json()
    assert (status, detail["status"]) == (400, "secret_in_use")
    assert fake.secrets == {}


def test_tool_is_given_back_with_everything_the_vendor_fills_in(client):
    tools = client.conversational_ai.tools
    made = tools.create(request=tool("next", assignments=current("questionId")))
    changed = tools.update(made.id, request=tool("next", response_timeout_secs=9))

    config = tools.get(made.id).tool_config
    assert made.tool_config.response_timeout_secs == 20
    assert made.tool_config.assignments[0].sanitize is False
    assert (
        made.tool_config.api_schema.path_params_schema["sessionId"].constant_value == ""
    )
    assert changed.tool_config == config
    assert (config.response_timeout_secs, config.assignments) == (9, [])


def test_lists_come_page_by_page(fake, client):
    tools = client.conversational_ai.tools
    for number in range(5):
        tools.create(request=tool("next", name=f"tool_{number}"))

    first = tools.list(page_size=3)
    second = tools.list(page_size=3, cursor=first.next_cursor)

    names = [[each.tool_config.name for each in page.tools] for page in (first, second)]
    assert names == [["tool_0", "tool_1", "tool_2"], ["tool_3", "tool_4"]]
    assert (first.has_more, second.has_more, second.next_cursor) == (True, False, None)
    assert [each.id for each in tools.list(search="tool_4").tools] == list(fake.tools)[
        4:
    ]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"colour": "red"}, ["tool_config", "colour"]),
        ({"response_timeout_secs": 4}, ["tool_config", "response_timeout_secs"]),
        ({"response_timeout_secs": 301}, ["tool_config", "response_timeout_secs"]),
        ({"name": "with space"}, ["tool_config", "name"]),
        ({"execution_mode": "later"}, ["tool_config", "execution_mode"]),
        (
            {"api_schema": {"path_params_schema": {}}},
            ["tool_config", "api_schema", "path_params_schema"],
        ),
        (
            {"api_schema": {"request_body_schema": body(a={"type": "string"})}},
            ["tool_config", "api_schema", "request_body_schema", "properties", "a"],
        ),
        (
            {
                "api_schema": {
                    "request_body_schema": body(a=variable("x") | {"description": "y"})
                }
            },
            ["tool_config", "api_schema", "request_body_schema", "properties", "a"],
        ),
        (
            {
                "api_schema": {
                    "request_body_schema": body(
                        a={"type": "string", "is_omitted": True}
                    )
                }
            },
            ["tool_config", "api_schema", "request_body_schema", "properties", "a"],
        ),
    ],
)
def test_tool_that_the_vendor_does_not_know_is_refused(fake, client, changes, where):
    status, detail = refusal(
        client.conversational_ai.tools.create, request=tool("next", **changes)
    )

    assert (status, detail[0]["loc"]) == (422, ["body", *where])
    assert fake.tools == {}


def test_tool_with_an_unknown_secret_is_refused(client):
    header = {"api_schema": {"request_headers": {"X-Key": {"secret_id": "secret_0"}}}}

    status, detail = refusal(
        client.conversational_ai.tools.create, request=tool("next", **header)
    )

    assert (status, detail["status"]) == (404, "secret_not_found")


def test_agent_is_given_back_with_defaults_and_changed_field_by_field(fake, client):
    agents = client.conversational_ai.agents
    made = agents.create(name="Interviewer", tags=["parley"], conversation_config={})
    agents.update(
        made.agent_id,
        conversation_config={
            "turn": {"turn_timeout": 20},
            "agent": {"first_message": "Hi"},
        },
    )
    agents.update(
        made.agent_id, platform_settings={"privacy": {"retention_days": 30}}, name="Bo"
    )

    agent = agents.get(made.agent_id)
    config, settings = agent.conversation_config, agent.platform_settings
    assert (agent.name, agent.tags) == ("Bo", ["parley"])
    assert (config.turn.turn_timeout, config.agent.first_message) == (20, "Hi")
    assert (config.conversation.max_duration_seconds, config.agent.language) == (
        600,
        "en",
    )
    assert settings.call_limits.bursting_enabled is True
    assert settings.auth.enable_auth is False
    assert (settings.privacy.retention_days, settings.privacy.record_voice) == (
        30,
        True,
    )
    assert [
        each.agent_id for each in agents.list(search="bo", tags=["parley"]).agents
    ] == [made.agent_id]
    assert agents.list(tags=["other"]).agents == []
    agents.delete(made.agent_id)
    assert fake.agents == {}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        (
            {"conversation_config": {"agent": {"promt": {}}}},
            ["conversation_config", "agent", "promt"],
        ),
        (
            {"conversation_config": {"turn": {"turn_timeout": 31}}},
            ["conversation_config", "turn", "turn_timeout"],
        ),
        (
            {
                "conversation_config": {
                    "agent": {"dynamic_variables": {"session_id": "x"}}
                }
            },
            ["conversation_config", "agent", "dynamic_variables", "session_id"],
        ),
        (
            {"conversation_config": {"conversation": {"client_events": ["pong"]}}},
            ["conversation_config", "conversation", "client_events", 0],
        ),
        (
            {"platform_settings": {"widget": {"action_text": 5}}},
            ["platform_settings", "widget", "action_text"],
        ),
        (
            {"platform_settings": {"auth": {"enable_auth": "yes"}}},
            ["platform_settings", "auth", "enable_auth"],
        ),
    ],
)
def test_agent_that_the_vendor_does_not_know_is_refused(fake, client, changes, where):
    made = client.conversational_ai.agents.create(conversation_config={})
    before = json.dumps(fake.agents)

    status, detail = refusal(
        client.conversational_ai.agents.update, made.agent_id, **changes
    )

    assert (status, detail[0]["loc"]) == (422, ["body", *where])
    assert json.dumps(fake.agents) == before


@pytest.mark.parametrize(
    ("config", "settings", "message"),
    [
        (
            {"agent": {"prompt": {"tool_ids": ["tool_0"]}}},
            {},
            "Document with id tool_0 not found",
        ),
        (
            {"tts": {"model_id": "eleven_flash_v2_5"}},
            {},
            "English Agents must use turbo or flash v2.",
        ),
        (
            {"agent": {"language": "ru"}},
            {},
            "Non-english Agents must use turbo or flash v2_5.",
        ),
        (
            {},
            {"workspace_overrides": {"webhooks": {"post_call_webhook_id": "w"}}},
            "Webhook w not found",
        ),
    ],
)
def test_agent_that_does_not_fit_together_is_refused(
    fake, client, config, settings, message
):
    status, detail = refusal(
        client.conversational_ai.agents.create,
        conversation_config=config,
        platform_settings=settings,
    )

    assert (status // 100, detail["message"]) == (4, message)
    assert fake.agents == {}


def test_tool_in_use_is_deleted_only_by_force(fake, client):
    tools, agents = client.conversational_ai.tools, client.conversational_ai.agents
    used = tools.create(request=tool("next"))
    made = agents.create(
        conversation_config={"agent": {"prompt": {"tool_ids": [used.id]}}}
    )

    status, detail = refusal(tools.delete, used.id)
    dependent = tools.get_dependent_agents(used.id).agents
    tools.delete(used.id, force=True)

    assert (status, detail["status"]) == (400, "tool_in_use")
    assert [each.id for each in dependent] == [made.agent_id]
    assert (
        fake.agents[made.agent_id]["conversation_config"]["agent"]["prompt"]["tool_ids"]
        == []
    )


def test_webhook_shows_its_secret_once(fake, client):
    settings = WebhookHmacSettings(
        name="Parley", webhook_url="https://portal.example/hook"
    )
    made = client.webhooks.create(settings=settings)
    client.webhooks.update(
        made.webhook_id, is_disabled=True, name="Parley 2", retry_enabled=True
    )

    listed = client.webhooks.list(include_usages=True).webhooks[0]

    assert made.webhook_secret == fake.webhooks[made.webhook_id]["webhook_secret"]
    assert made.webhook_secret not in listed.model_dump_json()
    assert (listed.name, listed.is_disabled, listed.is_auto_disabled) == (
        "Parley 2",
        True,
        False,
    )
    assert (listed.auth_type, listed.usage) == ("hmac", [])
    assert client.webhooks.delete(made.webhook_id).status == "ok"
    assert fake.webhooks == {}


def test_signed_url_tells_the_conversation_where_it_was_told_to(fake, client):
    agent = client.conversational_ai.agents.create(conversation_config={})

    def signed(include):
        return client.conversational_ai.conversations.get_signed_url(
            agent_id=agent.agent_id, include_conversation_id=include
        )

    as_field = signed(True)
    fake.conversation_id_in = "query"
    as_query = signed(True)
    fake.conversation_id_in = "nowhere"

    start = f"ws://127.0.0.1:{fake.port}/v1/convai/conversation?agent_id={agent.agent_id}&conversation_signature="
    assert as_field.signed_url.startswith(start)
    assert as_field.model_extra["conversation_id"].startswith("conv_")
    assert (as_query.model_extra, "&conversation_id=conv_" in as_query.signed_url) == (
        {},
        True,
    )
    assert "conversation_id" not in signed(True).signed_url
    assert "conversation_id" not in signed(False).signed_url
    status, detail = refusal(
        client.conversational_ai.conversations.get_signed_url, agent_id="agent_0"
    )
    assert (status, detail["status"]) == (404, "agent_not_found")


def test_private_agent_shows_its_widget_only_to_signed_calls(client):
    agents = client.conversational_ai.agents
    private = {"auth": {"enable_auth": True}}
    agent = agents.create(conversation_config={}, platform_settings=private)
    signed = client.conversational_ai.conversations.get_signed_url(
        agent_id=agent.agent_id
    )
    signature = signed.signed_url.partition("conversation_signature=")[2]

    status, _ = refusal(agents.widget.get, agent.agent_id)
    widget = agents.widget.get(agent.agent_id, conversation_signature=signature)

    assert (status, widget.widget_config.language) == (401, "en")


def test_finished_conversations_are_found_read_heard_and_deleted(fake, client):
    conversations = client.conversational_ai.conversations
    turns = [
        {"role": "agent", "message": "Hi"},
        {"role": "user", "message": "Hello", "time_in_call_secs": 4},
    ]
    now = int(time.time())
    fake.add_conversation(
        "conv_1",
        agent_id="a",
        transcript=turns,
        dynamic_variables=SESSION,
        start_time_unix_secs=now - 60,
    )
    fake.add_conversation("conv_2", agent_id="b", start_time_unix_secs=now, audio=b"")

    read = conversations.get("conv_1")
    found = [
        conversations.list(agent_id="a"),
        conversations.list(call_start_after_unix=now - 30),
        conversations.list(dynamic_variable_filter="session_id:eq:s-1"),
        conversations.list(page_size=1),
    ]
    audio = b"".join(conversations.audio.get("conv_1"))

    assert [
        (turn.role, turn.message, turn.time_in_call_secs) for turn in read.transcript
    ] == [
        ("agent", "Hi", 0),
        ("user", "Hello", 4),
    ]
    variables = read.conversation_initiation_client_data.dynamic_variables
    assert variables == SESSION | {"secret__session_token": "<redacted>"}
    assert read.model_dump(mode="json")["transcript"][0]["tool_calls"] == []
    assert [
        [each.conversation_id for each in page.conversations] for page in found
    ] == [
        ["conv_1"],
        ["conv_2"],
        ["conv_1"],
        ["conv_2"],
    ]
    assert (read.status, read.has_audio, conversations.get("conv_2").has_audio) == (
        "done",
        True,
        False,
    )
    # Twenty seconds in frames of 24 ms.
    assert (audio[:2], len(audio) // 192) == (b"\xff\xfb", 833)
    conversations.delete("conv_1")
    assert refusal(conversations.get, "conv_1")[0] == 404


def test_account_demands_its_key_and_notes_who_calls(fake, client):
    with httpx.Client() as http:
        stranger = ElevenLabs(api_key="wrong", base_url=fake.url, httpx_client=http)
        status, detail = refusal(stranger.conversational_ai.agents.list)
        nobody = http.get(f"{fake.url}/v1/convai/agents")
    client.conversational_ai.secrets.create(name="a", value="b")

    assert (status, detail) == (
        401,
        {"status": "invalid_api_key", "message": "Invalid API key"},
    )
    assert (nobody.status_code, nobody.json()["detail"]["status"]) == (
        401,
        "needs_authorization",
    )
    assert fake.requests == [("GET", "/v1/convai/agents")] * 2 + [
        ("POST", "/v1/convai/secrets")
    ]
    assert fake.writes == [("POST", "/v1/convai/secrets")]


def test_outage_and_the_faults_of_finished_conversations(fake, client):
    conversations = client.conversational_ai.conversations
    fake.add_conversation("conv_1")
    quick = {"request_options": {"max_retries": 0}}

    fake.faults.processing_forever = fake.faults.no_audio = True
    unfinished = conversations.get("conv_1")
    assert refusal(lambda: b"".join(conversations.audio.get("conv_1")))[0] == 404
    fake.faults = Faults(conversation_404=True, slow_rest=0.05)
    began = time.monotonic()
    assert refusal(conversations.get, "conv_1")[0] == 404
    assert time.monotonic() - began >= 0.05
    fake.faults = Faults(outage=True)
    with pytest.raises(ApiError) as error:
        conversations.get("conv_1", **quick)

    assert (unfinished.status, unfinished.has_audio, unfinished.transcript) == (
        "processing",
        False,
        [],
    )
    assert error.value.status_code == 503


# Calls


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


@pytest.fixture
def portal():
    return Portal()


def provision(client, portal, *, config=None, settings=None, changes=None):
    """Set up secret, tools, webhook and agent as a portal does; return the agent's id."""
    secret = client.conversational_ai.secrets.create(
        name="key", value="Bearer agent-key"
    )
    key = {"Authorization": {"secret_id": secret.secret_id}}
    base = f"{portal.url}/api/interview/{{sessionId}}"

    def made(purpose, method, assignments, schema=None):
        options = {"assignments": assignments} | (changes or {})
        request = tool(purpose, method, **options)
        api_schema = request["tool_config"]["api_schema"]
        api_schema |= {"url": f"{base}/{purpose}"} | (schema or {})
        api_schema["request_headers"] |= key
        return client.conversational_ai.tools.create(request=request).id

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
    hook = client.webhooks.create(
        settings=WebhookHmacSettings(name="Parley", webhook_url=f"{portal.url}/hook")
    )
    client.webhooks.update(
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
    agent = client.conversational_ai.agents.create(
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
    client.conversational_ai.agents.update(
        agent.agent_id,
        conversation_config=config or {},
        platform_settings=settings or {},
    )
    return agent.agent_id


def signed(client, agent_id):
    answer = client.conversational_ai.conversations.get_signed_url(
        agent_id=agent_id, include_conversation_id=True
    )
    return answer.signed_url, answer.conversation_id


def call(fake, client, portal, *, reply=None, calls=1, setup=None, **options):
    """Hold calls of one session, one after another; return the last, when all is processed."""

    async def hold():
        async with portal.running():
            agent_id = provision(client, portal, **(setup or {}))
            for _ in range(calls):
                url, _ = signed(client, agent_id)
                arguments = {"variables": SESSION} | options
                held = await join_call(url, reply or ANSWERS.get, **arguments)
            await settled(fake)
            return held

    return asyncio.run(hold())


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


def test_agent_interviews_by_the_tools_it_was_given(fake, client, portal):
    held = call(fake, client, portal)

    session, headers = portal.calls[0][1:]
    assert portal.handed_in == [(1, "In Riga."), (2, "I bake."), (3, "For the bread.")]
    assert [name for name, *_ in portal.calls] == [
        "next",
        "answer",
        "answer",
        "answer",
        "end",
    ]
    assert portal.calls[-1] == ("end", "s-1", {"reason": "completed"})
    assert session == "s-1"
    assert headers["Authorization"] == "Bearer agent-key"
    assert headers["X-Session-Token"] == "t-1"
    assert headers["X-Conversation-Id"] == the_conversation(fake).id
    assert held.said == ["Hello Anna.", *QUESTIONS, CLOSING]
    assert held.events[0]["type"] == "conversation_initiation_metadata"
    assert (
        held.of("agent_tool_response")[-1]["agent_tool_response"]["tool_name"]
        == "end_call"
    )
    audio = held.of("audio")[0]["audio_event"]["audio_base_64"]
    assert 0 < max(array("h", base64.b64decode(audio))) < 2000
    assert held.code == 1000


def test_conversation_remains_as_the_vendor_shows_it(fake, client, portal):
    call(fake, client, portal)

    read = client.conversational_ai.conversations.get(the_conversation(fake).id)
    spoken = [(turn.role, turn.message) for turn in read.transcript if turn.message]
    tool_turns = [turn for turn in read.transcript if not turn.message]
    asked, answered = tool_turns[0].tool_calls[0], tool_turns[1].tool_results[0]
    given = tool_turns[2].tool_calls[0]
    seconds = [turn.time_in_call_secs for turn in read.transcript]
    dialogue = [
        pair
        for each in ANSWERS.items()
        for pair in zip(["agent", "user"], each, strict=True)
    ]
    assert spoken == [("agent", "Hello Anna."), *dialogue, ("agent", CLOSING)]
    assert (asked.tool_name, asked.type, asked.tool_details.method) == (
        "interview_next",
        "webhook",
        "GET",
    )
    assert asked.tool_details.headers == {
        "X-Session-Token": "<redacted>",
        "X-Conversation-Id": read.conversation_id,
        "Authorization": "<redacted>",
    }
    assert answered.is_error is False
    assert json.loads(answered.result_value)["questionId"] == 1
    assert answered.dynamic_variable_updates[0].new_value == "1"
    assert json.loads(given.params_as_json) == {"answerText": "In Riga."}
    assert json.loads(given.tool_details.body) == {
        "questionId": 1,
        "answerText": "In Riga.",
    }
    assert seconds == sorted(seconds)
    assert 0 < seconds[-1] <= read.metadata.call_duration_secs
    assert read.metadata.termination_reason == "end_call tool was called."
    assert (read.metadata.error, read.metadata.main_language) == (None, "en")
    assert (read.status, read.analysis.call_successful) == ("done", "success")
    variables = read.conversation_initiation_client_data.dynamic_variables
    assert variables["session_id"] == "s-1"
    assert variables["secret__session_token"] == "<redacted>"
    assert variables["system__conversation_id"] == read.conversation_id
    source = read.conversation_initiation_client_data.source_info
    assert (source.source, read.metadata.authorization_method) == (
        "widget",
        "signed_url",
    )


def test_webhooks_follow_a_call_signed_and_the_audio_chunked(fake, client, portal):
    call(fake, client, portal)

    (headers, raw), (audio_headers, audio_raw) = portal.webhooks
    stamp, signature = (
        part.partition("=")[2] for part in headers["ElevenLabs-Signature"].split(",")
    )
    [webhook] = fake.webhooks.values()
    secret, conversation = webhook["webhook_secret"], the_conversation(fake)
    by_hand = hmac.new(
        secret.encode(), f"{stamp}.".encode() + raw, hashlib.sha256
    ).hexdigest()
    event = client.webhooks.construct_event(
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


def test_webhook_can_be_sent_by_hand_to_anywhere(fake, client, portal):
    fake.add_conversation("conv_1")

    async def send():
        async with portal.running():
            provision(client, portal)
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

    statuses = asyncio.run(send())

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
def test_transcript_is_sent_again_where_it_may_help(
    fake, client, portal, statuses, sent
):
    portal.webhook_statuses = list(statuses)
    events = {"workspace_overrides": {"webhooks": {"events": ["transcript"]}}}

    call(fake, client, portal, setup={"settings": events})

    [webhook] = client.webhooks.list().webhooks
    assert [status for *_, status in fake.deliveries] == sent
    assert webhook.most_recent_failure_error_code == statuses[-1]


def test_webhook_that_never_worked_is_switched_off(fake, client, portal):
    portal.webhook_statuses = [500] * 20
    fake.faults.webhook_duplicates = 3

    call(fake, client, portal)

    assert len(portal.webhooks) == 10
    assert client.webhooks.list().webhooks[0].is_auto_disabled is True


def test_speech_is_recognised_as_the_test_says(fake, client, portal):
    fake.spoken_answers = {1: "one", 2: "two", 3: "three"}.get
    beep = ToneSpeaker().tone

    held = call(
        fake, client, portal, reply=lambda said: beep if said in QUESTIONS else None
    )

    heard = [
        event["user_transcription_event"]["user_transcript"]
        for event in held.of("user_transcript")
    ]
    assert heard == ["one", "two", "three"]
    assert portal.answers == {1: "one", 2: "two", 3: "three"}


def test_silence_is_no_answer(fake, client, portal):
    patience = {"turn": {"turn_timeout": 1, "silence_end_call_timeout": 1}}

    held = call(
        fake,
        client,
        portal,
        reply=lambda said: bytes(BYTES_PER_SECOND) if said in QUESTIONS else None,
        setup={"config": patience},
    )

    assert held.said == ["Hello Anna.", QUESTIONS[0]]
    assert (held.code, portal.answers) == (1000, {})


def test_agent_asks_whether_anybody_is_there(fake, client, portal):
    replies = {"Are you still there? Take your time.": LEAVE}

    held = call(
        fake,
        client,
        portal,
        reply=replies.get,
        setup={"config": {"turn": {"turn_timeout": 1}}},
    )

    assert held.said[1:] == [QUESTIONS[0], "Are you still there? Take your time."]
    assert (
        the_conversation(fake).metadata["termination_reason"]
        == "Client disconnected: 1000"
    )


def test_call_ends_at_its_longest(fake, client, portal):
    config = {
        "conversation": {"max_duration_seconds": 1},
        "agent": {"max_conversation_duration_message": "Our time is up."},
    }

    held = call(fake, client, portal, reply=lambda said: None, setup={"config": config})

    assert held.said[-1] == "Our time is up."
    assert held.of("error")[0]["error_event"]["error_type"] == "max_duration_exceeded"


@pytest.mark.parametrize(
    ("options", "setup", "reason"),
    [
        (
            {"variables": {"session_id": "s-1", "secret__session_token": "t"}},
            {},
            "Missing required dynamic variables in first message: {'candidate_name'}",
        ),
        (
            {"variables": {"candidate_name": "Anna"}},
            {
                "config": {
                    "agent": {
                        "dynamic_variables": {
                            "dynamic_variable_placeholders": {"session_id": "x"}
                        }
                    }
                }
            },
            "Missing required dynamic variables in tools: {'secret__session_token', 'session_id'}",
        ),
        (
            {"overrides": {"tts": {"voice_id": "mine"}}},
            {},
            "Override for field 'voice_id' is not allowed by config.",
        ),
        ({"language": "de"}, {}, "Language de is not enabled for this agent."),
        (
            {"origin": "https://else.example"},
            {"settings": {"auth": {"allowlist": [{"hostname": "portal.example"}]}}},
            "Host of origin https://else.example is not allowed.",
        ),
    ],
)
def test_call_that_the_agent_does_not_allow_is_closed(
    fake, client, portal, options, setup, reason
):
    held = call(fake, client, portal, setup=setup, **options)

    assert (held.code, held.reason, held.events) == (1008, reason, [])
    assert portal.webhooks == []
    # Only what the first message says leaves a trace; the address itself does not.
    assert all(each.status == "failed" for each in fake.conversations.values())


def test_signature_works_once_and_for_its_time(fake, client, portal):
    async def hold():
        async with portal.running():
            url, _ = signed(client, provision(client, portal))
            held = [
                await join_call(url, ANSWERS.get, variables=SESSION) for _ in range(2)
            ]
            stale, _ = signed(client, next(iter(fake.agents)))
            fake.signatures[list(fake.signatures)[-1]].expires = time.time() - 1
            held.append(await join_call(stale, ANSWERS.get, variables=SESSION))
            unsigned = url.partition("&conversation_signature")[0]
            held.append(await join_call(unsigned, ANSWERS.get, variables=SESSION))
            nobody = url.replace("agent_id=", "agent_id=x")
            held.append(await join_call(nobody, ANSWERS.get, variables=SESSION))
            return [(each.code, each.reason) for each in held]

    assert asyncio.run(hold()) == [
        (1000, ""),
        (1008, "The signed URL has already been used."),
        (1008, "The signed URL is invalid or has expired."),
        (1008, "This agent requires a signed URL."),
        (3000, "The AI agent you are trying to reach does not exist."),
    ]


def test_calls_beyond_the_accounts_limit_are_turned_away(fake, client, portal):
    fake.max_calls = 1
    turned_away = []

    async def hold():
        async with portal.running():
            agent_id = provision(client, portal)
            (first, _), (second, _) = signed(client, agent_id), signed(client, agent_id)
            talking = asyncio.create_task(
                join_call(first, lambda said: None, variables=SESSION)
            )
            while not portal.calls:
                await asyncio.sleep(0.005)
            turned_away.append(await join_call(second, ANSWERS.get, variables=SESSION))
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
            await settled(fake)

    asyncio.run(hold())

    assert (turned_away[0].code, turned_away[0].reason) == (
        3008,
        "too many concurrent connections",
    )


def test_other_language_speaks_its_preset(fake, client, portal):
    preset = {
        "overrides": {"agent": {"first_message": "Здравствуйте, {{candidate_name}}."}}
    }
    setup = {"config": {"language_presets": {"ru": preset}}}

    held = call(fake, client, portal, setup=setup, language="ru")

    assert held.said[0] == "Здравствуйте, Anna."
    assert the_conversation(fake).metadata["main_language"] == "ru"


def test_text_only_call_has_no_audio_at_all(fake, client, portal):
    held = call(fake, client, portal, text_only=True)

    assert held.of("audio") == []
    assert len(portal.answers) == 3
    assert fake.conversation_payload(the_conversation(fake).id)["has_audio"] is False
    assert [event["type"] for event in portal.events()] == ["post_call_transcription"]


def test_page_gets_only_the_events_it_was_configured_for(fake, client, portal):
    events = {"conversation": {"client_events": ["agent_response"]}}

    held = call(fake, client, portal, setup={"config": events})

    kinds = {event["type"] for event in held.events}
    assert kinds == {"conversation_initiation_metadata", "ping", "agent_response"}
    assert held.code == 1000


def test_agent_without_end_call_just_falls_silent(fake, client, portal):
    config = {
        "agent": {"prompt": {"built_in_tools": {"end_call": None}}},
        "turn": {"silence_end_call_timeout": 0.1},
    }

    held = call(fake, client, portal, setup={"config": config})

    assert (
        held.of("agent_tool_response")[-1]["agent_tool_response"]["tool_name"]
        == "interview_end"
    )
    assert (
        the_conversation(fake).metadata["termination_reason"]
        == "Call ended after a long silence."
    )


def test_refusal_steers_the_agent_only_if_it_is_passed_through(fake, client, portal):
    portal.refuse_next = True
    call(fake, client, portal)
    told = list(portal.answers)

    portal.answers, portal.refuse_next = {}, True
    hidden = {"changes": {"tool_error_handling_mode": "auto"}}
    held = call(fake, client, portal, setup=hidden)

    assert told == [1, 2, 3]
    assert portal.answers == {}
    assert (
        held.said[-1] == "I am sorry, something does not work. Please try again later."
    )


def test_tool_whose_variable_makes_no_sense_is_not_called(fake, client, portal):
    """No assignment keeps the question's id: it is still what the page began with."""
    held = call(
        fake,
        client,
        portal,
        setup={"changes": {"assignments": []}},
        variables=SESSION | {"current_question_id": "none"},
    )

    failed = held.of("agent_tool_response")[1]["agent_tool_response"]
    assert portal.handed_in == []
    assert (failed["is_error"], failed["is_called"]) == (True, False)
    assert held.said[-1].startswith("I am sorry")


# Faults


def test_answers_twice_at_once(fake, client, portal):
    fake.faults.duplicate_answer = True

    call(fake, client, portal)

    assert portal.handed_in == [
        pair for pair in enumerate(ANSWERS.values(), 1) for _ in range(2)
    ]


def test_answers_again_in_other_words(fake, client, portal):
    fake.faults.answer_twice_other_text = True

    call(fake, client, portal)

    assert portal.handed_in[:3] == [
        (1, "In Riga."),
        (1, "In Riga. And one more thing."),
        (2, "I bake."),
    ]
    assert len(portal.answers) == 3


@pytest.mark.parametrize(
    ("fault", "asked_again"),
    [("drop_after_answer", False), ("drop_before_answer", True)],
)
def test_socket_breaks_once(fake, client, portal, fault, asked_again):
    setattr(fake.faults, fault, 2)

    held = call(fake, client, portal, calls=2)

    first, second = fake.conversations.values()
    assert first.metadata["error"] == {"code": 1011, "reason": "Internal server error"}
    assert words_of(first)[-1] == "I bake."
    assert words_of(second)[1] == QUESTIONS[1 if asked_again else 2]
    assert (held.code, len(portal.handed_in)) == (1000, 3)


def test_last_answer_is_never_handed_in(fake, client, portal):
    fake.faults.skip_answer = {3}

    held = call(fake, client, portal)

    assert portal.answers == {1: "In Riga.", 2: "I bake."}
    assert words_of(the_conversation(fake))[-2:] == ["For the bread.", held.said[-1]]
    assert held.said[-1] == "Thank you, that was the last question. Goodbye!"
    assert portal.calls[-1][0] == "end"


def test_agent_goes_on_from_memory(fake, client, portal):
    fake.faults.skip_answer, fake.faults.known_questions = {2, 3}, QUESTIONS

    held = call(
        fake,
        client,
        portal,
        reply=lambda said: ANSWERS.get(said.removeprefix("Thank you. ")),
    )

    assert held.said[2:4] == ["What do you do?", "Thank you. Why us?"]
    assert portal.answers == {1: "In Riga."}
    assert words_of(the_conversation(fake))[5:7] == [
        "Thank you. Why us?",
        "For the bread.",
    ]


def test_agent_never_ends_the_interview(fake, client, portal):
    fake.faults.no_end = True

    held = call(fake, client, portal)

    assert [name for name, *_ in portal.calls] == ["next", "answer", "answer", "answer"]
    assert held.code == 1000


def test_agent_uses_its_own_words(fake, client, portal):
    fake.faults.paraphrase = {1: "So, where are you from?"}
    fake.faults.retell = {2: "The candidate is a baker."}
    fake.faults.ask_twice = {3}
    replies = ANSWERS | {"So, where are you from?": "Riga."}

    held = call(fake, client, portal, reply=replies.get)

    assert portal.answers == {
        1: "Riga.",
        2: "The candidate is a baker.",
        3: "For the bread. For the bread.",
    }
    assert held.said[1:-1] == [
        "So, where are you from?",
        QUESTIONS[1],
        QUESTIONS[2],
        QUESTIONS[2],
    ]
    assert "I bake." in words_of(the_conversation(fake))


def test_silent_agent_says_nothing(fake, client, portal):
    fake.faults.silent = True

    held = call(
        fake,
        client,
        portal,
        setup={"config": {"turn": {"silence_end_call_timeout": 0.1}}},
    )

    assert held.said == []
    assert portal.calls == []


def test_outage_lets_no_call_in(fake, client, portal):
    async def hold():
        async with portal.running():
            url, _ = signed(client, provision(client, portal))
            fake.faults.outage = True
            await join_call(url, ANSWERS.get, variables=SESSION)

    with pytest.raises(aiohttp.WSServerHandshakeError):
        asyncio.run(hold())


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ({}, ["post_call_transcription", "post_call_audio"]),
        ({"no_webhook": True}, []),
        ({"webhook_audio_first": True}, ["post_call_audio", "post_call_transcription"]),
        (
            {"webhook_duplicates": 1},
            ["post_call_transcription"] * 2 + ["post_call_audio"] * 2,
        ),
        ({"no_audio": True}, ["post_call_transcription"]),
    ],
)
def test_webhooks_get_lost_doubled_and_out_of_order(fake, client, portal, fault, kinds):
    fake.faults = Faults(**fault)

    call(fake, client, portal)

    assert [event["type"] for event in portal.events()] == kinds


# Voice, and the command


def test_reset_cuts_off_what_still_runs(fake, client, portal):
    async def hold():
        async with portal.running():
            url, _ = signed(client, provision(client, portal))
            talking = asyncio.create_task(
                join_call(url, lambda said: None, variables=SESSION)
            )
            while not portal.calls:
                await asyncio.sleep(0.005)
            fake.reset()
            held = await talking
            await settled(fake)
            return held

    held = asyncio.run(hold())

    assert held.code != 1000
    assert (portal.webhooks, fake.conversations, fake.requests) == ([], {}, [])


@pytest.mark.parametrize(
    ("text", "language"), [("Good morning.", "en"), ("Доброе утро.", "ru")]
)
def test_agent_can_speak_aloud(text, language):
    pcm = asyncio.run(EspeakSpeaker().audio(text, language))

    assert 0.5 < len(pcm) / BYTES_PER_SECOND < 3
    assert max(array("h", pcm)) > 5000


def test_ear_hears_speech_above_the_rooms_noise():
    def sound(level, seconds):
        return [array("h", [level, -level] * (RATE // 100)).tobytes()] * round(
            seconds * 50
        )

    ear = PatientEar()
    room, speech = sound(120, 3), sound(4000, 1.5)
    cough = sound(4000, 0.1)

    heard = [
        ear.hear(piece)
        for piece in [*room, *cough, *room, *speech, *sound(120, 0.5), *speech, *room]
    ]

    assert [round(seconds, 1) for seconds in heard if seconds] == [3.5]


def test_command_serves_until_it_is_told_to_stop():
    command = [
        sys.executable,
        "-m",
        "tests.fake_elevenlabs",
        "--port",
        "0",
        "--api-key",
        "K",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().removeprefix("Fake ElevenLabs: ").strip()
        answer = httpx.get(f"{url}/v1/convai/agents", headers={"xi-api-key": "K"})
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=10)

    assert (answer.json()["agents"], code) == ([], 0)

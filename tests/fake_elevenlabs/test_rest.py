"""REST: keys, webhooks, signed URLs, and what remains of conversations."""

import time

import httpx
import pytest
from elevenlabs import ElevenLabs, WebhookHmacSettings
from elevenlabs.core import ApiError

from tests.fake_elevenlabs import Faults
from tests.fake_elevenlabs.portal import SESSION, refusal


def test_webhook_shows_its_secret_once(fake, sdk):
    settings = WebhookHmacSettings(
        name="Parley", webhook_url="https://portal.example/hook"
    )
    made = sdk.webhooks.create(settings=settings)
    sdk.webhooks.update(
        made.webhook_id, is_disabled=True, name="Parley 2", retry_enabled=True
    )

    listed = sdk.webhooks.list(include_usages=True).webhooks[0]

    assert made.webhook_secret == fake.webhooks[made.webhook_id]["webhook_secret"]
    assert made.webhook_secret not in listed.model_dump_json()
    assert (listed.name, listed.is_disabled, listed.is_auto_disabled) == (
        "Parley 2",
        True,
        False,
    )
    assert (listed.auth_type, listed.usage) == ("hmac", [])
    assert sdk.webhooks.delete(made.webhook_id).status == "ok"
    assert fake.webhooks == {}


def test_signed_url_tells_the_conversation_where_it_was_told_to(fake, sdk):
    agent = sdk.conversational_ai.agents.create(conversation_config={})

    def signed(include):
        return sdk.conversational_ai.conversations.get_signed_url(
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
        sdk.conversational_ai.conversations.get_signed_url, agent_id="agent_0"
    )
    assert (status, detail["status"]) == (404, "agent_not_found")


def test_private_agent_shows_its_widget_only_to_signed_calls(sdk):
    agents = sdk.conversational_ai.agents
    private = {"auth": {"enable_auth": True}}
    agent = agents.create(conversation_config={}, platform_settings=private)
    signed = sdk.conversational_ai.conversations.get_signed_url(agent_id=agent.agent_id)
    signature = signed.signed_url.partition("conversation_signature=")[2]

    status, _ = refusal(agents.widget.get, agent.agent_id)
    widget = agents.widget.get(agent.agent_id, conversation_signature=signature)

    assert (status, widget.widget_config.language) == (401, "en")


def test_finished_conversations_are_found_read_heard_and_deleted(fake, sdk):
    conversations = sdk.conversational_ai.conversations
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


def test_account_demands_its_key_and_notes_who_calls(fake, sdk):
    with httpx.Client() as http:
        stranger = ElevenLabs(api_key="wrong", base_url=fake.url, httpx_client=http)
        status, detail = refusal(stranger.conversational_ai.agents.list)
        nobody = http.get(f"{fake.url}/v1/convai/agents")
    sdk.conversational_ai.secrets.create(name="a", value="b")

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


def test_outage_and_the_faults_of_finished_conversations(fake, sdk):
    conversations = sdk.conversational_ai.conversations
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

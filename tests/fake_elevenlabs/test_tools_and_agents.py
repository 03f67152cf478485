"""REST: tools and agents, given back filled in, or refused."""

import json

import pytest

from tests.fake_elevenlabs.portal import body, current, refusal, tool, variable


def test_secret_is_never_shown_and_stays_while_a_tool_uses_it(fake, sdk):
    secrets, tools = sdk.conversational_ai.secrets, sdk.conversational_ai.tools
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


def test_tool_is_given_back_with_everything_the_vendor_fills_in(sdk):
    tools = sdk.conversational_ai.tools
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


def test_lists_come_page_by_page(fake, sdk):
    tools = sdk.conversational_ai.tools
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
def test_tool_that_the_vendor_does_not_know_is_refused(fake, sdk, changes, where):
    status, detail = refusal(
        sdk.conversational_ai.tools.create, request=tool("next", **changes)
    )

    assert (status, detail[0]["loc"]) == (422, ["body", *where])
    assert fake.tools == {}


def test_tool_with_an_unknown_secret_is_refused(sdk):
    header = {"api_schema": {"request_headers": {"X-Key": {"secret_id": "secret_0"}}}}

    status, detail = refusal(
        sdk.conversational_ai.tools.create, request=tool("next", **header)
    )

    assert (status, detail["status"]) == (404, "secret_not_found")


def test_agent_is_given_back_with_defaults_and_changed_field_by_field(fake, sdk):
    agents = sdk.conversational_ai.agents
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
def test_agent_that_the_vendor_does_not_know_is_refused(fake, sdk, changes, where):
    made = sdk.conversational_ai.agents.create(conversation_config={})
    before = json.dumps(fake.agents)

    status, detail = refusal(
        sdk.conversational_ai.agents.update, made.agent_id, **changes
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
    fake, sdk, config, settings, message
):
    status, detail = refusal(
        sdk.conversational_ai.agents.create,
        conversation_config=config,
        platform_settings=settings,
    )

    assert (status // 100, detail["message"]) == (4, message)
    assert fake.agents == {}


def test_tool_in_use_is_deleted_only_by_force(fake, sdk):
    tools, agents = sdk.conversational_ai.tools, sdk.conversational_ai.agents
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

"""What the agent at ElevenLabs is told to be."""

import copy
import inspect
import re

import pytest
from elevenlabs import types as sdk
from elevenlabs.conversational_ai.agents.client import AgentsClient
from elevenlabs.conversational_ai.secrets.client import SecretsClient
from elevenlabs.webhooks.client import WebhooksClient
from pydantic import BaseModel

from interviews.agent import dynamic_variables
from interviews.turns import next_step
from tests.factories import SessionFactory, VacancyFactory
from tests.fake_elevenlabs.schema import Invalid, check
from vacancies.models import Language, Question, VacancyStatus
from voice import agent_config, tool_config

# Their keys are names of ours, not of the vendor's.
OUR_NAMES = {
    "request_headers",
    "path_params_schema",
    "properties",
    "dynamic_variable_placeholders",
    "language_presets",
}


@pytest.fixture(autouse=True)
def _portal(settings):
    settings.PUBLIC_URL = "https://portal.example"


@pytest.fixture
def agent():
    return agent_config.agent(
        tool_ids=["tool_1", "tool_2"],
        webhook_id="hook_1",
        voice_id="",
        max_seconds=1800,
    )


@pytest.fixture
def tools():
    return {tool["name"]: tool for tool in tool_config.tools("secret_1")}


def requests(agent, tools):
    """Return everything that is sent, each with the model that describes it."""
    return [
        (agent["conversation_config"], sdk.ConversationalConfig),
        (agent["platform_settings"], sdk.AgentPlatformSettingsRequestModel),
        (tool_config.new_webhook(), sdk.WebhookHmacSettings),
        *(({"tool_config": tool}, sdk.ToolRequestModel) for tool in tools.values()),
    ]


def paths(value, path=()):
    """Walk to every key that the vendor has to know."""
    pairs = enumerate(value) if isinstance(value, list) else ()
    if isinstance(value, dict):
        pairs = value.items()
    for key, item in pairs:
        if isinstance(key, str) and (not path or path[-1] not in OUR_NAMES):
            yield (*path, key)
        yield from paths(item, (*path, key))


def misspelt(value, path):
    value = copy.deepcopy(value)
    place = value
    for key in path[:-1]:
        place = place[key]
    place[path[-1] + "x"] = place.pop(path[-1])
    return value


def parameters(method):
    return set(inspect.signature(method).parameters)


def leaves(model):
    """Count the switches of a model of the vendor's."""
    found = 0
    for field in model.model_fields.values():
        inner = [
            part
            for part in getattr(field.annotation, "__args__", ())
            if isinstance(part, type) and issubclass(part, BaseModel)
        ]
        found += sum(map(leaves, inner)) if inner else 1
    return found


def switches(value):
    if not isinstance(value, dict):
        return [value]
    return [switch for item in value.values() for switch in switches(item)]


def texts(value):
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (dict, list)):
        return []
    return [text for item in items for text in texts(item)]


def test_every_key_that_is_sent_exists_at_the_vendor(agent, tools):
    for sent, model in requests(agent, tools):
        check(sent, model)
    assert set(agent) <= parameters(AgentsClient.create)
    assert set(agent) <= parameters(AgentsClient.update)
    assert set(tool_config.webhook()) <= parameters(WebhooksClient.update)
    assert {"name", "value"} <= parameters(SecretsClient.create)


def test_a_misspelt_key_is_noticed_wherever_it_stands(agent, tools):
    tried = 0
    for sent, model in requests(agent, tools):
        for path in paths(sent):
            with pytest.raises(Invalid):
                check(misspelt(sent, path), model)
            tried += 1

    assert tried > 150


@pytest.mark.django_db
def test_the_page_sends_every_variable_that_is_used(agent, tools):
    session = SessionFactory(started=True)
    page = dynamic_variables(session, next_step(session.pk))
    everything = [agent, *tools.values()]
    written = {
        name
        for text in texts(everything)
        for name in re.findall(r"\{\{\s*(\w+)\s*\}\}", text)
    }
    bound = set(
        re.findall(r"'(?:dynamic_variable|variable_name)': '(\w+)'", str(tools))
    )
    ours = {name for name in written | bound if not name.startswith("system__")}

    assert ours <= set(page)
    assert set(agent_config.PLACEHOLDERS) == set(page)
    assert {"opening", "session_id", "secret__session_token"} <= ours


def test_secret_token_is_never_shown_to_the_language_model(agent, tools):
    assert "secret__session_token" not in str(texts(agent))
    for tool in tools.values():
        schema = dict(tool["api_schema"])
        assert schema.pop("request_headers")["X-Session-Token"] == {
            "variable_name": "secret__session_token"
        }
        assert "secret__" not in str(schema)


@pytest.mark.parametrize(
    ("name", "method", "action"),
    [
        ("get_next_question", "GET", "next"),
        ("save_answer", "POST", "answer"),
        ("end_interview", "POST", "end"),
    ],
)
def test_tool_calls_the_portal(tools, name, method, action):
    tool = tools[name]
    schema = tool["api_schema"]

    assert (
        schema["url"] == f"https://portal.example/api/interview/{{sessionId}}/{action}"
    )
    assert schema["method"] == method
    assert schema["path_params_schema"] == {
        "sessionId": {"type": "string", "dynamic_variable": "session_id"}
    }
    assert schema["request_headers"] == {
        "Authorization": {"secret_id": "secret_1"},
        "X-Session-Token": {"variable_name": "secret__session_token"},
        "X-Conversation-Id": {"variable_name": "system__conversation_id"},
    }
    assert tool["tool_error_handling_mode"] == "passthrough"
    assert tool["response_timeout_secs"] == 20
    assert tool["interruption_mode"] == "disable_during_tool"
    assert tool["follow_redirects"] is False


def test_question_id_never_comes_from_the_language_model(tools):
    def carried(tool):
        return [
            (one["dynamic_variable"], one["value_path"]) for one in tool["assignments"]
        ]

    body = tools["save_answer"]["api_schema"]["request_body_schema"]
    assert body["properties"]["questionId"] == {
        "type": "string",
        "dynamic_variable": "current_question_id",
    }
    assert carried(tools["get_next_question"]) == [
        ("current_question_id", "questionId")
    ]
    assert carried(tools["save_answer"]) == [("current_question_id", "next.questionId")]
    assert carried(tools["end_interview"]) == []


def test_agent_is_private_and_the_page_may_choose_the_language_only(agent):
    platform = agent["platform_settings"]
    allowed = platform["overrides"]["conversation_config_override"]
    model = sdk.ConversationConfigClientOverrideConfigInput

    assert platform["auth"] == {"enable_auth": True, "allowlist": []}
    assert allowed["agent"].pop("language") is True
    assert allowed["conversation"].pop("text_only") is True
    assert set(switches(allowed)) == {False}
    # None is left to the vendor's default.
    assert len(switches(allowed)) + 2 == leaves(model)


def test_russian_is_primary_and_every_other_language_has_a_preset(agent):
    config = agent["conversation_config"]
    english = config["language_presets"]["en"]["overrides"]["agent"]

    assert config["agent"]["language"] == "ru"
    assert config["tts"]["model_id"] == "eleven_flash_v2_5"
    assert set(config["language_presets"]) == set(Language.values) - {"ru"}
    assert english["first_message"].startswith("This interview is held by")
    assert english["prompt"]["prompt"] == agent_config.prompt("en")
    assert config["agent"]["prompt"]["prompt"] == agent_config.prompt("ru")


@pytest.mark.parametrize(
    ("language", "ai"), [("ru", "искусственного интеллекта"), ("en", "AI")]
)
def test_first_sentence_says_that_it_is_an_ai(language, ai):
    first, opening, _ = agent_config.FIRST_MESSAGE[language].partition("{{opening}}")

    assert ai in first
    assert opening


@pytest.mark.parametrize("language", Language.values)
def test_prompt_knows_every_tool(language):
    prompt = agent_config.prompt(language)

    for tool in ("get_next_question", "save_answer", "end_interview"):
        assert tool in prompt
    for built_in in ("skip_turn", "end_call"):
        assert built_in in prompt
    assert '"completed"' in prompt
    assert '"candidate_left"' in prompt


def test_reasons_in_the_prompt_are_those_of_the_tool(tools):
    body = tools["end_interview"]["api_schema"]["request_body_schema"]

    assert body["properties"]["reason"]["enum"] == ["completed", "candidate_left"]


def test_voice_is_sent_only_if_one_is_chosen():
    assert "voice_id" not in agent_config.speech("")
    assert agent_config.speech("voice_1")["voice_id"] == "voice_1"


def test_settings_reach_the_agent(settings):
    settings.ELEVENLABS_LLM = "gpt-4o"
    settings.ELEVENLABS_RETENTION_DAYS = 7
    agent = agent_config.agent(
        tool_ids=["t"], webhook_id="h", voice_id="", max_seconds=1800
    )
    platform = agent["platform_settings"]

    assert agent["conversation_config"]["agent"]["prompt"]["llm"] == "gpt-4o"
    assert platform["privacy"]["retention_days"] == 7
    assert platform["workspace_overrides"]["webhooks"] == {
        "post_call_webhook_id": "h",
        "events": ["transcript"],
        "transcript_format": "json",
        "exclude_transcript": False,
    }
    assert platform["call_limits"] == {"bursting_enabled": False}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("questions", "limit", "minutes"),
    [(0, None, 30), (3, None, 30), (10, None, 55), (10, 300, 120), (5, 240, 70)],
)
def test_call_may_last_as_long_as_the_longest_script(questions, limit, minutes):
    VacancyFactory(questions=1)
    VacancyFactory(questions=questions)
    Question.objects.update(time_limit_seconds=limit)

    assert agent_config.needed_seconds() == minutes * 60


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "minutes"),
    [
        (VacancyStatus.OPEN, 55),
        (VacancyStatus.DRAFT, 55),
        (VacancyStatus.CLOSED, 30),
    ],
)
def test_closed_vacancies_need_no_time(status, minutes):
    VacancyFactory(questions=10, status=status)

    assert agent_config.needed_seconds() == minutes * 60

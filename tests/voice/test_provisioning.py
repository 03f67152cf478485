"""Making the account what the portal needs, and finding it again."""

import copy
import time

import pytest

from tests.factories import VacancyFactory
from voice import agent_config, provisioning, tasks
from voice.account import Account
from voice.differences import Change, differences
from voice.synchronisation import Step, Sync, Verb
from voice.vendor import VendorError
from voice.workspaces import default

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(fake_elevenlabs, settings):
    """Return a fake account in which nothing is set up yet."""
    fake_elevenlabs.reset()
    settings.ELEVENLABS_API_KEY = fake_elevenlabs.api_key
    settings.ELEVENLABS_BASE_URL = fake_elevenlabs.url
    settings.PUBLIC_URL = "https://portal.example"
    return fake_elevenlabs


@pytest.fixture
def sync(account):
    """Return a function that synchronises: what it did, and the secrets it was told."""

    def run(**options):
        steps, secrets = [], []
        account.requests.clear()
        Sync(
            default(),
            **{"rehearsal": False} | options,
            report=steps.append,
            keep_secret=secrets.append,
        ).run()
        return steps, secrets

    return run


def done(steps):
    return [(step.verb, step.thing) for step in steps]


def changed(steps):
    return [str(change) for step in steps for change in step.changes]


def only(objects):
    [one] = objects.values()
    return one


def tool(account, name):
    [one] = [
        one for one in account.tools.values() if one["tool_config"]["name"] == name
    ]
    return one["tool_config"]


# The comparison


@pytest.mark.parametrize(
    ("expected", "found", "paths"),
    [
        ({"a": 1}, {"a": 1, "more": 2}, []),
        ({"a": 1}, {"a": 2}, ["a"]),
        ({"a": 1}, {}, ["a"]),
        ({"a": {"b": 1}}, {"a": None}, ["a"]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 0, "c": 0}}, ["a.b", "a.c"]),
        ({"a": 20}, {"a": 20.0}, []),
        ({"a": 1}, {"a": True}, ["a"]),
        ({"a": False}, {"a": 0}, ["a"]),
        ({"a": False, "b": [], "c": {}, "d": ""}, {}, []),
        ({"a": True, "b": 0, "c": ["x"]}, {}, ["a", "b", "c"]),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, []),
        ({"a": ["x"]}, {"a": ["x", "y"]}, ["a"]),
        ({"a": []}, {"a": ["x"]}, ["a"]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}, []),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, ["a[0].b"]),
        ({"a": [{"b": 1}]}, {"a": []}, ["a"]),
    ],
)
def test_differences_name_each_place(expected, found, paths):
    assert [change.path for change in differences(expected, found)] == paths


def test_change_of_a_long_text_shows_where_it_parts():
    text = "word " * 100
    change = Change("prompt", text + "old " + text, text + "new " + text)

    assert "old" in str(change)
    assert "new" in str(change)
    assert len(str(change)) < 200


# One pass


def test_first_pass_makes_everything(sync, account):
    steps, secrets = sync()

    agent = only(account.agents)
    assert done(steps) == [
        (Verb.CREATE, f"secret “{only(account.secrets)['name']}”"),
        (Verb.CREATE, "tool get_next_question"),
        (Verb.CREATE, "tool save_answer"),
        (Verb.CREATE, "tool end_interview"),
        (Verb.CREATE, "webhook to https://portal.example/webhooks/elevenlabs"),
        (Verb.CREATE, "agent “Parley · portal.example”"),
    ]
    assert secrets == [only(account.webhooks)["webhook_secret"]]
    assert only(account.webhooks)["retry_enabled"] is True
    prompt = agent["conversation_config"]["agent"]["prompt"]
    assert set(prompt["tool_ids"]) == set(account.tools)


def test_key_of_the_agent_is_in_the_secret_and_nowhere_else(sync, account, settings):
    sync()

    assert only(account.secrets)["value"] == f"Bearer {settings.AGENT_API_KEY}"
    assert settings.AGENT_API_KEY not in only(account.secrets)["name"]
    assert settings.AGENT_API_KEY not in str([account.tools, account.agents])


def test_second_pass_changes_nothing(sync, account):
    sync()

    assert sync() == ([], [])
    assert account.writes == []


def test_rehearsal_tells_the_same_and_writes_nothing(sync, account):
    planned, _ = sync(rehearsal=True)
    assert account.writes == []

    steps, _ = sync()
    assert done(steps) == done(planned)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("conversation_config", "turn", "turn_timeout"), 7),
        (("conversation_config", "agent", "prompt", "prompt"), "Be funny."),
        (("conversation_config", "conversation", "max_duration_seconds"), 600),
        (("platform_settings", "auth", "enable_auth"), False),
        (("platform_settings", "privacy", "retention_days"), -1),
        (
            (
                "platform_settings",
                "overrides",
                "conversation_config_override",
                "agent",
                "first_message",
            ),
            True,
        ),
        (("name",), "Somebody's agent"),
    ],
)
def test_drift_of_the_agent_is_named_and_put_right(
    sync, account, settings, path, value
):
    sync()
    agent = only(account.agents)
    settings.ELEVENLABS_AGENT_ID = agent["agent_id"]
    before = copy.deepcopy(agent)
    place = agent
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value

    steps, _ = sync()

    assert [step.verb for step in steps] == [Verb.UPDATE]
    assert [change.path for change in steps[0].changes] == [".".join(path)]
    assert [change.found for change in steps[0].changes] == [value]
    assert [method for method, _ in account.writes] == ["PATCH"]
    assert differences(before, only(account.agents) | before_only(before)) == []


def before_only(agent):
    """Return what changes with every update."""
    return {key: agent[key] for key in ("metadata", "version_id")}


def test_longer_calls_than_needed_are_no_drift(sync, account):
    sync()
    only(account.agents)["conversation_config"]["conversation"][
        "max_duration_seconds"
    ] = 7000

    assert sync()[0] == []


def test_drift_of_a_tool_is_named_and_put_right(sync, account):
    sync()
    body = tool(account, "save_answer")["api_schema"]["request_body_schema"]
    body["properties"]["questionId"] |= {"dynamic_variable": "", "description": "Guess"}

    steps, _ = sync()

    assert changed(steps) == [
        "api_schema.request_body_schema.properties.questionId.dynamic_variable: "
        " → current_question_id"
    ]
    body = tool(account, "save_answer")["api_schema"]["request_body_schema"]
    assert body["properties"]["questionId"]["dynamic_variable"] == "current_question_id"
    assert sync()[0] == []


@pytest.mark.parametrize("way", ["is_disabled", "is_auto_disabled"])
def test_webhook_that_is_off_is_switched_on(sync, account, way):
    sync()
    only(account.webhooks).update(
        {
            way: True,
            "most_recent_failure_error_code": 401,
            "most_recent_failure_timestamp": 1_790_000_000,
        }
    )

    steps, secrets = sync()

    assert [step.verb for step in steps] == [Verb.ENABLE]
    if way == "is_auto_disabled":
        assert "401, 2026-09-21 14:13 UTC" in steps[0].detail
    assert only(account.webhooks)[way] is False
    assert secrets == []


def test_deleted_tool_is_made_again(sync, account):
    sync()
    [key] = [
        key
        for key, one in account.tools.items()
        if one["tool_config"]["name"] == "end_interview"
    ]
    del account.tools[key]

    steps, _ = sync()

    assert done(steps) == [
        (Verb.CREATE, "tool end_interview"),
        (Verb.UPDATE, "agent “Parley · portal.example”"),
    ]
    assert len(account.tools) == 3
    assert sync()[0] == []


def test_deleted_agent_takes_up_the_tools_again(sync, account):
    sync()
    account.agents.clear()

    assert done(sync()[0]) == [(Verb.CREATE, "agent “Parley · portal.example”")]
    assert len(account.tools) == 3


def test_agent_beyond_the_first_page_is_found(sync, account):
    sync()
    ours = only(account.agents)
    account.agents.clear()
    account.agents |= {
        f"agent_{number}": ours | {"agent_id": f"agent_{number}", "name": "Another"}
        for number in range(120)
    }
    account.agents[ours["agent_id"]] = ours

    assert sync()[0] == []


# Keys


def test_changed_key_is_a_new_secret(sync, account, settings):
    sync()
    old = only(account.secrets)
    settings.AGENT_API_KEY = "another-key-" * 4

    steps, _ = sync()

    new = only(account.secrets)
    assert new["value"] == f"Bearer {settings.AGENT_API_KEY}"
    assert new["name"] != old["name"]
    assert [step.verb for step in steps] == [
        Verb.CREATE,
        Verb.UPDATE,
        Verb.UPDATE,
        Verb.UPDATE,
        Verb.DELETE,
    ]
    # Never a moment in which a tool refers to nothing.
    assert [method for method, _ in account.writes] == [
        "POST",
        "PATCH",
        "PATCH",
        "PATCH",
        "DELETE",
    ]
    assert (
        changed(steps)
        == [
            f"api_schema.request_headers.Authorization.secret_id: {old['secret_id']} → "
            f"{new['secret_id']}"
        ]
        * 3
    )
    assert settings.AGENT_API_KEY not in str(steps)
    assert sync()[0] == []


def test_new_webhook_takes_the_place_of_the_old(sync, account):
    sync()
    old = only(account.webhooks)

    steps, secrets = sync(new_webhook=True)

    new = only(account.webhooks)
    assert new["webhook_id"] != old["webhook_id"]
    assert secrets == [new["webhook_secret"]]
    assert [step.verb for step in steps] == [Verb.CREATE, Verb.UPDATE, Verb.DELETE]
    settings = only(account.agents)["platform_settings"]["workspace_overrides"]
    assert settings["webhooks"]["post_call_webhook_id"] == new["webhook_id"]
    assert sync()[0] == []


# What goes wrong


FIRST_WRITES = 7


@pytest.mark.parametrize("writes", range(FIRST_WRITES))
def test_pass_that_breaks_off_is_continued_by_the_next(
    sync, account, monkeypatch, writes
):
    left = iter(range(writes))
    call = Account.call

    def failing(self, method, *args, **fields):
        if not reads(method) and next(left, None) is None:
            raise VendorError("ElevenLabs answered 500", 500)
        return call(self, method, *args, **fields)

    monkeypatch.setattr(Account, "call", failing)
    with pytest.raises(VendorError):
        sync()
    assert len(account.writes) == writes
    monkeypatch.undo()

    sync()

    sizes = [
        len(objects)
        for objects in (
            account.secrets,
            account.tools,
            account.webhooks,
            account.agents,
        )
    ]
    assert sizes == [1, 3, 1, 1]
    assert only(account.webhooks)["retry_enabled"] is True
    assert sync() == ([], [])


def reads(method):
    code = method.__code__
    return bool({"list", "get", "get_dependent_agents"} & set(code.co_names))


def test_secret_of_a_webhook_is_told_even_if_the_rest_fails(sync, account, monkeypatch):
    told = []

    def failing(self, webhook_id, config):
        raise VendorError("ElevenLabs answered 500", 500)

    monkeypatch.setattr(Account, "update_webhook", failing)
    with pytest.raises(VendorError):
        Sync(
            default(),
            rehearsal=False,
            report=told.append,
            keep_secret=told.append,
        ).run()

    assert told[-1] == only(account.webhooks)["webhook_secret"]


def test_webhook_replaced_halfway_is_finished_by_the_next_pass(
    sync, account, monkeypatch
):
    sync()
    with monkeypatch.context() as patch:
        patch.setattr(Account, "update_agent", refuse)
        with pytest.raises(VendorError):
            sync(new_webhook=True)
    assert len(account.webhooks) == 2
    *_, newest = account.webhooks.values()
    newest["created_at_unix"] += 1

    steps, _ = sync()

    assert only(account.webhooks) == newest
    assert [step.verb for step in steps] == [Verb.UPDATE, Verb.DELETE]
    assert sync()[0] == []


def refuse(self, *args):
    raise VendorError("ElevenLabs answered 500", 500)


def test_webhook_of_somebody_else_at_our_address_stays(sync, account):
    sync()
    theirs = only(account.webhooks) | {
        "webhook_id": "theirs",
        "name": "Logs",
        "created_at_unix": int(time.time()) + 60,
    }
    account.webhooks["theirs"] = theirs

    assert sync()[0] == []
    assert len(account.webhooks) == 2


def test_agent_id_that_does_not_exist_is_an_error(sync, settings):
    settings.ELEVENLABS_AGENT_ID = "agent_gone"

    with pytest.raises(VendorError, match="There is no agent agent_gone"):
        sync()


def test_oldest_of_two_agents_of_our_name_is_used(sync, account):
    sync()
    older = copy.deepcopy(only(account.agents)) | {"agent_id": "agent_older"}
    older["metadata"]["created_at_unix_secs"] -= 60
    account.agents["agent_older"] = older

    assert provisioning.agent_id(default()) == "agent_older"
    assert sync()[0] == []


# Two installations


def test_two_installations_in_one_account_do_not_meet(sync, account, settings):
    sync()
    first = copy.deepcopy(
        [account.agents, account.tools, account.secrets, account.webhooks]
    )
    settings.PUBLIC_URL = "https://portal.example:8443"
    settings.AGENT_API_KEY = "key-of-the-second-" * 3

    steps, _ = sync()

    assert {step.verb for step in steps} == {Verb.CREATE}
    assert [len(one) for one in (account.agents, account.tools)] == [2, 6]
    for before, after in zip(
        first,
        [account.agents, account.tools, account.secrets, account.webhooks],
        strict=True,
    ):
        assert before.items() <= after.items()
    assert sync()[0] == []
    settings.PUBLIC_URL = "https://portal.example"
    assert Verb.DELETE in {step.verb for step in sync()[0]}
    assert len(account.secrets) == 2


def test_copy_of_an_agent_gets_tools_of_its_own(sync, account, settings):
    """A copied agent shares the tools of the original, which another portal uses."""
    sync()
    copied = copy.deepcopy(only(account.agents)) | {"agent_id": "agent_copy"}
    account.agents["agent_copy"] = copied
    tools = copy.deepcopy(account.tools)
    settings.PUBLIC_URL = "https://staging.example"
    settings.ELEVENLABS_AGENT_ID = "agent_copy"

    sync()

    assert tools.items() <= account.tools.items()
    assert len(account.tools) == 6
    assert sync()[0] == []


def test_moved_portal_keeps_its_agent_and_tools(sync, account, settings):
    sync()
    settings.ELEVENLABS_AGENT_ID = only(account.agents)["agent_id"]
    settings.PUBLIC_URL = "https://new.example"

    sync()

    assert len(account.tools) == 3
    assert only(account.agents)["name"] == "Parley · new.example"
    url = tool(account, "save_answer")["api_schema"]["url"]
    assert url.startswith("https://new.example/")


# Which agent holds the calls


def test_agent_id_is_looked_up_once(sync, account):
    sync()
    account.requests.clear()

    assert provisioning.agent_id(default()) == only(account.agents)["agent_id"]
    assert provisioning.agent_id(default()) == only(account.agents)["agent_id"]
    assert len(account.requests) == 1


def test_agent_id_of_the_settings_needs_no_look(account, settings):
    settings.ELEVENLABS_AGENT_ID = "agent_given"

    assert provisioning.agent_id(default()) == "agent_given"
    assert account.requests == []


def test_no_agent_says_what_to_do(account):
    with pytest.raises(VendorError, match="voice sync") as caught:
        provisioning.agent_id(default())

    assert not caught.value.is_passing


def test_agent_is_looked_up_again_once_forgotten(sync, account):
    sync()
    provisioning.agent_id(default())
    account.agents.clear()
    provisioning.forget_agent_id(default())

    with pytest.raises(VendorError):
        provisioning.agent_id(default())


def test_agent_made_again_is_known_at_once(sync, account):
    sync()
    provisioning.agent_id(default())
    account.agents.clear()
    sync()

    assert provisioning.agent_id(default()) == only(account.agents)["agent_id"]


def test_duration_is_raised_when_a_vacancy_needs_more(sync, account):
    sync()
    before = copy.deepcopy(only(account.agents))
    VacancyFactory(questions=20)
    account.requests.clear()

    assert provisioning.keep_duration(default()) is True
    assert provisioning.keep_duration(default()) is False

    after = only(account.agents)
    assert [change.path for change in differences(before, after)] == [
        "metadata.updated_at_unix_secs",
        "version_id",
        "conversation_config.conversation.max_duration_seconds",
    ][0 if before["metadata"] != after["metadata"] else 1 :]
    assert provisioning.allowed_seconds(after) == agent_config.needed_seconds() == 6000
    assert len(account.writes) == 1


def test_duration_is_never_lowered(sync, account):
    sync()
    conversation = only(account.agents)["conversation_config"]["conversation"]
    conversation["max_duration_seconds"] = 7000

    assert provisioning.keep_duration(default()) is False
    assert conversation["max_duration_seconds"] == 7000


def test_duration_is_nobodys_business_without_a_key(account, settings):
    settings.ELEVENLABS_API_KEY = ""

    tasks.keep_duration(timestamp=0)

    assert account.requests == []


def test_step_tells_its_detail_and_its_changes():
    step = Step(Verb.ENABLE, "webhook", (Change("a", 1, 2),), "off")

    assert step.lines == ("off", "a: 1 → 2")

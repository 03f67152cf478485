"""`manage.py voice sync` and `manage.py voice check`."""

import copy
import stat
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from elevenlabs.core import ApiError
from elevenlabs.core.parse_error import ParsingError

from voice import diagnosis, env_file, installation
from voice.account import Account
from voice.vendor import VendorError, vendor_errors
from voice.workspaces import default

pytestmark = pytest.mark.django_db

SECRET_LINE = "ELEVENLABS_WEBHOOK_SECRET="
PERMISSIONS = {
    "detail": {
        "status": "missing_permissions",
        "message": "The API key you used is missing the permission convai_read.",
    }
}
REFUSED = {
    "detail": [{"loc": ["body", "name"], "msg": "Field required"}, {"msg": "too long"}]
}


@pytest.fixture
def account(fake_elevenlabs, settings):
    """Return a fake account in which nothing is set up yet."""
    fake_elevenlabs.reset()
    settings.ELEVENLABS_API_KEY = fake_elevenlabs.api_key
    settings.ELEVENLABS_BASE_URL = fake_elevenlabs.url
    settings.PUBLIC_URL = "https://portal.example"
    return fake_elevenlabs


@pytest.fixture
def portal_answers(monkeypatch):
    monkeypatch.setattr(diagnosis, "portal_problem", lambda url: "")


def run(*arguments):
    out = StringIO()
    call_command("voice", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def check():
    """Run the check; return what it says and its exit code."""
    out = StringIO()
    try:
        call_command("voice", "check", stdout=out)
    except SystemExit as ended:
        return out.getvalue(), ended.code
    return out.getvalue(), 0


def only(objects):
    [one] = objects.values()
    return one


# sync


def test_sync_says_what_it_made_and_tells_the_secret_once(account):
    said = run("sync")

    secret = only(account.webhooks)["webhook_secret"]
    assert said.splitlines()[1:4] == [
        "Created: tool get_next_question.",
        "Created: tool save_answer.",
        "Created: tool end_interview.",
    ]
    assert f"{SECRET_LINE}{secret}\n" in said
    assert said.count(secret) == 1


def test_sync_never_shows_a_key(account, settings):
    said = run("sync")

    assert settings.AGENT_API_KEY not in said
    assert settings.ELEVENLABS_API_KEY not in said


def test_second_sync_changes_nothing_and_says_so(vendor):
    vendor.requests.clear()

    assert run("sync") == "Everything is as it should be.\n"
    assert vendor.writes == []


def test_second_sync_says_that_the_secret_is_missing(vendor, settings):
    settings.ELEVENLABS_WEBHOOK_SECRET = ""
    vendor.requests.clear()

    said = run("sync")

    assert said.startswith("ELEVENLABS_WEBHOOK_SECRET is not set")
    assert "voice sync --new-webhook" in said
    assert vendor.writes == []


def test_dry_run_says_what_would_change_and_changes_nothing(vendor):
    only(vendor.agents)["conversation_config"]["turn"]["turn_timeout"] = 7
    vendor.requests.clear()

    assert run("sync", "--dry-run").splitlines() == [
        "Would change: agent “Parley · portal.example”.",
        "  conversation_config.turn.turn_timeout: 7 → 20",
    ]
    assert vendor.writes == []


def test_dry_run_of_everything_writes_nothing(account, tmp_path):
    file = tmp_path / ".env"

    said = run("sync", "--dry-run", "--new-webhook", "--env-file", str(file))

    assert said.count("Would create: ") == 6
    assert SECRET_LINE not in said
    assert account.writes == []
    assert not file.exists()


def test_sync_in_words_of_the_drift(vendor):
    only(vendor.webhooks)["is_disabled"] = True

    assert run("sync").splitlines() == [
        "Switched on again: webhook to https://portal.example/webhooks/elevenlabs.",
        "  switched off by hand",
    ]


def test_sync_writes_the_secret_into_a_file(account, tmp_path):
    file = tmp_path / "settings.env"
    file.write_text("SECRET_KEY=x\nELEVENLABS_WEBHOOK_SECRET=\nPORT=1\n")
    file.chmod(0o644)

    said = run("sync", "--env-file", str(file))

    secret = only(account.webhooks)["webhook_secret"]
    assert file.read_text() == (
        f"SECRET_KEY=x\nELEVENLABS_WEBHOOK_SECRET={secret}\nPORT=1\n"
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert secret not in said
    assert f"ELEVENLABS_WEBHOOK_SECRET is in {file} now." in said


def test_new_webhook_moves_the_secret_before_to_its_place(vendor, settings, tmp_path):
    file = tmp_path / ".env"
    before = settings.ELEVENLABS_WEBHOOK_SECRET
    file.write_text(f"export ELEVENLABS_WEBHOOK_SECRET='{before}'")

    run("sync", "--new-webhook", "--env-file", str(file))

    secret = only(vendor.webhooks)["webhook_secret"]
    assert file.read_text() == (
        f"ELEVENLABS_WEBHOOK_SECRET={secret}\n"
        f"ELEVENLABS_WEBHOOK_SECRET_PREVIOUS={before}\n"
    )


def test_file_that_cannot_be_written_stops_before_anything_is_made(account, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        run("sync", "--env-file", str(tmp_path / "nowhere" / ".env"))

    assert account.requests == []


def test_secret_is_shown_if_the_file_fails_after_all(account, tmp_path, monkeypatch):
    def full(path, text):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(env_file, "replace_file", full)

    said = run("sync", "--env-file", str(tmp_path / ".env"))

    assert "No space left on device" in said
    assert SECRET_LINE + only(account.webhooks)["webhook_secret"] in said


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "{new}\n"),
        ("A=1", "A=1\n{new}\n"),
        ("A=1\n", "A=1\n{new}\n"),
        ("# {name}=comment\n", "# {name}=comment\n{new}\n"),
        ("{name}=\n", "{new}\n"),
        ("{name}=old\nA=1\n", "{new}\nA=1\n{name}_PREVIOUS=old\n"),
        ('{name}="old"\n{name}_PREVIOUS=older\n', "{new}\n{name}_PREVIOUS=old\n"),
    ],
)
def test_file_keeps_all_else(tmp_path, before, after):
    file = tmp_path / ".env"
    file.write_text(before.format(name=env_file.NAME))

    env_file.store_secret(file, r"wsec_\1")

    assert file.read_text() == after.format(
        name=env_file.NAME, new=rf"{env_file.NAME}=wsec_\1"
    )


def test_file_behind_a_link_is_the_one_that_is_written(tmp_path):
    file, link = tmp_path / "real.env", tmp_path / ".env"
    file.write_text("A=1\n")
    link.symlink_to(file)

    env_file.store_secret(link, "s")

    assert link.is_symlink()
    assert file.read_text() == f"A=1\n{SECRET_LINE}s\n"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ELEVENLABS_API_KEY", "", "ELEVENLABS_API_KEY is not set"),
        ("PUBLIC_URL", "", "PUBLIC_URL is not set"),
        ("PUBLIC_URL", "portal.example", "does not begin with https://"),
        ("ELEVENLABS_API_KEY", "wrong", "ELEVENLABS_API_KEY to a valid key"),
        ("ELEVENLABS_AGENT_ID", "agent_gone", "Correct ELEVENLABS_AGENT_ID"),
        ("ELEVENLABS_BASE_URL", "http://127.0.0.1:9", "cannot be reached"),
    ],
)
def test_sync_says_in_a_sentence_what_is_wrong(account, settings, name, value, said):
    setattr(settings, name, value)

    with pytest.raises(CommandError, match=said):
        run("sync")

    assert account.writes == []


def test_sync_that_breaks_off_says_how_to_go_on(account, settings, monkeypatch):
    settings.ELEVENLABS_LLM = "gpt"
    settings.ELEVENLABS_RETENTION_DAYS = 99_999_999

    with pytest.raises(CommandError) as caught:
        run("sync")

    assert "ElevenLabs answered 422" in str(caught.value)
    assert "run the command again to go on from there" in str(caught.value)


# check


@pytest.mark.usefixtures("portal_answers")
def test_check_says_in_one_line_that_all_is_well(vendor):
    vendor.requests.clear()

    assert check() == ("Voice interviews work.\n", 0)
    assert vendor.writes == []


@pytest.mark.usefixtures("portal_answers")
def test_check_names_every_drift(vendor):
    agent = only(vendor.agents)
    agent["conversation_config"]["agent"]["prompt"]["temperature"] = 0.9
    agent["platform_settings"]["auth"]["enable_auth"] = False
    vendor.requests.clear()

    said, code = check()

    assert said.splitlines() == [
        "Not as the settings say: agent “Parley · portal.example”.",
        "  conversation_config.agent.prompt.temperature: 0.9, expected: 0",
        "  platform_settings.auth.enable_auth: false, expected: true",
        "  → Run manage.py voice sync.",
    ]
    assert code == 1
    assert vendor.writes == []


@pytest.mark.usefixtures("portal_answers")
def test_check_names_what_is_missing(vendor):
    vendor.agents.clear()
    vendor.secrets.clear()

    said, code = check()

    assert "Missing: agent “Parley · portal.example”." in said
    assert "Missing: secret “parley portal.example " in said
    assert code == 1


@pytest.mark.usefixtures("portal_answers")
def test_check_tells_why_a_webhook_is_off(vendor):
    only(vendor.webhooks).update(
        is_auto_disabled=True,
        most_recent_failure_error_code=401,
        most_recent_failure_timestamp=1_790_000_000,
    )

    said, code = check()

    assert "Off: webhook to https://portal.example/webhooks/elevenlabs." in said
    assert "its last failure: 401, 2026-09-21 14:13 UTC" in said
    assert code == 1


@pytest.mark.usefixtures("portal_answers")
def test_check_names_a_double(vendor):
    agent = only(vendor.agents)
    vendor.agents["agent_double"] = copy.deepcopy(agent) | {"agent_id": "agent_double"}

    said, code = check()

    assert "There are 2 agents called “Parley · portal.example”." in said
    assert f"Parley uses the oldest, {agent['agent_id']}." in said
    assert code == 1


@pytest.mark.usefixtures("portal_answers")
def test_check_names_a_secret_left_over(vendor, settings):
    vendor.secrets["old"] = only(vendor.secrets) | {
        "secret_id": "old",
        "name": "parley portal.example 0123",
    }

    said, code = check()

    assert said.startswith("Left over: secret “parley portal.example 0123”.")
    assert code == 1


def test_check_tells_that_the_vendor_is_away(vendor):
    vendor.faults.outage = True

    said, code = check()

    assert said.startswith("ElevenLabs answered 503: no healthy upstream.")
    assert "Candidates can answer in writing meanwhile." in said
    assert code == 1


def test_check_does_not_wait_for_a_slow_vendor(vendor, monkeypatch):
    monkeypatch.setattr(diagnosis, "TIMEOUT_SECONDS", 0.2)
    vendor.faults.slow_rest = 2

    said, code = check()

    assert "cannot be reached (ReadTimeout)" in said
    assert code == 1


@pytest.mark.parametrize(
    ("status", "body", "what", "todo"),
    [
        (
            401,
            PERMISSIONS,
            "is missing the permission convai_read.",
            "Give the key the",
        ),
        (403, {"detail": "Forbidden"}, "answered 403: Forbidden.", "Give the key the"),
        (429, {"detail": "Slow down"}, "answered 429: Slow down.", "Try again in some"),
        (422, REFUSED, "body.name: Field required; too long.", "Correct the setting"),
        (400, "<html>", "answered 400: <html>.", "Correct the setting"),
        (400, None, "answered 400: None.", "Correct the setting"),
    ],
)
def test_what_the_vendor_refuses_is_said_with_what_to_do(status, body, what, todo):
    with pytest.raises(VendorError) as caught, vendor_errors(default()):
        raise ApiError(status_code=status, body=body)

    finding = diagnosis.vendor_finding(caught.value, default())
    assert finding.what.endswith(what)
    assert finding.todo.startswith(todo)


def test_answer_of_another_shape_is_an_error_of_the_vendor():
    with (
        pytest.raises(VendorError, match="does not understand"),
        vendor_errors(default()),
    ):
        raise ParsingError(status_code=200, body={})


def test_answer_that_lacks_what_is_asked_for_is_an_error_of_the_vendor(vendor):
    with pytest.raises(VendorError, match="has no agents"):
        Account(default()).ask("agents", lambda client: client.webhooks.list)


@pytest.mark.usefixtures("portal_answers")
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ELEVENLABS_API_KEY", "", "ELEVENLABS_API_KEY is not set"),
        ("ELEVENLABS_API_KEY", "wrong", "ElevenLabs answered 401: Invalid API key."),
        ("PUBLIC_URL", "", "PUBLIC_URL is not set."),
        ("PUBLIC_URL", "ftp://portal.example", "does not begin with https://."),
        ("ELEVENLABS_AGENT_ID", "agent_gone", "There is no agent agent_gone"),
        ("ELEVENLABS_WEBHOOK_SECRET", "", "ELEVENLABS_WEBHOOK_SECRET is not set"),
    ],
)
def test_check_names_a_wrong_setting(vendor, settings, name, value, said):
    setattr(settings, name, value)

    text, code = check()

    assert said in text
    assert code == 1


@pytest.mark.parametrize(
    ("url", "demo", "problem"),
    [
        ("https://portal.example", False, ""),
        ("http://portal.example", False, "PUBLIC_URL does not begin with https://."),
        ("http://portal.example", True, ""),
        ("http://localhost:8000", False, ""),
        ("http://127.0.0.1:8000", False, ""),
        ("https://", False, "PUBLIC_URL does not begin with https://."),
        ("http://", True, "PUBLIC_URL does not begin with https://."),
    ],
)
def test_plain_http_is_for_demonstrations(settings, url, demo, problem):
    settings.PUBLIC_URL, settings.DEMO = url, demo

    assert installation.address_problem() == problem


def test_check_tells_that_the_portal_does_not_answer(vendor):
    said, code = check()

    # No such host.
    assert said.startswith("https://portal.example/healthz cannot be reached from here")
    assert code == 1


def test_portal_is_asked_at_its_own_address(live_server, fake_elevenlabs):
    assert diagnosis.portal_problem(f"{live_server.url}/healthz") == ""
    assert diagnosis.portal_problem(f"{live_server.url}/nothing").endswith(
        "answered 404."
    )
    assert "cannot be reached" in diagnosis.portal_problem("http://[")

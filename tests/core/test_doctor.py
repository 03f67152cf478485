"""`manage.py doctor`: each of its lines both ways, and nothing secret in any."""

import json
import shutil
import ssl
import time
from datetime import UTC, datetime, timedelta
from io import StringIO
from smtplib import SMTPAuthenticationError
from threading import Event
from typing import NamedTuple

import httpx
import pytest
from django.core import mail
from django.core.mail.backends.smtp import EmailBackend
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from core import (
    backup_state,
    doctor,
    doctor_address,
    doctor_database,
    doctor_files,
    doctor_mail,
    doctor_settings,
)
from core.doctor import Level, Line
from tests.factories import CandidateFactory, SessionFactory
from tests.field_keys import KEYS
from voice import diagnosis
from voice import doctor as voice_doctor
from voice.models import EventSource, EventState, VoiceEvent
from voice.vendor import VendorError

GIGABYTE = 1024**3
STRONG = "vX2p-Qe8_ZkT0mNwRyUaSdFgHjKlBcVbNm1234567890qWeRtYuIoP"


def levels(check):
    """Return level and text of what a check finds, as one text each."""
    return [f"{one.level}: {one.text}" for one in check]


def test_checks_run_side_by_side_and_are_told_in_order(monkeypatch):
    both = Event()
    monkeypatch.setattr(
        doctor,
        "CHECKS",
        {
            "first": lambda: [doctor.ok(str(both.wait(5)))],
            "second": lambda: [doctor.ok(str(both.set()))],
        },
    )

    lines = list(doctor.examine())

    assert [(line.check, line.finding.text) for line in lines] == [
        ("first", "True"),
        ("second", "None"),
    ]


def test_check_that_fails_is_a_line_without_its_words(monkeypatch):
    def fail():
        yield doctor.ok("so far")
        raise OperationalError("postgresql://parley:canary@host")

    monkeypatch.setattr(doctor, "CHECKS", {"database": fail})

    lines = list(doctor.examine())

    assert [line.finding.level for line in lines] == [Level.OK, Level.PROBLEM]
    assert lines[1].finding.text == "This check could not be made (OperationalError)."
    assert "canary" not in str(lines)


def test_check_that_hangs_is_a_line(monkeypatch):
    end = Event()
    monkeypatch.setattr(doctor, "CHECKS", {"mail": lambda: [str(end.wait(30))]})

    [line] = doctor.examine(0.05)

    end.set()
    assert line.finding.text == "This check did not end within 0.05 seconds."


def run(*arguments):
    """Return what the command writes, and its exit status."""
    out = StringIO()
    try:
        call_command("doctor", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


@pytest.fixture
def only(monkeypatch):
    """Let the doctor find these and nothing else."""

    def find(*findings):
        monkeypatch.setattr(doctor, "CHECKS", {"disk": lambda: findings})

    return find


def test_command_writes_a_line_each_and_ends_with_1_on_a_problem(only):
    only(doctor.ok("Well."), doctor.warning("Low.", "Look."))
    assert run() == (
        "ok       disk         Well.\n"
        "warning  disk         Low.\n"
        "                      → Look.\n",
        0,
    )

    only(doctor.problem("Full.", "Make room."))
    assert run()[1] == 1


def test_command_writes_json(only):
    only(doctor.problem("Full.", "Make room."))

    text, status = run("--json")

    assert status == 1
    assert json.loads(text) == [
        {"check": "disk", "level": "problem", "text": "Full.", "todo": "Make room."}
    ]


def test_command_sends_a_letter_only_when_asked(only, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    only(doctor.ok("Well."))
    run()
    assert mail.outbox == []

    text, status = run("--send-test", "anna@example.com")

    assert (status, mail.outbox[0].to) == (0, ["anna@example.com"])
    assert "handed over" in text


def test_letter_that_is_not_sent_is_a_problem(only, monkeypatch):
    def fail(letter):
        raise OSError("canary")

    only(doctor.ok("Well."))
    monkeypatch.setattr(doctor_mail.EmailMessage, "send", fail)

    text, status = run("--send-test", "anna@example.com")

    assert status == 1
    assert "canary" not in text


@pytest.mark.django_db(transaction=True)
def test_no_line_holds_a_secret(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    canary = "canary-8c1e"
    settings.SECRET_KEY = settings.AGENT_API_KEY = settings.METRICS_TOKEN = canary
    settings.SECRET_KEY_FALLBACKS = [canary]
    settings.AGENT_API_KEY_PREVIOUS = settings.ELEVENLABS_WEBHOOK_SECRET = canary
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = canary
    settings.PUBLIC_URL = f"https://{canary}:{canary}@127.0.0.1:9"

    text, status = run("--timeout", "5")

    assert status == 1
    assert canary not in text
    assert "could not be made" not in text
    assert {line.check for line in doctor.examine()} >= {"keys", "clock", "storage"}


def test_modes_of_a_demo_are_problems(settings):
    settings.DEMO = settings.DEBUG = True
    settings.HTTPS, settings.ALLOWED_HOSTS = False, ["*"]
    assert [one.level for one in doctor_settings.modes()] == [
        *(Level.PROBLEM, Level.PROBLEM),
        *(Level.WARNING, Level.WARNING),
    ]

    settings.DEMO = settings.DEBUG = False
    settings.HTTPS, settings.ALLOWED_HOSTS = True, ["portal.example"]
    assert levels(doctor_settings.modes()) == [
        "ok: Production: neither DEMO nor DEBUG is on."
    ]


@pytest.mark.parametrize(
    ("key", "level"),
    [
        ("", Level.PROBLEM),
        ("short", Level.PROBLEM),
        ("tests-only-" * 3, Level.PROBLEM),
        ("a" * 80, Level.PROBLEM),
        (STRONG, Level.OK),
        ("0123456789abcdef" * 4, Level.OK),
    ],
)
def test_keys_are_long_and_varied(key, level):
    assert doctor_settings.strength("SECRET_KEY", key).level is level


def test_keys_are_two(settings):
    settings.SECRET_KEY = settings.AGENT_API_KEY = STRONG
    assert "are the same" in levels(doctor_settings.keys_are_strong())[2]

    settings.AGENT_API_KEY = STRONG[::-1]
    settings.AGENT_API_KEY_PREVIOUS = "earlier"
    assert levels(doctor_settings.keys_are_strong()) == [
        "ok: SECRET_KEY is set and strong.",
        "ok: AGENT_API_KEY is set and strong.",
        "ok: AGENT_API_KEY_PREVIOUS is set: an earlier key still counts.",
    ]


def test_messages_of_djangos_checks_are_told(db, settings):
    settings.SECURE_SSL_REDIRECT = False

    found = levels(doctor_settings.settings_fit())

    assert any("security.W008" in line for line in found)


def test_key_that_is_missing_is_told(db, settings, field_keys):
    CandidateFactory()
    settings.FIELD_KEYS = KEYS[1:2]

    found = levels(doctor_settings.settings_fit())

    assert [line.split(":")[0] for line in found if "parley.E009" in line] == [
        "problem"
    ]


class Outside(NamedTuple):
    """A portal as it looks from outside: what its proxy does."""

    health: int = 200
    knows_tls: bool = True
    passes_schemes_on: bool = False
    is_strict: bool = True

    def answer(self, request):
        if request.url.path == "/healthz":
            return httpx.Response(self.health)
        is_told = request.headers.get("x-forwarded-proto") == "http"
        if not self.knows_tls or (self.passes_schemes_on and is_told):
            return httpx.Response(301, headers={"location": str(request.url)})
        strict = {"strict-transport-security": "max-age=1"}
        return httpx.Response(200, headers=strict if self.is_strict else {})


@pytest.mark.parametrize(
    ("outside", "found"),
    [
        (
            Outside(),
            [
                "ok: The portal answers at PUBLIC_URL.",
                "ok: Pages open, and the proxy's word on the scheme is its own.",
            ],
        ),
        (Outside(health=400), ["problem: /healthz at PUBLIC_URL answered 400."]),
        (
            Outside(knows_tls=False),
            [
                "ok: The portal answers at PUBLIC_URL.",
                "problem: The sign-in page leads to itself: the portal does not know of "
                "TLS.",
                "warning: Pages do not carry Strict-Transport-Security.",
            ],
        ),
        (
            Outside(passes_schemes_on=True),
            [
                "ok: The portal answers at PUBLIC_URL.",
                "warning: The proxy passes on a client's own X-Forwarded-Proto.",
            ],
        ),
        (
            Outside(is_strict=False),
            [
                "ok: The portal answers at PUBLIC_URL.",
                "ok: Pages open, and the proxy's word on the scheme is its own.",
                "warning: Pages do not carry Strict-Transport-Security.",
            ],
        ),
    ],
)
def test_address_is_asked_from_outside(settings, monkeypatch, outside, found):
    settings.PUBLIC_URL = "https://portal.example"
    client = httpx.Client(transport=httpx.MockTransport(outside.answer))
    monkeypatch.setattr(doctor_address.httpx, "Client", lambda **options: client)

    assert levels(doctor_address.address_answers()) == found


def test_address_that_is_not_set_or_not_reached_is_a_warning(settings):
    for url in ("", "https://127.0.0.1:9"):
        settings.PUBLIC_URL = url
        [finding] = doctor_address.address_answers()
        assert finding.level is Level.WARNING


@pytest.mark.parametrize(
    ("days", "level"), [(60, Level.OK), (14, Level.WARNING), (3, Level.PROBLEM)]
)
def test_certificate_is_renewed_in_time(settings, monkeypatch, days, level):
    settings.PUBLIC_URL = "https://portal.example"
    end = time.time() + days * doctor_address.DAY
    monkeypatch.setattr(doctor_address, "expiry", lambda address: end)

    [finding] = doctor_address.certificate_is_good()

    assert finding.level is level


@pytest.mark.parametrize(
    ("error", "level"),
    [(ssl.SSLCertVerificationError(), Level.PROBLEM), (OSError(), Level.WARNING)],
)
def test_certificate_that_is_refused_is_a_problem(settings, monkeypatch, error, level):
    def fail(address):
        error.verify_message = "certificate has expired"
        raise error

    settings.PUBLIC_URL = "https://portal.example"
    monkeypatch.setattr(doctor_address, "expiry", fail)

    [finding] = doctor_address.certificate_is_good()

    assert finding.level is level


def test_there_is_no_certificate_without_tls(settings):
    settings.PUBLIC_URL = "http://localhost:8000"

    assert list(doctor_address.certificate_is_good()) == []


@pytest.mark.django_db
def test_database_as_it_should_be(monkeypatch):
    safe = doctor_database.SAFE | {"autovacuum": "on", "TimeZone": "UTC"}
    found = {"max_connections": "500", "server_version_num": "180001", **safe}
    monkeypatch.setattr(doctor_database, "setting", found.__getitem__)

    assert {one.level for one in doctor_database.database_fits()} == {Level.OK}


@pytest.mark.django_db
def test_database_of_the_tests_is_not_safe():
    """It runs without fsync: the setting is the server's, not a guess."""
    found = levels(doctor_database.durability())

    assert found == [
        "problem: fsync, full_page_writes, synchronous_commit: not on. What the portal "
        "acknowledged can be lost."
    ]


def test_commit_that_a_standby_has_is_safe_too(monkeypatch):
    found = doctor_database.SAFE | {"synchronous_commit": "remote_apply"}
    monkeypatch.setattr(doctor_database, "setting", found.__getitem__)
    assert [one.level for one in doctor_database.durability()] == [Level.OK]

    found["fsync"] = "remote_apply"
    assert [one.level for one in doctor_database.durability()] == [Level.PROBLEM]


def test_database_that_is_away_is_one_line(monkeypatch):
    class Away:
        def ensure_connection(self):
            raise OperationalError("canary")

    monkeypatch.setattr(doctor_database, "connection", Away())

    assert levels(doctor_database.database_fits()) == [
        "problem: The database cannot be reached (OperationalError)."
    ]


@pytest.mark.parametrize(
    ("major", "level"), [(14, "problem"), (15, "ok"), (18, "ok"), (19, "problem")]
)
def test_version_of_the_database(major, level):
    assert doctor_database.version(major).level == level


@pytest.mark.parametrize(("there", "level"), [(1, Level.OK), (0, Level.WARNING)])
def test_extension(monkeypatch, there, level):
    monkeypatch.setattr(doctor_database, "value", lambda *statement: there)

    assert doctor_database.extension().level is level


@pytest.mark.parametrize(("state", "level"), [("on", Level.OK), ("off", Level.PROBLEM)])
def test_autovacuum(monkeypatch, state, level):
    monkeypatch.setattr(doctor_database, "setting", lambda name: state)

    assert doctor_database.vacuum().level is level


def test_connections_are_as_many_as_places(monkeypatch, settings):
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    assert doctor_database.connections_suffice(92).level is Level.OK
    assert doctor_database.connections_suffice(91).level is Level.PROBLEM

    settings.DATABASE_POOLER = True
    assert doctor_database.connections_suffice(91).level is Level.OK


def test_migrations(monkeypatch):
    for waits, level in ((True, Level.PROBLEM), (False, Level.OK)):
        monkeypatch.setattr(doctor_database, "pending_migrations", lambda w=waits: w)
        [finding] = doctor_database.migrations_are_applied()
        assert finding.level is level


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("minutes", "level"), [(0, Level.OK), (0.2, Level.WARNING), (3, Level.PROBLEM)]
)
def test_clock_is_held_against_the_databases(monkeypatch, minutes, level):
    there = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setattr(doctor_database, "value", lambda *statement: there)

    [finding] = doctor_database.clock_agrees()

    assert finding.level is level


@pytest.mark.django_db
def test_worker_gives_a_sign_of_life():
    assert [one.level for one in doctor_database.worker_lives()] == [Level.PROBLEM]

    execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert [one.level for one in doctor_database.worker_lives()] == [Level.OK]


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_queue_moves():
    assert levels(doctor_database.queue_moves()) == [
        "ok: Jobs are done as they come.",
        "ok: No job was given up.",
    ]

    execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, scheduled_at)"
        " VALUES ('default', 'a', 'todo', now() - interval '12 minutes'),"
        " ('default', 'b', 'doing', NULL), ('default', 'c', 'failed', NULL)"
    )

    assert levels(doctor_database.queue_moves()) == [
        "warning: The oldest job that is due waits for 12 minutes.",
        "warning: 1 jobs were begun by a worker that is gone.",
        "warning: 1 jobs were given up.",
    ]


def test_queue_that_stands_still_is_a_problem():
    assert doctor_database.waiting(31).level is Level.PROBLEM


@pytest.mark.parametrize(
    ("free", "total", "level"),
    [
        (50 * GIGABYTE, 100 * GIGABYTE, Level.OK),
        (9 * GIGABYTE, 100 * GIGABYTE, Level.WARNING),
        (4 * GIGABYTE, 20 * GIGABYTE, Level.WARNING),
        (2 * GIGABYTE, 100 * GIGABYTE, Level.PROBLEM),
        (GIGABYTE // 2, GIGABYTE, Level.PROBLEM),
    ],
)
def test_disk_has_room(tmp_path, monkeypatch, free, total, level):
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "not" / "there"))
    usage = shutil._ntuple_diskusage(total, total - free, free)
    monkeypatch.setattr(doctor_files.shutil, "disk_usage", lambda path: usage)

    [finding] = doctor_files.disk_has_room()

    assert finding.level is level


@pytest.fixture
def stored_in(settings):
    """Let recordings and exports lie in a folder."""

    def use(folder):
        one = {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder},
        }
        settings.STORAGES = settings.STORAGES | {"recordings": one, "exports": one}

    return use


def test_storage_is_written_to_and_left_as_it_was(tmp_path, stored_in):
    stored_in(tmp_path)

    found = levels(doctor_files.storage_is_writable())

    assert found == [
        "ok: Files can be written, read and removed under recordings.",
        "ok: Files can be written, read and removed under exports.",
    ]
    assert list(tmp_path.iterdir()) == []


def test_storage_that_is_not_writable_is_a_problem(tmp_path, stored_in):
    (tmp_path / "file").touch()
    stored_in(tmp_path / "file" / "below")

    assert {one.level for one in doctor_files.storage_is_writable()} == {Level.PROBLEM}


def test_storage_that_gives_something_else_is_a_problem():
    assert doctor_files.stored("recordings", False).level is Level.PROBLEM


@pytest.mark.parametrize(
    ("hours", "level"), [(20, "ok"), (30, "warning"), (9 * 24, "problem")]
)
def test_backup_is_of_today(tmp_path, monkeypatch, hours, level):
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    backup_state.remember(datetime.now(UTC) - timedelta(hours=hours))

    [finding] = doctor_files.backup_is_fresh()

    assert finding.level == level


def test_backup_that_nobody_knows_of_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    (tmp_path / "last-backup.json").write_text("{")

    [finding] = doctor_files.backup_is_fresh()

    assert finding.level is Level.WARNING


class Server(EmailBackend):
    """A mail server that takes the connection, or fails in a way of its own."""

    error = None

    def open(self):
        if self.error:
            raise self.error


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (None, "ok: The mail server accepts our connection and sign-in."),
        (
            SMTPAuthenticationError(535, b"canary"),
            "problem: The mail server does not accept our sign-in (535).",
        ),
        (
            ConnectionRefusedError(),
            "problem: The mail server cannot be reached (ConnectionRefusedError).",
        ),
    ],
)
def test_mail_server_is_signed_in_to(settings, monkeypatch, error, found):
    settings.EMAIL_BACKEND = "tests.core.test_doctor.Server"
    monkeypatch.setattr(Server, "error", error)

    assert levels(doctor_mail.mail_can_be_sent()) == [found]
    assert mail.outbox == []


def test_mail_that_goes_nowhere_is_a_warning(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert [one.level for one in doctor_mail.mail_can_be_sent()] == [Level.WARNING]

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert [one.level for one in doctor_mail.mail_can_be_sent()] == [Level.OK]


@pytest.mark.django_db
def test_voice_that_is_off_is_well(settings):
    settings.ELEVENLABS_API_KEY = ""

    assert len(list(voice_doctor.voice_works())) == 1
    assert list(voice_doctor.clock_agrees_with_vendor()) == []
    assert list(voice_doctor.reports_come_in()) == []


def test_voice_in_step_is_well(vendor, monkeypatch):
    monkeypatch.setattr(diagnosis, "portal_problem", lambda url: "")

    assert levels(voice_doctor.voice_works()) == [
        "warning: Workspace default: no limit of calls is set.",
        "ok: Key, agent, tools and webhook are as the settings say.",
    ]


def test_voice_that_is_not_in_step_is_a_problem(vendor, settings, monkeypatch):
    monkeypatch.setattr(diagnosis, "portal_problem", lambda url: "")
    settings.ELEVENLABS_MAX_CALLS = 5
    settings.ELEVENLABS_LLM = "another-model"
    [webhook] = vendor.webhooks.values()
    webhook["is_disabled"] = True

    found = list(voice_doctor.voice_works())

    assert {one.level for one in found} == {Level.PROBLEM, Level.OK}
    assert found[-1].text == "Workspace default: at most 5 calls at once."
    assert all(one.todo for one in found[:-1])


def test_workspace_that_is_left_out_is_told(vendor, settings, monkeypatch):
    from voice import absences
    from voice.workspaces import default

    absences.leave_out(default(), VendorError("away"))

    assert [one.level for one in voice_doctor.left_out()] == [Level.WARNING]


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, "ok"), (10, "warning"), (90, "problem")]
)
def test_clock_is_held_against_the_vendors(vendor, monkeypatch, seconds, level):
    there = datetime.now(UTC) + timedelta(seconds=seconds)
    date = there.strftime("%a, %d %b %Y %H:%M:%S GMT")
    answer = httpx.Response(404, headers={"date": date})
    monkeypatch.setattr(voice_doctor.httpx, "head", lambda *a, **b: answer)

    [finding] = voice_doctor.clock_agrees_with_vendor()

    assert finding.level == level


def test_clock_of_a_vendor_that_is_away_is_a_warning(vendor, settings):
    settings.ELEVENLABS_BASE_URL = "http://127.0.0.1:9"

    [finding] = voice_doctor.clock_agrees_with_vendor()

    assert finding.level is Level.WARNING


def test_reports_come_in(vendor):
    assert levels(voice_doctor.reports_come_in()) == [
        "ok: No call has been held yet, and no report came."
    ]

    call = SessionFactory(started=True).conversations.create(id="conv_1")
    late = timezone.now() - timedelta(hours=1)
    voice_doctor.Call.objects.create(conversation=call, pull_after=late)
    for state in (EventState.REJECTED, EventState.QUARANTINED):
        VoiceEvent.objects.create(
            source=EventSource.PULL, state=state, raw=b"", sha256=state, size=0
        )

    assert levels(voice_doctor.reports_come_in()) == [
        "warning: Calls were held, but no report of one ever came: Parley fetches them "
        "itself.",
        "warning: 1 reports of the last day had a wrong signature.",
        "warning: 1 reports of the last day could not be read.",
        "warning: 1 ended calls are not fetched yet.",
    ]

    VoiceEvent.objects.create(
        source=EventSource.WEBHOOK, raw=b"", sha256="1", size=0, workspace="default"
    )
    assert levels(voice_doctor.reports_come_in())[0].startswith("ok: The last report")


def test_worst_line_decides():
    well, low = doctor.ok(""), doctor.warning("", "")

    assert doctor.worst([]) is Level.OK
    assert doctor.worst([Line("a", low), Line("b", well)]) is Level.WARNING

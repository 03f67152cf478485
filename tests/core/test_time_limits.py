"""Nothing outside is waited for without end: the database, mail, files, ElevenLabs."""

import socket
import subprocess
import sys
import time

import pytest
from django.core.mail import EmailMessage

import manage
from config import settings as configured
from core import environment
from core.environment import BASE_DIR
from tests.config.test_settings import PRODUCTION, settings_with
from tests.voice.test_webhook_server import variables
from voice import calls, diagnosis, provisioning, vendor

SHOW = """
import config.wsgi
from django.db import connection
with connection.cursor() as cursor:
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        cursor.execute(f"SHOW {name}")
        print(cursor.fetchone()[0])
"""


@pytest.mark.django_db(transaction=True)
def test_web_server_waits_for_the_database_for_seconds():
    printed = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=BASE_DIR,
        env=variables(0),
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert printed.split() == ["15s", "5s", "30s"]


@pytest.mark.parametrize(
    ("arguments", "limits"),
    [
        (["procrastinate", "worker"], environment.WORKER_LIMITS),
        (["procrastinate", "worker", "--concurrency", "4"], environment.WORKER_LIMITS),
        (["migrate"], (0, 0)),
    ],
)
def test_jobs_have_minutes_and_commands_all_the_time(monkeypatch, arguments, limits):
    seen = []
    monkeypatch.setattr(environment, "limits", (0, 0))
    monkeypatch.setattr(sys, "argv", ["manage.py", *arguments])
    monkeypatch.setenv("DATABASE_URL", "postgresql://nowhere/x")
    monkeypatch.setattr(
        manage,
        "execute_from_command_line",
        lambda argv: seen.append(environment.limits),
    )

    manage.main()

    assert seen == [limits]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ((0, 0), {}),
        (
            (15, 5),
            {
                "options": "-c statement_timeout=15s -c lock_timeout=5s "
                "-c idle_in_transaction_session_timeout=30s"
            },
        ),
    ],
)
def test_limits_are_the_databases_own(monkeypatch, limits, expected):
    monkeypatch.setattr(environment, "limits", limits)

    assert configured.limits() == expected


def test_pooler_sets_them_itself(monkeypatch):
    monkeypatch.setattr(environment, "limits", (15, 5))
    monkeypatch.setattr(configured, "DATABASE_POOLER", True)

    assert configured.limits() == {}
    shipped = (BASE_DIR / "deploy" / "pgbouncer.ini").read_text()
    assert (
        "connect_query='SET statement_timeout = ''15s''; SET lock_timeout = ''5s'''"
        in shipped
    )


def test_database_that_vanishes_is_missed():
    names = ("connect_timeout", "keepalives_idle", "keepalives_interval")
    names += ("keepalives_count", "tcp_user_timeout")
    question = f"[settings.DATABASES['default']['OPTIONS'][n] for n in {names}]"

    assert settings_with(PRODUCTION, question) == "[3, 5, 2, 3, 10000]"


def test_address_of_the_database_comes_before_ours():
    url = "postgresql://p@db/x?connect_timeout=9"
    question = "settings.DATABASES['default']['OPTIONS']['connect_timeout']"

    assert settings_with(PRODUCTION | {"DATABASE_URL": url}, question) == "9"


def test_a_bucket_has_seconds():
    bucket = configured.private_storage("recordings")
    assert bucket["BACKEND"].endswith("FileSystemStorage")

    from core.bucket import Bucket

    config = Bucket(bucket_name="x").client_config

    assert (config.connect_timeout, config.read_timeout) == (5, 20)
    assert config.retries == {"total_max_attempts": 3, "mode": "standard"}


def test_the_voice_service_has_seconds():
    assert (vendor.TIMEOUT_SECONDS, calls.SIGNING_SECONDS) == (10, 6)
    assert (provisioning.AGENT_ID_TIMEOUT_SECONDS, diagnosis.TIMEOUT_SECONDS) == (6, 5)


def test_a_mail_server_that_says_nothing_is_given_up(settings):
    assert settings.EMAIL_TIMEOUT == 30
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 0.2
        began = time.monotonic()

        with pytest.raises(OSError, match="timed out"):
            EmailMessage("s", "b", "a@example.com", ["b@example.com"]).send()

    assert time.monotonic() - began < 2

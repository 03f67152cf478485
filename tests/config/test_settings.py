"""The settings: what they demand, and what they default to."""

import os
import subprocess
import sys

import pytest

from core.checks import commands_pass_by_the_pooler
from core.environment import BASE_DIR

PRODUCTION = {
    "SECRET_KEY": "s" * 50,
    "AGENT_API_KEY": "a" * 32,
    "DATABASE_URL": "postgresql://parley@db.example.com/parley",
    "ALLOWED_HOSTS": "interviews.example.com",
}
DEMO = {"DEMO": "true", "SECRET_KEY": "s", "AGENT_API_KEY": "a"}


def settings_with(environment, question, before=""):
    """Load the settings in a process of their own; return the answer, or the error."""
    program = f"{before}from config import settings; print({question})"
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], "ENV_FILE": ""} | environment,
        capture_output=True,
        text=True,
    )
    return (result.stdout or result.stderr).strip().splitlines()[-1]


@pytest.mark.parametrize("name", PRODUCTION)
@pytest.mark.parametrize("value", [None, ""])
def test_production_does_not_start_without(name, value):
    environment = PRODUCTION | {name: value}
    if value is None:
        del environment[name]

    answer = settings_with(environment, "'started'")

    assert answer.startswith(
        f"django.core.exceptions.ImproperlyConfigured: Set {name} in the environment"
    )


def test_production_is_strict():
    question = (
        "settings.DEBUG, settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE,"
        " settings.CSRF_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS > 0"
    )

    assert settings_with(PRODUCTION, question) == "False True True True True"


def test_demo_needs_neither_database_nor_hosts():
    question = "settings.DATABASES['default']['OPTIONS']['host'], settings.HTTPS"

    host, https = settings_with(DEMO, question).split()

    assert host.startswith("/")
    assert https == "False"


@pytest.mark.parametrize("name", ["SECRET_KEY", "AGENT_API_KEY"])
def test_demo_needs_its_keys_too(name):
    answer = settings_with(DEMO | {name: ""}, "'started'")

    assert f"Set {name} in" in answer


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({}, ("FileSystemStorage", f"{BASE_DIR}/var/recordings")),
        ({"VAR_DIR": "/srv/parley"}, ("FileSystemStorage", "/srv/parley/recordings")),
        ({"RECORDINGS_ROOT": "/mnt"}, ("FileSystemStorage", "/mnt/recordings")),
        ({"RECORDINGS_BUCKET": "calls"}, ("Bucket", "calls")),
    ],
)
def test_recordings_are_kept_in_a_folder_or_in_a_bucket(environment, place):
    question = (
        "(lambda s: (type(s).__name__, getattr(s, 'bucket_name', '') or str(s.location)))"
        "(__import__('django.core.files.storage', fromlist=['x'])"
        ".StorageHandler(settings.STORAGES)['recordings'])"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings"} | environment

    assert settings_with(PRODUCTION | environment, question) == str(place)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "5 False"),
        ({"DATABASE_PREPARE_THRESHOLD": "0"}, "None False"),
        ({"DATABASE_POOLER": "true"}, "None True"),
        ({"DATABASE_POOLER": "true", "DATABASE_PREPARE_THRESHOLD": "5"}, "5 True"),
    ],
)
def test_pooler_is_one_switch(environment, expected):
    question = (
        "settings.DATABASES['default']['OPTIONS']['prepare_threshold'],"
        " settings.DATABASES['default']['DISABLE_SERVER_SIDE_CURSORS']"
    )

    assert settings_with(PRODUCTION | environment, question) == expected


@pytest.mark.parametrize(
    ("direct", "expected"),
    [("", "db.example.com True"), ("postgresql://p@itself/parley", "itself False")],
)
def test_commands_go_to_the_database_itself(direct, expected):
    pooled = PRODUCTION | {"DATABASE_POOLER": "true", "DATABASE_DIRECT_URL": direct}
    question = "settings.DATABASES['default']['HOST'], settings.DATABASE_POOLER"

    answer = settings_with(
        pooled,
        question,
        before="from core import environment; environment.go_directly(); ",
    )

    assert answer == expected


def test_deployment_check_asks_for_the_database_itself(settings):
    settings.DATABASE_POOLER = True

    assert [found.id for found in commands_pass_by_the_pooler()] == ["parley.W007"]

    settings.DATABASE_POOLER = False

    assert commands_pass_by_the_pooler() == []

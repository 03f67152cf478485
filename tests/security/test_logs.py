"""Where lines go, and what of security is among them."""

import json
import logging
from datetime import datetime

import pytest
from django.conf import settings

from core.logs import JSONFormatter
from interviews.tokens import mint_token
from tests.factories import SessionFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_lines_are_in_universal_time():
    line = logging.LogRecord("parley", logging.INFO, "", 1, "said", None, None)

    told = json.loads(JSONFormatter().format(line))

    assert datetime.fromisoformat(told["time"]).utcoffset().total_seconds() == 0


def test_lines_go_to_one_place():
    """docs/security.md names it, and nothing else: the process's own error stream."""
    handlers = settings.LOGGING["handlers"]

    assert {name: one["class"] for name, one in handlers.items()} == {
        "stderr": "logging.StreamHandler"
    }
    assert settings.LOGGING["root"]["handlers"] == ["stderr"]
    assert not [
        name for name, one in settings.LOGGING["loggers"].items() if one.get("handlers")
    ]


@pytest.mark.parametrize("kind", ["another session", "another's rows", "no sign-in"])
def test_refused_access_is_a_line(client, caplog, settings, kind):
    caplog.set_level(logging.INFO, "parley")
    mine, other = SessionFactory(started=True), SessionFactory(started=True)
    headers = {
        "authorization": f"Bearer {settings.AGENT_API_KEY}",
        "x-session-token": mint_token(mine.pk),
    }
    if kind == "another session":
        client.get(f"/api/interview/{other.pk}/next", headers=headers)
    elif kind == "another's rows":
        client.force_login(UserFactory(role="reviewer"))
        client.get(f"/admin/interviews/interviewsession/{other.pk}/change/")
    else:
        client.get(f"/api/interview/{other.pk}/next")

    [line] = [line for line in caplog.records if line.message == "request"]
    assert line.status in {302, 401, 403, 404}
    assert line.route
    assert str(other.pk) not in JSONFormatter().format(line)
    if kind == "another session":
        assert "call for another session" in caplog.messages

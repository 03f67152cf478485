"""Failed attempts are counted by address, by all processes together."""

import http.client
import logging
import re
from contextlib import closing
from datetime import timedelta
from types import SimpleNamespace
from unittest import mock

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from accounts.tasks import forget_attempts
from core import limits
from core.models import FailedAttempts
from tests.core.test_portal import free_port, wait_until
from tests.factories import SessionFactory
from tests.voice import test_webhook_server as shipped
from tests.voice.deliveries import SECRET

pytestmark = pytest.mark.django_db

ADDRESS, OTHER = "198.51.100.7", "198.51.100.8"
FAILURES = {
    "session endpoints": "/api/interview/0d7a1f0e-0000-4000-8000-000000000000/next",
    "interview links": "/interview/0d7a1f0e-0000-4000-8000-000000000000",
    "shared links": "/shared/guess",
    "webhooks": "/webhooks/elevenlabs",
}
REFUSED = {
    "session endpoints": 401,
    "interview links": 404,
    "shared links": 404,
    "webhooks": 401,
}


@pytest.fixture(autouse=True)
def _few(settings, monkeypatch):
    """Limits of three, so that four requests tell what thirty would."""
    settings.LIMIT_FAILED_ATTEMPTS = True
    settings.ELEVENLABS_WEBHOOK_SECRET = SECRET
    few = tuple(limit._replace(failures=3) for limit in limits.LIMITS)
    monkeypatch.setattr(limits, "LIMITS", few)
    limits.known.forget()
    yield
    limits.known.forget()


def fail(name, address=ADDRESS, **headers):
    client = Client(REMOTE_ADDR=address, headers=headers)
    if name == "webhooks":
        return client.post(
            FAILURES[name],
            b"{}",
            content_type="application/json",
            headers={"elevenlabs-signature": "t=1700000000,v0=" + "0" * 64},
        )
    return client.get(FAILURES[name])


@pytest.mark.parametrize("name", FAILURES)
def test_failure_over_the_limit_is_429(name):
    answers = [fail(name) for _ in range(5)]

    usual = REFUSED[name]
    assert [answer.status_code for answer in answers] == [usual] * 3 + [429] * 2
    [limit] = [limit for limit in limits.LIMITS if limit.name == name]
    assert 0 < int(answers[-1]["Retry-After"]) <= limit.seconds
    assert "no-store" in answers[-1]["Cache-Control"]
    if name in {"session endpoints", "webhooks"}:
        assert answers[-1].json()["code"] == "too_many_attempts"
    else:
        assert "A link that works goes on working" in answers[-1].text


@pytest.mark.parametrize("name", FAILURES)
def test_another_address_is_not_concerned(name):
    for _ in range(5):
        fail(name)

    assert fail(name, OTHER).status_code == REFUSED[name]


def test_right_link_and_key_are_never_refused(agent_headers):
    """An office, or the voice service, has one address for all."""
    session = SessionFactory(started=True)
    for name in FAILURES:
        for _ in range(5):
            fail(name)
    client = Client(REMOTE_ADDR=ADDRESS)

    page = client.get(SessionFactory().get_absolute_url())
    question = client.get(
        f"/api/interview/{session.pk}/next", headers=agent_headers(session)
    )

    assert (page.status_code, question.status_code) == (200, 200)


def test_each_limit_counts_for_itself():
    for _ in range(5):
        fail("interview links")

    assert fail("shared links").status_code == 404


def test_a_network_of_ipv6_is_one_guesser():
    for number in range(4):
        fail("interview links", f"2001:db8:1:2::{number}")

    assert fail("interview links", "2001:db8:1:2:ffff::1").status_code == 429
    assert fail("interview links", "2001:db8:1:3::1").status_code == 404


def test_behind_a_proxy_the_client_counts(settings):
    settings.BEHIND_PROXY = True
    headers = {"x-forwarded-for": "10.0.0.1, 192.0.2.1"}
    for number in range(4):
        fail("interview links", f"10.0.0.{number}", **headers)

    assert fail("interview links", **headers).status_code == 429
    assert (
        fail("interview links", **{"x-forwarded-for": "192.0.2.2"}).status_code == 404
    )


def test_window_ends():
    for _ in range(4):
        fail("interview links")

    # The next process, some minutes later.
    limits.known.forget()
    FailedAttempts.objects.update(began_at=timezone.now() - timedelta(minutes=11))

    assert fail("interview links").status_code == 404
    assert FailedAttempts.objects.get().number == 1


def test_success_costs_no_statement(agent_headers, django_assert_num_queries):
    session = SessionFactory(started=True)
    client = Client()
    url = f"/api/interview/{session.pk}/next"
    client.get(url, headers=agent_headers(session))

    with django_assert_num_queries(1):
        client.get(url, headers=agent_headers(session))


def test_failure_costs_one_statement_and_a_known_one_none(django_assert_num_queries):
    with django_assert_num_queries(1):
        fail("session endpoints")
    for _ in range(3):
        fail("session endpoints")

    with django_assert_num_queries(0):
        assert fail("session endpoints").status_code == 429


def test_limits_do_not_fail_open_for_wrong_credentials():
    """Without the database nobody is counted, and nobody is let in."""
    with mock.patch.object(limits, "connection") as connection:
        connection.cursor.side_effect = OperationalError("away")
        answers = [fail("session endpoints").status_code for _ in range(5)]

    assert answers == [401] * 5


def test_no_address_is_stored():
    fail("interview links")

    row = FailedAttempts.objects.get()
    assert re.fullmatch("[0-9a-f]{64}", row.key)
    assert ADDRESS not in str(row.__dict__)


def test_limit_reached_is_a_line_without_the_address(caplog):
    caplog.set_level(logging.WARNING, "parley.security")
    for _ in range(6):
        fail("interview links")

    lines = [
        line for line in caplog.records if line.message == "too many failed attempts"
    ]
    assert [line.limit for line in lines] == ["interview links"]
    assert ADDRESS not in str([line.__dict__ for line in lines])


def test_what_this_process_knows_is_bounded(monkeypatch):
    monkeypatch.setattr(limits, "MOST_KNOWN", 2)
    for key in "abc":
        limits.known.add(key, 60)

    assert len(limits.known._until) == 1


def test_old_counts_are_forgotten():
    fail("interview links")
    FailedAttempts.objects.update(began_at=timezone.now() - timedelta(hours=1))
    fail("shared links")

    forget_attempts(timestamp=0)

    assert FailedAttempts.objects.count() == 1


def test_it_can_be_left_to_something_in_front(settings):
    settings.LIMIT_FAILED_ATTEMPTS = False

    assert [fail("shared links").status_code for _ in range(5)] == [404] * 5
    assert not FailedAttempts.objects.exists()


# Two processes of the shipped server


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    """Run the Procfile's web server with two processes on the tests' database."""
    port = free_port()
    log = tmp_path_factory.mktemp("server") / "log"
    with (
        log.open("wb") as file,
        django_db_blocker.unblock(),
        # Pages then need no collected files; of limits it changes nothing.
        mock.patch.dict("os.environ", {"WEB_CONCURRENCY": "2", "DEBUG": "true"}),
        shipped.running(port, file) as process,
    ):
        wait_until(lambda: shipped.answers(port) and len(process.children()) == 2)
        yield SimpleNamespace(port=port)


def ask(port, path):
    """Ask on a connection of its own, which either process may take."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as caller:
        caller.request("GET", path)
        return caller.getresponse().status


@pytest.mark.django_db(transaction=True)
def test_two_processes_count_as_one(server):
    """Each would allow thirty by itself, and together they would allow sixty."""
    links = [ask(server.port, FAILURES["shared links"]) for _ in range(36)]
    row = FailedAttempts.objects.get()
    form = login_form(server.port)
    refused = [is_turned_away(server.port, form, number) for number in range(24)]

    assert links == [404] * 30 + [429] * 6
    # Each process counts until it has seen the limit itself.
    assert 31 <= row.number <= 32
    # Twenty accounts a minute from one address; the fifth wrong of one is its own affair.
    assert refused == [False] * 20 + [True] * 4


def login_form(port):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as caller:
        caller.request("GET", "/accounts/login/")
        response = caller.getresponse()
        token = re.search(
            r'name="csrfmiddlewaretoken" value="(\w+)"', response.read().decode()
        )[1]
        return token, response.headers["Set-Cookie"].partition(";")[0]


def is_turned_away(port, form, number):
    """Send a wrong password for another account each time."""
    token, cookie = form
    body = f"csrfmiddlewaretoken={token}&login=p{number}%40example.com&password=wrong"
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as caller:
        caller.request("POST", "/accounts/login/", body, headers)
        return "Too many attempts" in caller.getresponse().read().decode()

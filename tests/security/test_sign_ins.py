"""How long a sign-in of the staff lasts, who sees it, and who ends it."""

import time
from importlib import import_module

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import sessions
from accounts.models import AuditEvent
from tests.accounts.conftest import PASSWORD
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/accounts/sign-ins/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"
YANDEX = "Mozilla/5.0 (X11; Linux x86_64) Chrome/128.0 YaBrowser/24.10 Safari/537.36"


@pytest.fixture
def anna():
    return UserFactory(hr=True, email="anna@example.com")


def signed_in(agent=FIREFOX, address="192.0.2.7"):
    browser = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    browser.post(
        "/accounts/login/", {"login": "anna@example.com", "password": PASSWORD}
    )
    return browser


def is_in(browser):
    return browser.get("/admin/").status_code == 200


def age(browser, **seconds):
    session = browser.session
    for name, ago in seconds.items():
        session[name] = time.time() - ago
    session.save()


@pytest.mark.parametrize(("minutes", "lasts"), [(119, True), (121, False)])
def test_idle_sign_in_ends(anna, minutes, lasts):
    browser = signed_in()

    age(browser, seen=minutes * 60)

    assert is_in(browser) is lasts


def test_who_works_goes_on(anna):
    browser = signed_in()
    age(browser, seen=100 * 60)

    assert is_in(browser)
    assert time.time() - browser.session["seen"] < 60


@pytest.mark.parametrize(("hours", "lasts"), [(11.9, True), (12.1, False)])
def test_sign_in_ends_after_a_working_day_however_busy(anna, hours, lasts):
    browser = signed_in()

    age(browser, began=hours * 3600, seen=10)

    assert is_in(browser) is lasts


def test_work_is_noted_now_and_then(anna, django_assert_max_num_queries):
    browser = signed_in()
    age(browser, seen=60)
    before = browser.session["seen"]

    browser.get("/accounts/")

    assert browser.session["seen"] == before


def test_sign_in_begins_a_new_session(anna, client):
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key

    client.post("/accounts/login/", {"login": anna.email, "password": PASSWORD})

    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_made_up_session_opens_nothing(anna):
    browser = Client()
    browser.cookies[django_settings.SESSION_COOKIE_NAME] = "a" * 32

    assert not is_in(browser)
    assert not Session.objects.filter(session_key="a" * 32).exists()


def test_session_that_was_left_is_dead(anna):
    browser = signed_in()
    kept = browser.cookies[django_settings.SESSION_COOKIE_NAME].value
    browser.post("/accounts/logout/")
    thief = Client()
    thief.cookies[django_settings.SESSION_COOKIE_NAME] = kept

    assert not is_in(thief)
    store = import_module(django_settings.SESSION_ENGINE).SessionStore(kept)
    assert dict(store.load()) == {}


def test_others_are_seen_and_ended(anna):
    here, there, third = signed_in(), signed_in(YANDEX, "192.0.2.9"), signed_in()
    other_person = Client()
    other_person.force_login(UserFactory(hr=True))

    page = here.get(PAGE)
    shown = page.context["sign_ins"]
    [of_yandex] = [one for one in shown if "Yandex" in one.place]
    here.post(PAGE, {"key": of_yandex.key})
    after_one = [is_in(browser) for browser in (here, there, third)]
    here.post(PAGE)
    after_all = [is_in(browser) for browser in (here, there, third)]

    assert {one.place for one in shown} == {
        "Firefox, Windows, 192.0.2.7",
        "Yandex, Linux, 192.0.2.9",
    }
    assert [one.is_this for one in shown].count(True) == 1
    assert here.session.session_key not in page.text
    assert after_one == [True, False, True]
    assert after_all == [True, False, False]
    assert is_in(other_person)
    assert AuditEvent.objects.filter(detail="sign-ins ended: 1").count() == 2


def test_key_of_another_person_ends_nothing(anna):
    here = signed_in()
    other = Client()
    other.force_login(UserFactory(hr=True))

    here.post(PAGE, {"key": sessions.name_of(other.session.session_key)})

    assert is_in(other)


def test_the_page_asks_for_the_password(anna):
    browser = signed_in()
    session = browser.session
    session["account_authentication_methods"][0]["at"] -= 3600
    session.save()

    response = browser.get(PAGE)

    assert (response.status_code, response["Location"]) == (
        302,
        f"/accounts/reauthenticate/?next={PAGE.replace('/', '%2F')}",
    )


def test_administrator_ends_anybodys(anna, capsys):
    browser, other = signed_in(), Client()
    other.force_login(UserFactory(hr=True))

    call_command("end_sign_ins", "ANNA@example.com")
    after_one = is_in(browser), is_in(other)
    call_command("end_sign_ins", "--all")

    assert after_one == (False, True)
    assert not is_in(other)
    assert capsys.readouterr().out == "Ended 1 sign-ins.\nEnded 1 sign-ins.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "or say --all"),
        (["anna@example.com", "--all"], "or say --all"),
        (["nobody@example.com"], "Nobody here"),
    ],
)
def test_command_says_what_it_wants(arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("end_sign_ins", *arguments)

"""The second factor: codes of an app, recovery codes, and where they are demanded."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache

from accounts.models import AuditEvent
from tests.factories import SessionFactory, UserFactory
from tests.totp import code_of

pytestmark = pytest.mark.django_db
ANNA = "anna@example.com"
CODE = "/accounts/2fa/authenticate/"


@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR = "required"


@pytest.fixture
def at_code(sign_in, enrolled):
    """Stand where the code is asked for; return the person and the app's key."""
    found = enrolled(email=ANNA)
    assert sign_in(ANNA)["Location"].startswith(CODE)
    return found


@pytest.fixture
def committing(django_capture_on_commit_callbacks):
    """Do what waits for a commit; the tests' transaction never ends in one."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def is_in(client):
    return client.get("/admin/").status_code == 200


def details():
    return list(AuditEvent.objects.order_by("pk").values_list("detail", flat=True))


def test_a_password_alone_opens_nothing(client, at_code):
    assert not is_in(client)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_the_apps_code_opens(client, at_code, steps):
    """A phone's clock may be half a minute off."""
    _user, key = at_code

    response = client.post(CODE, {"code": code_of(key, steps=steps)})

    assert response["Location"] == "/admin/"
    assert is_in(client)


@pytest.mark.parametrize("steps", [-3, 3])
def test_an_old_code_does_not(client, at_code, steps):
    _user, key = at_code

    client.post(CODE, {"code": code_of(key, steps=steps)})

    assert not is_in(client)


@pytest.mark.parametrize(
    "code",
    ["", "abcdef", "12345", "я" * 6, "1\x002345", "0" * 5000],
    ids=["empty", "letters", "short", "Cyrillic", "NUL", "long"],
)
def test_what_is_no_code_opens_nothing(client, at_code, code):
    assert client.post(CODE, {"code": code}).status_code == 200
    assert not is_in(client)


def test_a_code_is_good_once_in_any_process(client, at_code, sign_in):
    _user, key = at_code
    code = code_of(key)
    client.post(CODE, {"code": code})
    client.post("/accounts/logout/")
    sign_in(ANNA)
    cache.clear()  # another process has another

    client.post(CODE, {"code": code})

    assert not is_in(client)


def test_a_recovery_code_is_good_once(client, at_code, sign_in, recovery_codes):
    user, _key = at_code
    first, second, *_rest = recovery_codes(user)

    client.post(CODE, {"code": first})
    opened = is_in(client)
    client.post("/accounts/logout/")
    sign_in(ANNA)
    client.post(CODE, {"code": first})
    opened_again = is_in(client)
    client.post(CODE, {"code": second})

    assert (opened, opened_again, is_in(client)) == (True, False, True)
    assert len(recovery_codes(user)) == 8


def test_guessing_codes_locks_wherever_it_comes_from(client, at_code, sign_in):
    user, key = at_code
    answers = []
    for number in range(5):
        cache.clear()  # another process has another
        answers.append(
            client.post(
                CODE, {"code": f"00000{number}"}, REMOTE_ADDR=f"192.0.2.{number}"
            ).status_code
        )
    locked = client.post(CODE, {"code": code_of(key)}, REMOTE_ADDR="192.0.2.99")

    assert answers == [200] * 4 + [429]
    assert (locked.status_code, is_in(client)) == (429, False)
    assert "until" in locked.context
    assert details() == ["wrong code"] * 4 + ["wrong code, locked out"]
    assert AuditEvent.objects.filter(object_id=user.pk).count() == 5


def test_a_success_begins_the_count_anew(client, at_code, sign_in):
    _user, key = at_code
    for _ in range(4):
        client.post(CODE, {"code": "000000"})
    client.post(CODE, {"code": code_of(key)})
    client.post("/accounts/logout/")
    sign_in(ANNA)

    answers = [client.post(CODE, {"code": "000000"}).status_code for _ in range(4)]

    assert answers == [200] * 4


def test_secrets_are_sealed_in_the_database(client, enrolled, settings):
    _user, key = enrolled(email=ANNA)
    row = Authenticator.objects.get(type="totp")

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new one " * 6
    rotated = row.wrap().validate_code(code_of(key))
    settings.SECRET_KEY_FALLBACKS = []

    assert key not in str(row.data)
    assert rotated is True
    # A key that is gone opens nothing, and breaks nothing.
    assert row.wrap().validate_code(code_of(key, steps=1)) is False


def test_enrolment_by_the_picture(client, sign_in, committing):
    UserFactory(hr=True, email=ANNA)
    sign_in(ANNA)

    page = client.get("/accounts/2fa/app/")
    wrong = client.post("/accounts/2fa/app/", {"code": "000000"})
    key = page.context["form"].secret
    with committing():
        client.post("/accounts/2fa/app/", {"code": code_of(key)})
    codes = client.get("/accounts/2fa/codes/")
    download = client.get("/accounts/2fa/codes/download/")

    assert page.context["totp_url"].startswith("otpauth://totp/anna%40example.com?")
    assert "unsafe" not in page["Content-Security-Policy"]
    assert wrong.context["form"].errors == {
        "code": ["This code is not right. Each is good for half a minute, and once."]
    }
    assert len(codes.context["unused_codes"]) == 10
    assert all(code in download.text for code in codes.context["unused_codes"])
    assert "no-store" in codes["Cache-Control"]
    assert "no-store" in download["Cache-Control"]
    assert details() == [
        "",
        "second factor added: totp",
        "second factor added: recovery_codes",
    ]


def test_changes_ask_for_the_password_again(client, enrolled):
    """A session that was left open changes nothing."""
    user, _key = enrolled(email=ANNA)
    client.force_login(user)

    asked = [
        client.get(f"/accounts/2fa/{path}/")["Location"].partition("?")[0]
        for path in ["app/remove", "codes", "codes/new", "codes/download"]
    ]
    removed = client.post("/accounts/2fa/app/remove/")

    assert asked == ["/accounts/reauthenticate/"] * 4
    assert removed.status_code == 302
    assert Authenticator.objects.count() == 2


def test_new_codes_void_the_old(client, at_code, recovery_codes, committing):
    user, key = at_code
    client.post(CODE, {"code": code_of(key)})
    old = recovery_codes(user)

    with committing():
        client.post("/accounts/2fa/codes/new/")

    assert not set(old) & set(recovery_codes(user))
    assert details()[-1] == "second factor: new recovery codes"


def test_removing_the_app_takes_the_codes_along(client, at_code):
    _user, key = at_code
    client.post(CODE, {"code": code_of(key)})

    client.post("/accounts/2fa/app/remove/")

    assert not Authenticator.objects.exists()
    assert details()[-2:] == [
        "second factor removed: totp",
        "second factor removed: recovery_codes",
    ]


# Where it is demanded


PAGES = [
    "/admin/",
    "/admin/accounts/user/",
    "/admin/nowhere/",
    "/recordings/conv_1",
    "/interview/preview/1/1",
    "/somewhere/else",
]


@pytest.mark.parametrize("path", PAGES)
def test_nothing_opens_without_one(client, required, path):
    client.force_login(UserFactory(hr=True))

    for response in [client.get(path), client.post(path)]:
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/2fa/app/?next=")


def test_whoever_is_led_to_enrolment_is_told_why(client, sign_in, required):
    """That it opens the workspace is seen in a browser: tests/e2e/test_sign_in.py."""
    UserFactory(hr=True, email=ANNA)

    led = client.get(sign_in(ANNA, follow="/admin/accounts/user/")["Location"])
    page = client.get(led["Location"])

    assert led["Location"] == "/accounts/2fa/app/?next=%2Fadmin%2Faccounts%2Fuser%2F"
    assert "Candidates trust us with their answers" in page.text


def test_another_sign_in_is_asked_for_the_code(client, enrolled, required):
    """One that is older than the second factor, or was stolen, is not let by."""
    user, key = enrolled(email=ANNA)
    client.force_login(user)

    led = client.get("/admin/?page=2")
    client.post(led["Location"], {"code": code_of(key)})

    assert (
        led["Location"] == "/accounts/2fa/reauthenticate/?next=%2Fadmin%2F%3Fpage%3D2"
    )
    assert is_in(client)


def test_recovery_codes_alone_are_no_second_factor(client, enrolled, required):
    user, _key = enrolled(email=ANNA)
    Authenticator.objects.filter(type="totp").delete()
    client.force_login(user)

    assert client.get("/admin/")["Location"].startswith("/accounts/2fa/app/")


def test_one_may_still_leave(client, required):
    client.force_login(UserFactory(hr=True))

    assert client.post("/admin/logout/")["Location"] == "/accounts/login/"


def test_candidates_and_the_agent_know_nothing_of_it(client, agent_headers, required):
    session = SessionFactory(started=True, vacancy__questions=1)
    client.force_login(UserFactory(hr=True))

    answers = [
        client.get(
            f"/api/interview/{session.pk}/next", headers=agent_headers(session)
        ).status_code,
        client.get("/healthz").status_code,
    ]
    client.logout()
    page = client.get(session.get_absolute_url())

    assert answers == [200, 200]
    assert page.status_code in {200, 302}
    assert "/accounts/" not in page.get("Location", "")


def test_a_demand_costs_two_queries_of_nobody_else(
    client, enrolled, required, settings, django_assert_num_queries
):
    user, key = enrolled(email=ANNA)
    client.force_login(user)
    client.post("/accounts/2fa/reauthenticate/", {"code": code_of(key)})

    with django_assert_num_queries(3):  # session, user, second factor
        client.get("/somewhere/else")

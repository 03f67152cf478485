"""Whoever guesses is locked out, and nobody else."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent
from accounts.tasks import forget_attempts
from tests.accounts.conftest import PASSWORD
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
ANNA = "anna@example.com"


@pytest.fixture(autouse=True)
def anna():
    return UserFactory(hr=True, email=ANNA)


def guess(sign_in, times, **extra):
    return [sign_in(ANNA, "wrong", **extra).status_code for _ in range(times)]


def later(**age):
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(**age))


def test_the_fifth_wrong_password_locks(sign_in):
    assert guess(sign_in, 4) == [200] * 4

    locked = sign_in(ANNA, "wrong")
    with_the_right_one = sign_in(ANNA, PASSWORD)

    assert (locked.status_code, with_the_right_one.status_code) == (429, 429)
    until = AccessAttempt.objects.get().attempt_time + timedelta(minutes=15)
    assert locked.context["until"] == with_the_right_one.context["until"] == until
    assert until.strftime("%a, %d %b %Y %H:%M:%S GMT") == locked["Retry-After"]
    assert "unsafe" not in locked["Content-Security-Policy"]


def test_the_lock_is_told_once(sign_in):
    guess(sign_in, 8)

    details = AuditEvent.objects.order_by("pk").values_list("detail", flat=True)
    assert list(details) == ["wrong password"] * 4 + ["wrong password, locked out"]


def test_colleagues_and_other_addresses_go_on(sign_in):
    UserFactory(hr=True, email="boris@example.com")
    guess(sign_in, 5)

    assert sign_in("boris@example.com").status_code == 302
    assert sign_in(ANNA, REMOTE_ADDR="192.0.2.9").status_code == 302


def test_another_spelling_or_browser_is_the_same_guesser(sign_in):
    for number in range(5):
        sign_in(
            "ANNA@example.com" if number % 2 else ANNA,
            "wrong",
            HTTP_USER_AGENT=str(number),
        )

    assert sign_in(ANNA).status_code == 429


def test_a_forged_header_evades_nothing(sign_in):
    for number in range(5):
        sign_in(ANNA, "wrong", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")

    assert sign_in(ANNA, HTTP_X_FORWARDED_FOR="192.0.2.77").status_code == 429


def test_behind_a_proxy_the_client_counts(sign_in, settings):
    settings.BEHIND_PROXY = True
    for number in range(5):
        forwarded = f"10.0.0.{number}, 192.0.2.1"
        sign_in(ANNA, "wrong", HTTP_X_FORWARDED_FOR=forwarded)

    assert sign_in(ANNA, HTTP_X_FORWARDED_FOR="192.0.2.1").status_code == 429
    assert sign_in(ANNA, HTTP_X_FORWARDED_FOR="192.0.2.2").status_code == 302


def test_a_network_of_ipv6_is_one_guesser(sign_in):
    for number in range(5):
        sign_in(ANNA, "wrong", REMOTE_ADDR=f"2001:db8:1:2::{number}")

    assert sign_in(ANNA, REMOTE_ADDR="2001:db8:1:2:ffff::1").status_code == 429
    assert sign_in(ANNA, REMOTE_ADDR="2001:db8:1:3::1").status_code == 302


def test_the_lock_ends_by_itself(sign_in):
    guess(sign_in, 7)

    later(minutes=14, seconds=50)
    early = sign_in(ANNA).status_code
    later(minutes=15, seconds=1)

    assert (early, sign_in(ANNA).status_code) == (429, 302)


def test_a_success_begins_anew(client, sign_in):
    guess(sign_in, 4)
    sign_in(ANNA)
    client.post("/accounts/logout/")

    assert guess(sign_in, 4) == [200] * 4


def test_unknown_addresses_are_locked_alike(sign_in):
    answers = [sign_in("nobody@example.com", "wrong").status_code for _ in range(6)]

    assert answers == [200] * 4 + [429] * 2


def test_nothing_typed_is_stored(sign_in):
    sign_in("my-password@example.com", "wrong", follow="/admin/?q=Иванов")

    row = AccessAttempt.objects.get()
    everything = f"{row.username} {row.get_data} {row.post_data} {row.path_info}"
    assert "my-password" not in everything
    assert "wrong" not in everything
    assert "Иванов" not in everything


def test_a_stolen_session_guesses_the_password_no_further(client):
    """Changes of how one signs in ask for the password, and count it."""
    user = UserFactory(email="vera@example.com")
    client.force_login(user)

    answers = [
        client.post("/accounts/reauthenticate/", {"password": "wrong"}).status_code
        for _ in range(5)
    ]

    assert answers == [200] * 4 + [429]


def test_an_administrator_unlocks(sign_in, anna):
    guess(sign_in, 5)
    administrator = Client(REMOTE_ADDR="192.0.2.50")
    administrator.force_login(UserFactory(hr=True))
    unlock = f"/admin/accounts/user/{anna.pk}/unlock/"

    shown = administrator.get("/admin/accounts/user/").text
    asked = administrator.get(unlock)
    still_locked = sign_in(ANNA).status_code
    administrator.post(unlock)

    assert "Locked out" in shown
    assert "may try again at once" in asked.text
    assert still_locked == 429
    assert sign_in(ANNA).status_code == 302
    assert AuditEvent.objects.filter(object_id=anna.pk, detail="unlocked").exists()


def test_attempts_that_lock_nobody_are_forgotten(sign_in):
    sign_in(ANNA, "wrong")
    forget_attempts(timestamp=0)
    kept = AccessAttempt.objects.count()
    later(minutes=16)
    forget_attempts(timestamp=0)

    assert (kept, AccessAttempt.objects.count()) == (1, 0)

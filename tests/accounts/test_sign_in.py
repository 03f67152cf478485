"""Signing in and out."""

import logging

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.urls import NoReverseMatch, reverse

from accounts.models import AuditAction, AuditEvent, User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def told():
    """Return what the audit log tells, oldest first."""
    lines = AuditEvent.objects.order_by("pk")
    return [(line.action, line.object_id, line.detail) for line in lines]


def test_staff_sign_in_by_address_in_any_case(client, sign_in):
    user = UserFactory(hr=True, email="anna@example.com")

    response = sign_in(" Anna@Example.com ", REMOTE_ADDR="192.0.2.7")

    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200
    assert told() == [(AuditAction.SIGNED_IN, str(user.pk), "")]
    line = AuditEvent.objects.get()
    assert (line.actor_id, line.actor, line.address) == (
        user.pk,
        "anna@example.com",
        "192.0.2.7",
    )
    # allauth keeps no second address to sign in by.
    assert not EmailAddress.objects.exists()


def test_the_admin_leads_to_the_one_sign_in_page(client):
    first = client.get("/admin/vacancies/vacancy/?q=1")
    second = client.get(first["Location"])

    assert first["Location"].startswith("/admin/login/?next=")
    assert second["Location"] == (
        "/accounts/login/?next=%2Fadmin%2Fvacancies%2Fvacancy%2F%3Fq%3D1"
    )
    assert "Email address" in client.get(second["Location"]).text


def test_the_admins_own_form_signs_nobody_in(client):
    UserFactory(hr=True, email="anna@example.com")

    client.post(
        "/admin/login/",
        {"username": "anna@example.com", "password": "correct horse battery"},
    )

    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("follow", "location"),
    [
        ("/admin/accounts/user/", "/admin/accounts/user/"),
        ("https://evil.example/", "/admin/"),
        ("//evil.example/", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
    ],
)
def test_sign_in_goes_on_to_pages_of_the_portal_alone(sign_in, follow, location):
    UserFactory(hr=True, email="anna@example.com")

    assert sign_in("anna@example.com", follow=follow)["Location"] == location


@pytest.mark.parametrize("address", ["anna@example.com", "nobody@example.com", "ghost"])
def test_a_wrong_password_says_nothing_of_who_exists(client, sign_in, address):
    UserFactory(email="anna@example.com")

    page = sign_in(address, "not the right one")

    assert page.status_code == 200
    assert "_auth_user_id" not in client.session
    if "@" in address:
        assert page.context["form"].non_field_errors() == [
            "The address or the password is wrong."
        ]


def test_what_was_typed_in_error_is_kept_nowhere(sign_in, caplog):
    """People type a password where the address belongs."""
    user = UserFactory(email="anna@example.com")
    caplog.set_level(logging.DEBUG)

    sign_in("anna@example.com", "wrong-secret")
    sign_in("my.secret.password@example.com", "wrong-secret")

    assert told() == [
        (AuditAction.REFUSED, str(user.pk), "wrong password"),
        (AuditAction.REFUSED, "", "unknown address"),
    ]
    assert not AuditEvent.objects.exclude(actor="", actor_id=None).exists()
    assert "secret" not in caplog.text
    assert "anna" not in caplog.text


@pytest.mark.parametrize(
    "typed",
    ["a\x00b@example.com", "я" * 5000, "😀@example.com"],
    ids=["NUL", "long", "emoji"],
)
def test_odd_addresses_are_refused(sign_in, typed):
    assert sign_in(typed).status_code == 200


def test_signing_out_asks_first_and_is_told(client, sign_in):
    user = UserFactory(hr=True, email="anna@example.com")
    sign_in("anna@example.com")

    asked = client.get("/accounts/logout/")
    still_in = client.get("/admin/").status_code
    response = client.post("/admin/logout/")

    assert (asked.status_code, still_in) == (200, 200)
    assert response["Location"] == "/accounts/login/"
    assert client.get("/admin/").status_code == 302
    assert told()[-1] == (AuditAction.SIGNED_OUT, str(user.pk), "")


def test_who_is_deactivated_is_out_at_once(client, sign_in):
    user = UserFactory(hr=True, email="anna@example.com")
    sign_in("anna@example.com")

    User.objects.filter(pk=user.pk).update(is_active=False)

    assert client.get("/admin/").status_code == 302
    assert sign_in("anna@example.com")["Location"] == "/accounts/inactive/"
    assert client.get("/admin/").status_code == 302


def test_a_sign_in_lasts_a_working_day_and_until_the_browser_closes(client, sign_in):
    UserFactory(hr=True, email="anna@example.com")

    sign_in("anna@example.com")

    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (
        "",
        True,
        "Lax",
    )
    assert settings.SESSION_COOKIE_AGE == 12 * 3600


@pytest.mark.parametrize(
    "name",
    ["account_signup", "account_email", "account_confirm_email", "mfa_add_webauthn"],
)
def test_what_is_not_used_has_no_address(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/accounts/password/reset/", "/accounts/inactive/"]
)
def test_pages_are_strict(client, path):
    response = client.get(path)

    policy = response["Content-Security-Policy"]
    assert response.status_code == 200
    assert "unsafe" not in policy
    assert "form-action 'self'" in policy


def test_floods_are_turned_away_kindly(client):
    for _ in range(30):
        client.post("/accounts/login/", {})

    response = client.post("/accounts/login/", {})

    assert response.status_code == 429
    assert "Wait a minute" in response.text


def test_an_account_changes_its_own_name_and_no_more(client):
    user = UserFactory(role="reviewer")
    client.force_login(user)

    response = client.post(
        "/accounts/",
        {
            "first_name": "Анна",
            "last_name": "😀",
            "role": "administrator",
            "is_superuser": "on",
            "email": "other@example.com",
        },
    )

    assert response["Location"] == "/accounts/"
    changed = User.objects.get()
    assert (changed.first_name, changed.last_name) == ("Анна", "😀")
    assert (changed.role, changed.is_superuser, changed.email) == (
        "reviewer",
        False,
        user.email,
    )
    assert "The vacancies they are assigned to" in client.get("/accounts/").text


@pytest.mark.parametrize(
    ("password", "is_taken"),
    [
        ("correct horse battery staple", True),
        ("elevenchars", False),
        ("123456789012345", False),
        ("password1234", False),
        ("anna.smith@example.com", False),
    ],
)
def test_password_rules(client, password, is_taken):
    user = UserFactory(email="anna.smith@example.com")
    client.force_login(user)

    client.post(
        "/accounts/password/change/",
        {
            "oldpassword": "correct horse battery",
            "password1": password,
            "password2": password,
        },
    )

    user.refresh_from_db()
    assert user.check_password(password) is is_taken
    # Whoever changed it stays signed in here.
    assert client.get("/accounts/").status_code == 200


def test_the_rules_are_told_before_they_are_broken(client):
    client.force_login(UserFactory())

    page = client.get("/admin/password_change/", follow=True)

    assert page.redirect_chain[-1][0] == "/accounts/password/change/"
    assert "at least 12 characters" in page.text

"""Which passwords are taken, and how they are kept."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, identify_hasher
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    get_default_password_validators,
    validate_password,
)
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.test import override_settings
from django.utils import timezone

from accounts.links import password_path
from tests.accounts.conftest import PASSWORD, enrolled  # noqa: F401
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

CHANGE = "/accounts/password/change/"


def is_taken(password):
    try:
        validate_password(password)
    except ValidationError:
        return False
    return True


def test_three_thousand_well_known_passwords_are_refused():
    """Those of the list that are long enough, and the rest with what makes them so."""
    common = sorted(CommonPasswordValidator().passwords)
    words = [word for word in common if any(map(str.isalpha, word))]
    long_enough = [word for word in common if len(word) >= 12]
    lengthened = [
        f"{word}2024!!!!!!!!"[: max(12, len(word) + 5)] for word in words[::4]
    ]
    doubled = [word * 2 for word in common[::20] if len(word) >= 6]
    tried = [*long_enough, *lengthened, *doubled]
    [validator] = [
        one
        for one in get_default_password_validators()
        if type(one).__name__ == "EasyPasswordValidator"
    ]

    assert len(tried) >= 3000
    assert [word for word in tried if not validator.is_known(word)] == []


@pytest.mark.parametrize(
    "password",
    [
        *("qwertyuiopas", "123456789012345", "1qaz2wsx3edc", "йцукенгшщзхъ"),
        *("abcdefghijklm", "aaaaaaaaaaaa", "Password123456", "...letmein1999"),
    ],
)
def test_walks_along_a_keyboard_are_refused(password):
    assert not is_taken(password)


@override_settings(COMPANY_NAME="Рога и копыта", PUBLIC_URL="https://umbrella.example")
@pytest.mark.parametrize(
    "password",
    [
        *("Parley2026!!!", "interview-2026", "umbrella-2026!", "копыта2026!!!"),
        *("ParleyInterview1", "собеседование1", "recruiter-admin"),
    ],
)
def test_words_of_the_context_make_no_password(password):
    assert not is_taken(password)


@pytest.mark.parametrize(
    "password",
    [
        *("correct horse battery staple", "лошадь скрепка батарея", "a7$kQ!zp0-Lm"),
        *("onlysmallletterswithoutanydigit", "73905182640917", "ТОЛЬКО ЗАГЛАВНЫЕ ЕЖИ"),
        *("😀🐴🔋📎😀🐎🪫🖇️🧲🪁🧶🪡", "interviews are like wild mountain rivers"),
        "x9 " * 30,
        "long" + "er than sixty-four characters, which nobody minds" * 4,
    ],
)
def test_any_composition_is_taken(password):
    assert is_taken(password)


def change(client, old, new):
    return client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new})


def test_change_needs_the_password_before_it(client):
    user = UserFactory()
    client.force_login(user)

    change(client, "not the one before", "entirely new and long")

    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_password_counts_to_the_last_letter(client):
    """No trimming, no cutting, no other case: what is typed is what counts."""
    password = "  Пробелы по краям и Ёмкость " + "x" * 100
    user = UserFactory(hr=True, email="anna@example.com")
    client.force_login(user)
    change(client, PASSWORD, password)
    client.logout()

    def comes_in(typed):
        client.logout()
        client.post("/accounts/login/", {"login": user.email, "password": typed})
        return client.get("/admin/").status_code == 200

    assert comes_in(password)
    assert not comes_in(password.strip())
    assert not comes_in(password[:-1])
    assert not comes_in(password.lower())


def test_password_does_not_age(client):
    user = UserFactory(hr=True, email="anna@example.com")
    long_ago = timezone.now() - timedelta(days=3650)
    type(user).objects.update(date_joined=long_ago, last_login=long_ago)

    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})

    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("page", ["/accounts/login/", CHANGE])
def test_fields_are_masked_and_take_a_managers_help(client, page):
    if page == CHANGE:
        client.force_login(UserFactory())

    text = client.get(page).text
    fields = re.findall(r"<input[^>]*name=\"(?:password\d?|oldpassword)\"[^>]*>", text)

    assert fields
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert "onpaste" not in field
        assert "maxlength" not in field
    assert "onpaste" not in text


def test_link_to_a_password_works_once_and_for_a_while(client, settings):
    user = UserFactory(hr=True, email="anna@example.com")
    link = password_path(user)

    form = client.get(link, follow=True).redirect_chain[-1][0]
    new = "entirely new and long"
    client.post(form, {"password1": new, "password2": new})
    user.refresh_from_db()
    again = client.get(link, follow=True)
    old_token = default_token_generator.make_token(user)
    settings.PASSWORD_RESET_TIMEOUT = -1

    assert user.check_password(new)
    assert "password1" not in again.text
    assert not default_token_generator.check_token(user, old_token)


def test_new_password_still_needs_the_second_factor(client, enrolled, settings):  # noqa: F811
    settings.SECOND_FACTOR = "required"
    user, _key = enrolled()
    form = client.get(password_path(user), follow=True).redirect_chain[-1][0]
    new = "entirely new and long"
    client.post(form, {"password1": new, "password2": new})

    answer = client.post("/accounts/login/", {"login": user.email, "password": new})

    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/admin/").status_code == 302


def test_passwords_are_hashed_slowly():
    """By what production uses: Django's first choice, with its number of rounds."""
    from config import settings as production

    assert not hasattr(production, "PASSWORD_HASHERS")
    assert PBKDF2PasswordHasher().iterations >= 600_000
    assert PBKDF2PasswordHasher().algorithm == "pbkdf2_sha256"


@override_settings(
    PASSWORD_HASHERS=[
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
)
def test_hashes_move_on_at_the_next_sign_in():
    user = UserFactory()
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]
    ):
        user.set_password(PASSWORD)
        user.save()

    assert user.check_password(PASSWORD)
    user.refresh_from_db()
    assert identify_hasher(user.password).algorithm == "pbkdf2_sha256"

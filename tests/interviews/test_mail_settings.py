"""E-mail from the environment, and what is said where it is missing."""

import pytest

from interviews.checks import letters_can_hold_links, letters_have_a_sender
from interviews.mail import delivery
from tests.config.test_settings import DEMO, PRODUCTION, settings_with

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.mark.parametrize(
    ("environment", "question", "expected"),
    [
        (PRODUCTION, "settings.EMAIL_BACKEND", delivery.DUMMY),
        (
            DEMO | {"VAR_DIR": "/srv/x"},
            "settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH",
            f"{delivery.FOLDER} /srv/x/mail",
        ),
        (
            PRODUCTION | {"EMAIL_URL": "smtp+tls://me:p%40ss@mail.example.com"},
            "settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT,"
            " settings.EMAIL_USE_TLS, settings.EMAIL_HOST_PASSWORD",
            f"{SMTP} mail.example.com 587 True p@ss",
        ),
        (
            PRODUCTION
            | {
                "EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend",
                "ANYMAIL_POSTMARK_SERVER_TOKEN": "secret",
                "CONTACT_EMAIL": "hr@example.com",
            },
            "settings.EMAIL_BACKEND, settings.ANYMAIL, settings.DEFAULT_FROM_EMAIL",
            "anymail.backends.postmark.EmailBackend "
            "{'POSTMARK_SERVER_TOKEN': 'secret'} hr@example.com",
        ),
    ],
)
def test_mail_is_set_from_the_environment(environment, question, expected):
    assert settings_with(environment, question) == expected


@pytest.mark.parametrize(
    ("check", "name", "value", "found"),
    [
        (letters_can_hold_links, "PUBLIC_URL", "", ["parley.W005"]),
        (letters_can_hold_links, "PUBLIC_URL", "https://portal.example", []),
        (letters_have_a_sender, "DEFAULT_FROM_EMAIL", "x@localhost", ["parley.W006"]),
        (letters_have_a_sender, "DEFAULT_FROM_EMAIL", "x@example.com", []),
    ],
)
@pytest.mark.parametrize("backend", [SMTP, delivery.DUMMY])
def test_checks_tell_what_is_missing(settings, check, name, value, found, backend):
    settings.EMAIL_BACKEND = backend
    setattr(settings, name, value)

    assert [message.id for message in check()] == (found if backend == SMTP else [])


def test_a_demo_says_where_its_letters_are(settings):
    settings.EMAIL_BACKEND = delivery.FOLDER
    settings.EMAIL_FILE_PATH = "/srv/x/mail"

    assert "/srv/x/mail" in delivery.note()

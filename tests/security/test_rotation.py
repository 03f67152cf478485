"""Every secret is changed while interviews go on, and nobody is refused meanwhile.

Two instances stand for all: while they start anew one has the settings of the step before
and one those of the step. What either gives out, either takes.
"""

import json

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.contrib.auth.tokens import default_token_generator
from django.core.management import call_command
from django.test import override_settings

from accounts.adapter import SecondFactorAdapter, ciphers
from interviews import tokens
from interviews.api.authentication import is_agent_key
from reviews import sharing
from tests.accounts.conftest import PASSWORD, enrolled, recovery_codes  # noqa: F401
from tests.factories import SessionFactory, ShareFactory, UserFactory
from tests.totp import code_of
from tests.voice.deliveries import signed
from voice.signatures import signer_of

pytestmark = pytest.mark.django_db

OLD, NEW = "the-old-key-" * 5, "the-new-key-" * 5
# Step by step, as docs/security.md has them: the key that signs, and those that also count.
STEPS = [
    {"SECRET_KEY": OLD, "SECRET_KEY_FALLBACKS": []},
    {"SECRET_KEY": OLD, "SECRET_KEY_FALLBACKS": [NEW]},
    {"SECRET_KEY": NEW, "SECRET_KEY_FALLBACKS": [OLD]},
    {"SECRET_KEY": NEW, "SECRET_KEY_FALLBACKS": []},
]


@pytest.fixture(autouse=True)
def _signer_of_the_moment():
    """A process has one signer for its life; here a process lasts for a block."""
    tokens.signer.cache_clear()
    yield
    tokens.signer.cache_clear()


class Instance(override_settings):
    """A process with these settings, within a block."""

    def __enter__(self):
        super().__enter__()
        tokens.signer.cache_clear()
        return self


def given_out(session, share, user):
    """What one process gives to people, programs and letters."""
    return {
        "session token": tokens.mint_token(session.pk),
        "shared link's pass": sharing.browser_pass(share),
        "form of a share": sharing.offered_token(),
        "link to a password": default_token_generator.make_token(user),
        "second factor": SecondFactorAdapter().encrypt("secret"),
    }


def taken(given, session, share, user):
    """Which of them another process takes."""
    return {
        "session token": tokens.read_token(given["session token"]) == session.pk,
        "shared link's pass": sharing.is_pass(share, given["shared link's pass"]),
        "form of a share": sharing.read_offered(given["form of a share"]) is not None,
        "link to a password": default_token_generator.check_token(
            user, given["link to a password"]
        ),
        "second factor": SecondFactorAdapter().decrypt(given["second factor"])
        == "secret",
    }


@pytest.mark.parametrize("step", [1, 2])
def test_secret_key_changes_without_a_refusal(step):
    """At each start anew there are instances of two steps side by side."""
    rows = SessionFactory(started=True), ShareFactory(), UserFactory()
    for giver, taker in (
        (STEPS[step - 1], STEPS[step]),
        (STEPS[step], STEPS[step - 1]),
    ):
        with Instance(**giver):
            given = given_out(*rows)
        with Instance(**taker):
            assert set(taken(given, *rows).values()) == {True}


def test_without_the_step_between_tokens_would_be_refused():
    """The control: why the new key is made known before it signs."""
    session, share, user = SessionFactory(started=True), ShareFactory(), UserFactory()
    with Instance(**STEPS[2]):
        given = given_out(session, share, user)
    with Instance(**STEPS[0]):
        assert set(taken(given, session, share, user).values()) == {False}


def test_sign_ins_outlive_the_change(client):
    with Instance(**STEPS[1]):
        client.force_login(UserFactory(hr=True))
    with Instance(**STEPS[2]):
        moved = client.get("/accounts/").status_code
    with Instance(**STEPS[3]):
        kept = client.get("/accounts/").status_code

    assert (moved, kept) == (200, 200)


def test_second_factors_move_to_the_new_key(enrolled, recovery_codes, capsys):  # noqa: F811
    with Instance(**STEPS[1]):
        user, key = enrolled()
        codes = recovery_codes(user)
    with Instance(**STEPS[2]):
        call_command("reseal_second_factors")
    with Instance(**STEPS[3]):
        rows = Authenticator.objects.filter(user=user)
        [totp] = rows.filter(type=Authenticator.Type.TOTP)
        opened = SecondFactorAdapter().decrypt(totp.data["secret"])

        assert opened == key
        assert totp.wrap().validate_code(code_of(key))
        assert recovery_codes(user) == codes

    assert capsys.readouterr().out == "Sealed 2 second factors anew.\n"


def test_second_factor_of_a_lost_key_is_told(enrolled, capsys):  # noqa: F811
    with Instance(**STEPS[0]):
        enrolled()
    before = list(Authenticator.objects.order_by("pk").values_list("data", flat=True))
    with Instance(**STEPS[3]):
        call_command("reseal_second_factors")
        with pytest.raises(InvalidToken):
            ciphers().decrypt(before[0]["secret"].encode())

    assert "2 could not be opened by any key" in capsys.readouterr().out
    after = list(Authenticator.objects.order_by("pk").values_list("data", flat=True))
    assert json.dumps(after) == json.dumps(before)


def test_agent_key_changes_without_a_refusal():
    """The new key is known before the agent has it, the old one until it has forgotten."""
    steps = [
        {"AGENT_API_KEY": OLD, "AGENT_API_KEY_PREVIOUS": ""},
        {"AGENT_API_KEY": NEW, "AGENT_API_KEY_PREVIOUS": OLD},
        {"AGENT_API_KEY": NEW, "AGENT_API_KEY_PREVIOUS": ""},
    ]
    accepted = []
    for step in steps:
        with override_settings(**step):
            accepted.append((is_agent_key(OLD), is_agent_key(NEW), is_agent_key("")))

    assert accepted == [
        (True, False, False),
        (True, True, False),
        (False, True, False),
    ]


def test_webhook_secret_changes_without_a_refusal():
    raw = b"{}"
    accepted = []
    for current, previous in ((OLD, ""), (NEW, OLD), (NEW, "")):
        with override_settings(
            ELEVENLABS_WEBHOOK_SECRET=current,
            ELEVENLABS_WEBHOOK_SECRET_PREVIOUS=previous,
        ):
            accepted.append(
                tuple(bool(signer_of(raw, signed(raw, secret=s))) for s in (OLD, NEW))
            )

    assert accepted == [(True, False), (True, True), (False, True)]

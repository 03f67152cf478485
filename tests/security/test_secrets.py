"""What must not be guessed, and what must not be changed unseen."""

import re
from uuid import UUID

import pytest
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import InvalidToken
from django.contrib.sessions.backends.db import SessionStore
from django.core.signing import Signer

from accounts.adapter import SecondFactorAdapter, ciphers
from core.checks import agent_key_is_long
from core.keys import random_key
from interviews.models import InterviewSession
from interviews.tokens import signer
from reviews.sharing import new_token

MADE = 200


def bits_that_change(values):
    """How many bits of equally long values are not the same in all of them."""
    ones = zeros = 0
    for value in values:
        ones |= value
        zeros |= ~value
    return (ones & zeros).bit_count()


@pytest.mark.django_db
def test_secrets_are_long_and_random():
    keys = [random_key() for _ in range(MADE)]
    tokens = [new_token() for _ in range(MADE)]
    sessions = [SessionStore()._get_new_session_key() for _ in range(5)]

    assert InterviewSession._meta.pk.default is random_key
    # All 128, where a UUID of version 4 has 122.
    assert bits_that_change([key.int for key in keys]) == 128
    assert len({*keys}) == len({*tokens}) == MADE
    # 43 letters of 64 kinds; 32 of 36, which make 165 bits.
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens)
    assert all(re.fullmatch(r"[a-z0-9]{32}", key) for key in sessions)
    # 160 bits for an app; 320 for the seed of recovery codes of eight digits each.
    assert re.fullmatch(r"[A-Z2-7]{32}", generate_totp_secret())
    assert re.fullmatch(r"[0-9a-f]{80}", RecoveryCodes.generate_seed())
    assert mfa_settings.RECOVERY_CODE_DIGITS >= 8


def test_a_key_of_an_interview_is_a_uuid_to_everybody():
    key = random_key()

    assert UUID(str(key)) == key


def test_tokens_have_one_algorithm():
    assert signer().algorithm == Signer().algorithm == "sha256"
    # What a token says of itself chooses nothing.
    assert len(signer().sign("x").split(":")) == 2


@pytest.mark.parametrize("place", [0, 20, -5])
def test_changed_ciphertext_is_refused(place):
    sealed = bytearray(ciphers().encrypt(b"the secret of an app"))
    sealed[place] ^= 1

    with pytest.raises(InvalidToken):
        ciphers().decrypt(bytes(sealed))
    # And nobody can make the codes of what stands in its place.
    assert SecondFactorAdapter().decrypt(sealed.decode("latin-1")) not in {
        "",
        "the secret of an app",
    }


def test_short_keys_are_warned_of(settings):
    settings.AGENT_API_KEY = "a" * 31
    assert [warning.id for warning in agent_key_is_long()] == ["parley.W001"]

    settings.AGENT_API_KEY = "a" * 32
    assert agent_key_is_long() == []

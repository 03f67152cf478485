"""People who sign in."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from tests.factories import UserFactory

PASSWORD = "correct horse battery"


@pytest.fixture
def sign_in(client):
    """Return a function that sends the sign-in form."""

    def send(email, password=PASSWORD, *, follow=None, **extra):
        address = "/accounts/login/" + (f"?next={follow}" if follow else "")
        return client.post(address, {"login": email, "password": password}, **extra)

    return send


@pytest.fixture
def enrolled():
    """Return a function that makes somebody with a second factor: the person and the key."""

    def make(**fields):
        user = UserFactory(**{"hr": True, "email": "anna@example.com"} | fields)
        key = generate_totp_secret()
        TOTP.activate(user, key)
        RecoveryCodes.activate(user)
        return user, key

    return make


@pytest.fixture
def recovery_codes():
    def read(user):
        row = Authenticator.objects.get(
            user=user, type=Authenticator.Type.RECOVERY_CODES
        )
        return row.wrap().get_unused_codes()

    return read

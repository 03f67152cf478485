"""How allauth behaves here: nobody signs themselves up, and secrets are kept sealed."""

import base64
import hashlib
import secrets
import time
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.links import send_password_link
from accounts.models import User
from core.addresses import client_address

# What shows by itself needs no message.
SILENT = {
    "account/messages/logged_in.txt",
    "account/messages/logged_out.txt",
    "mfa/messages/recovery_codes_generated.txt",
}


class AccountAdapter(DefaultAccountAdapter):
    """Accounts of the staff: made by administrators alone."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The address or the password is wrong."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
        "too_many_login_attempts": _("Too many attempts. Try again in some minutes."),
        "rate_limited": _("Too many attempts. Try again in some minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        # A server behind a Unix socket has no address to tell.
        return client_address(request) or "0.0.0.0"  # noqa: S104 (no address to bind)

    def send_password_reset_mail(
        self, user: AbstractBaseUser, email: str, context: dict[str, Any]
    ) -> None:
        """Leave it to the worker: the answer then takes no longer for known addresses."""
        send_password_link(user=cast(User, user), request=self.request)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask for the password again, unless it was typed a moment ago."""
        records = get_authentication_records(self.request, self.request.user)
        latest = max((each["at"] for each in records), default=0)
        return time.time() - latest > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if message_template not in SILENT:
            super().add_message(request, level, message_template, *args, **kwargs)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets of the second factor encrypted, by a key made of SECRET_KEY.

    A copy of the database alone then opens no account. A secret whose key is gone (and
    not among SECRET_KEY_FALLBACKS) fits no code: an administrator resets it.
    """

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _(
            "This code is not right. Each is good for half a minute, and once."
        ),
        "cannot_generate_recovery_codes": _("Set up an app first."),
    }

    def encrypt(self, text: str) -> str:
        return ciphers().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return ciphers().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            # Never an empty one, of which anybody could make the codes.
            return base64.b32encode(secrets.token_bytes(20)).decode()


def ciphers() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [
            Fernet(
                base64.urlsafe_b64encode(
                    hashlib.sha256(f"second factor:{key}".encode()).digest()
                )
            )
            for key in keys
        ]
    )

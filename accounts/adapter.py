"""How allauth behaves here: nobody signs themselves up, and secrets are kept sealed."""

import base64
import hashlib
import secrets
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from accounts.links import send_password_link
from core.addresses import client_address


class AccountAdapter(DefaultAccountAdapter):
    """Accounts of the staff: made by administrators alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        # A server behind a Unix socket has no address to tell.
        return client_address(request) or "0.0.0.0"  # noqa: S104 (no address to bind)

    def send_password_reset_mail(
        self, user: AbstractBaseUser, email: str, context: dict[str, Any]
    ) -> None:
        """Leave it to the worker: the answer then takes no longer for known addresses."""
        send_password_link(user=user, request=self.request)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask for the password again, unless it was typed a moment ago."""
        records = get_authentication_records(self.request, self.request.user)
        latest = max((each["at"] for each in records), default=0)
        return time.time() - latest > REAUTHENTICATION_TIMEOUT

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        # That one has signed in or out shows.
        if message_template not in {
            "account/messages/logged_in.txt",
            "account/messages/logged_out.txt",
        }:
            super().add_message(request, level, message_template, *args, **kwargs)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets of the second factor encrypted, by a key made of SECRET_KEY.

    A copy of the database alone then opens no account. A secret whose key is gone (and
    not among SECRET_KEY_FALLBACKS) fits no code: an administrator resets it.
    """

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

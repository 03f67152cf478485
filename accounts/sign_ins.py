"""What is told of sign-ins: to the audit log, and to the session that began with one."""

from typing import Any

from allauth.account.signals import password_changed, password_reset
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import sessions
from accounts.audit import record
from accounts.models import AuditAction, User

PROVEN = "second_factor_of"


def has_proven(request: HttpRequest) -> bool:
    """Tell whether this very sign-in has shown the person's second factor."""
    return bool(request.session.get(PROVEN) == request.user.pk)


@receiver(authenticator_used)
def remember_proof(request: HttpRequest, user: User, **kwargs: Any) -> None:
    request.session[PROVEN] = user.pk


@receiver(authenticator_added)
def tell_of_new_factor(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    # Setting the app up is proof of it; codes that were made along with it are not.
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        request.session[PROVEN] = user.pk
    tell(user, request, f"second factor added: {authenticator.type}")


@receiver(authenticator_removed)
def tell_of_removed_factor(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    tell(user, request, f"second factor removed: {authenticator.type}")


@receiver(authenticator_reset)
def tell_of_new_codes(request: HttpRequest, user: User, **kwargs: Any) -> None:
    tell(user, request, "second factor: new recovery codes")


@receiver([password_changed, password_reset])
def tell_of_password(request: HttpRequest, user: User, **kwargs: Any) -> None:
    tell(user, request, "password")


@receiver(user_logged_in)
def tell_of_sign_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    sessions.begin(request)
    record(AuditAction.SIGNED_IN, user, user=user, request=request)


@receiver(user_logged_out)
def tell_of_sign_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user:
        record(AuditAction.SIGNED_OUT, user, user=user, request=request)


def tell(user: User, request: HttpRequest, detail: str) -> None:
    record(AuditAction.CHANGED, user, user=user, request=request, detail=detail)

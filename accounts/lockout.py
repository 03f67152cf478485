"""Lock-out: who typed wrong passwords or codes too often waits a quarter of an hour.

django-axes counts, in the database, so that every process knows. A password is counted by
account and address together: a stranger elsewhere cannot lock a colleague out, nor one
colleague the whole office. A code of the second factor is counted by account alone:
whoever gets as far has the password already, and may come from many addresses.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from allauth.account.models import Login
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.http import http_date

from accounts.audit import record
from accounts.models import AuditAction, User
from core.addresses import network_of

Credentials = dict[str, Any] | None
PASSWORD, CODE = "password", "code"


def key_of(address: str, step: str) -> str:
    """Return under what name attempts are counted.

    Never the address itself: what people type there may be their password.
    """
    text = f"{step}:{address.strip().lower()}"
    return salted_hmac("accounts.lockout", text, algorithm="sha256").hexdigest()


def keys_of(user: User) -> list[str]:
    return [key_of(user.email, step) for step in (PASSWORD, CODE)]


def counted_as(request: HttpRequest, credentials: Credentials) -> str:
    """Return the name under which axes counts an attempt (AXES_USERNAME_CALLABLE)."""
    return key_of(typed_address(credentials), step_of(credentials))


def counted_by(request: HttpRequest, credentials: Credentials = None) -> list[Any]:
    """Return by what axes counts an attempt (AXES_LOCKOUT_PARAMETERS)."""
    if step_of(credentials) == CODE:
        return ["username"]
    return [["username", "ip_address"]]


def counted_from(request: HttpRequest) -> str | None:
    """Return whose address axes counts (AXES_CLIENT_IP_CALLABLE)."""
    return network_of(request)


def typed_address(credentials: Credentials) -> str:
    found = credentials or {}
    return str(found.get("email") or found.get("username") or "")


def step_of(credentials: Credentials) -> str:
    return CODE if (credentials or {}).get("step") == CODE else PASSWORD


class LockOut(AxesDatabaseHandler):
    """Axes' own, which also tells the audit log."""

    def user_login_failed(
        self,
        sender: Any,
        credentials: dict[str, Any],
        request: HttpRequest | None = None,
        **kwargs: Any,
    ) -> None:
        # Further attempts of who is locked out already are not worth a line each.
        was_locked = getattr(request, "axes_locked_out", False)
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is not None and not was_locked:
            self.tell(request, credentials)

    def tell(self, request: HttpRequest, credentials: dict[str, Any]) -> None:
        address = typed_address(credentials).strip().lower()
        # NUL and the like are in no address, and PostgreSQL takes none.
        user = address.isprintable() and User.objects.filter(email=address).first()
        detail = f"wrong {step_of(credentials)}" if user else "unknown address"
        if request.axes_locked_out:  # type: ignore[attr-defined]
            detail += ", locked out"
        record(AuditAction.REFUSED, user or None, request=request, detail=detail)


def code_credentials(user: User) -> dict[str, str]:
    return {"email": user.email, "step": CODE}


def may_try_code(request: HttpRequest, user: User) -> bool:
    """Tell whether the person may type a code; else the answer becomes the lock-out page."""
    credentials = code_credentials(user)
    if AxesProxyHandler.is_allowed(request, credentials):
        return True
    request.axes_locked_out = True  # type: ignore[attr-defined]
    request.axes_credentials = credentials  # type: ignore[attr-defined]
    return False


def count_wrong_code(request: HttpRequest, user: User) -> None:
    AxesProxyHandler.user_login_failed(
        sender=Login, credentials=code_credentials(user), request=request
    )


def forget_wrong_codes(user: User) -> None:
    AccessAttempt.objects.filter(username=key_of(user.email, CODE)).delete()


def locked_keys() -> set[str]:
    """Return under what names somebody is locked out now; see `keys_of`."""
    recent = AccessAttempt.objects.filter(
        attempt_time__gt=timezone.now() - settings.AXES_COOLOFF_TIME
    )
    counted = recent.values_list("username", "ip_address").annotate(
        failures=Sum("failures_since_start")
    )
    return {
        key for key, _, failures in counted if failures >= settings.AXES_FAILURE_LIMIT
    }


def locked_until(request: HttpRequest, credentials: Credentials) -> datetime:
    """Return when the lock of this request ends."""
    attempts = AccessAttempt.objects.filter(username=counted_as(request, credentials))
    if step_of(credentials) == PASSWORD:
        attempts = attempts.filter(ip_address=request.axes_ip_address)  # type: ignore[attr-defined]
    latest = attempts.aggregate(latest=Max("attempt_time"))["latest"]
    return (latest or timezone.now()) + settings.AXES_COOLOFF_TIME


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: Credentials
) -> HttpResponse:
    """Return the page of who is locked out (AXES_LOCKOUT_CALLABLE)."""
    until = locked_until(request, credentials)
    page = render(
        request,
        "account/locked.html",
        {"until": until},
        status=HTTPStatus.TOO_MANY_REQUESTS,
    )
    page["Retry-After"] = http_date(until.timestamp())
    return page

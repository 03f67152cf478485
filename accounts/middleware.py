"""What stands before every page of the staff: a sign-in that lasts, and a second factor."""

from collections.abc import Callable
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from accounts import sessions
from accounts.sign_ins import has_proven

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
# Where one proves it, or leaves. Everything else is refused: a page that somebody adds
# is behind the second factor without being named here.
OPEN = ("/accounts/", "/admin/logout/", "/healthz", "/readyz")


def is_second_factor_required() -> bool:
    return bool(settings.SECOND_FACTOR == "required")


class SignInLastsMiddleware:
    """End the sign-in of whoever has done nothing for long, or came a working day ago."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Candidates have no session of Django's.
        if (
            settings.SESSION_COOKIE_NAME in request.COOKIES
            and request.user.is_authenticated
            and sessions.is_over(request)
        ):
            # As after signing out, the page that was asked for leads to the sign-in.
            logout(request)
        return self.get_response(request)


class SecondFactorMiddleware:
    """Lead the staff without a second factor to where they set one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # The cheap questions first: candidates have no session of Django's.
        if (
            is_second_factor_required()
            and settings.SESSION_COOKIE_NAME in request.COOKIES
            and not request.path_info.startswith(OPEN)
            and request.user.is_authenticated
        ):
            return self.proven(request) or self.get_response(request)
        return self.get_response(request)

    def proven(self, request: HttpRequest) -> HttpResponseBase | None:
        """Return where the second factor is to be shown, or None where it has been."""
        if not is_mfa_enabled(request.user, FACTORS):
            return led_to("mfa_activate_totp", request)
        if not has_proven(request):
            return led_to("mfa_reauthenticate", request)
        return None


def led_to(name: str, request: HttpRequest) -> HttpResponseRedirect:
    # What was to be sent is not sent again by itself; a page is come back to.
    back = request.get_full_path() if request.method == "GET" else reverse("home")
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': back})}")

"""Signing in. Of allauth's pages only those that are used here: nobody signs themselves up,
and addresses are an administrator's to change."""

from allauth.account import views
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.urls import path, re_path
from django.views.decorators.cache import never_cache

from accounts.links import can_mail
from accounts.middleware import is_second_factor_required
from accounts.views import profile, sign_ins

# Templates call what can be called: settings are asked when a page is shown.
REQUIRED = {"is_required": is_second_factor_required}

urlpatterns = [
    path("", profile, name="account_profile"),
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("sign-ins/", sign_ins, name="account_sign_ins"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path(
        "password/reset/",
        views.PasswordResetView.as_view(extra_context={"can_mail": can_mail}),
        name="account_reset_password",
    ),
    path(
        "password/reset/done/",
        views.password_reset_done,
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        never_cache(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("2fa/", never_cache(factor.index), name="mfa_index"),
    path("2fa/authenticate/", factor.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", factor.reauthenticate, name="mfa_reauthenticate"),
    path(
        "2fa/app/",
        never_cache(totp.ActivateTOTPView.as_view(extra_context=REQUIRED)),
        name="mfa_activate_totp",
    ),
    path(
        "2fa/app/remove/",
        totp.DeactivateTOTPView.as_view(extra_context=REQUIRED),
        name="mfa_deactivate_totp",
    ),
    path(
        "2fa/codes/",
        never_cache(codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "2fa/codes/new/",
        codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "2fa/codes/download/",
        codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]

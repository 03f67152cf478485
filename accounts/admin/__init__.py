"""HR staff in the admin, and the log of what they did."""

from allauth.account import models as allauth
from allauth.account.decorators import secure_admin_login
from allauth.account.views import logout
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.views.generic import RedirectView

from accounts.admin import audit, users

__all__ = ["audit", "users"]

# Addresses are the users' own; secrets are shown to nobody.
for model in (allauth.EmailAddress, allauth.EmailConfirmation, Authenticator):
    if admin.site.is_registered(model):
        admin.site.unregister(model)

# One way in and out for all (accounts.urls), where the second factor is asked for. The
# admin's addresses are read after this.
admin.site.login = secure_admin_login(admin.site.login)
admin.site.logout = logout
admin.site.password_change = RedirectView.as_view(
    pattern_name="account_change_password"
)

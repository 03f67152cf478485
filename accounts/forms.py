"""What the staff type to sign in."""

import time
from typing import Any

from allauth.account import forms as account_forms
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as code_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import lockout
from accounts.models import User

# A code is good for its half minute and the one to each side of it.
CODE_LIFE = 90


class PlainFields:
    """Labels say what a field is for; a placeholder would go as one types."""

    fields: dict[str, forms.Field]
    labels: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)


class LoginForm(PlainFields, account_forms.LoginForm):
    labels = {"login": _("Email address"), "password": _("Password")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The link to a new password stands below the button, out of the way of Tab.
        self.fields["password"].help_text = ""
        self.fields["login"].widget.attrs |= {"autocomplete": "username"}


class ReauthenticateForm(PlainFields, account_forms.ReauthenticateForm):
    labels = {"password": _("Password")}


class ChangePasswordForm(PlainFields, account_forms.ChangePasswordForm):
    labels = {
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("New password once more"),
    }


class ResetPasswordForm(PlainFields, account_forms.ResetPasswordForm):
    labels = {"email": _("Email address")}


class ResetPasswordKeyForm(PlainFields, account_forms.ResetPasswordKeyForm):
    labels = {
        "password1": _("New password"),
        "password2": _("New password once more"),
    }


class CodeField(PlainFields):
    """A field for a code: the phone shows digits, and fills it in by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
            "maxlength": "20",
            "spellcheck": "false",
        }


class GuardedCode(CodeField):
    """A code that is accepted once, and guessed no more than a few times."""

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        request = context.request
        if not lockout.may_try_code(request, self.user):
            raise get_adapter().validation_error("incorrect_code")
        try:
            with transaction.atomic():
                code = super().clean_code()  # type: ignore[misc]
                self.use_up(code)
        except ValidationError:
            lockout.count_wrong_code(request, self.user)
            raise
        lockout.forget_wrong_codes(self.user)
        return str(code)

    def use_up(self, code: str) -> None:
        """Refuse a code of the app that was used before, in whichever process.

        allauth remembers it in the process's cache alone. Recovery codes it strikes off
        in the database.
        """
        if self.authenticator.type != Authenticator.Type.TOTP:
            return
        row = Authenticator.objects.select_for_update().get(pk=self.authenticator.pk)
        now = time.time()
        used = {
            c: at for c, at in row.data.get("used", {}).items() if now - at < CODE_LIFE
        }
        if code in used:
            raise get_adapter().validation_error("incorrect_code")
        row.data["used"] = used | {code: now}
        row.save(update_fields=["data"])
        self.authenticator.data = row.data


class AuthenticateForm(GuardedCode, code_forms.AuthenticateForm):
    labels = {"code": _("Code")}


class ReauthenticateCodeForm(GuardedCode, code_forms.ReauthenticateForm):
    labels = {"code": _("Code")}


class ActivateCodeForm(CodeField, totp_forms.ActivateTOTPForm):
    labels = {"code": _("Code from the app")}


class ProfileForm(forms.ModelForm):
    """What one may change of one's own account; the rest is an administrator's."""

    class Meta:
        model = User
        fields = ["first_name", "last_name"]
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
        }

"""What an administrator fills in about a colleague."""

from django import forms
from django.contrib.auth.password_validation import (
    password_validators_help_text_html,
    validate_password,
)
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminRadioSelectWidget,
)

from accounts import services
from accounts.exceptions import LastAdministrator
from accounts.links import can_mail
from accounts.models import Role, User
from accounts.roles import WORDS

LAST_ADMINISTRATOR = _(
    "This is the last active administrator. Make somebody else an administrator first."
)


class RoleField(forms.ChoiceField):
    """The roles, each with what it may do."""

    widget = UnfoldAdminRadioSelectWidget

    def __init__(self, **kwargs):
        choices = [
            (role, format_lazy("{}: {}", role.label, WORDS[role])) for role in Role
        ]
        super().__init__(label=_("Role"), choices=choices, **kwargs)


class AccountForm(forms.ModelForm):
    """A colleague's address, name and role."""

    role = RoleField()

    class Meta:
        model = User
        fields = ["email", "first_name", "last_name", "is_active"]
        widgets = {"email": UnfoldAdminEmailInputWidget}

    def clean_email(self):
        return self.cleaned_data["email"].lower()

    def _post_clean(self):
        # Before the model's own rules are asked: the two go together.
        if role := self.cleaned_data.get("role"):
            self.instance.assign_role(role)
        super()._post_clean()


class UserForm(AccountForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # An auditor reads the page, and has no fields.
        if "role" in self.fields:
            self.fields["role"].initial = self.instance.role
        if "is_active" in self.fields:
            self.fields["is_active"].help_text = _(
                "Switch it off in place of deleting somebody: they are signed out at "
                "once, and what they reviewed and decided stays."
            )

    def clean(self):
        cleaned = super().clean()
        stays = cleaned.get("is_active") and cleaned.get("role") == Role.ADMINISTRATOR
        if not stays:
            try:
                services.keep_an_administrator(self.instance)
            except LastAdministrator as refusal:
                raise forms.ValidationError(
                    LAST_ADMINISTRATOR, code=refusal.code
                ) from refusal
        return cleaned


class NewUserForm(AccountForm):
    """Invites a colleague: by a link to choose a password, or with a first one."""

    password = forms.CharField(
        label=_("First password"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = Role.REVIEWER
        self.fields["password"].required = not can_mail()
        self.fields["password"].help_text = (
            _(
                "Leave it empty, and the colleague gets a link by e-mail to choose their "
                "own."
            )
            if can_mail()
            else password_validators_help_text_html()
        )

    def _post_clean(self):
        super()._post_clean()
        if password := self.cleaned_data.get("password"):
            try:
                validate_password(password, self.instance)
            except forms.ValidationError as problems:
                self.add_error("password", problems)

    def save(self, commit=True):
        # None: nobody signs in until the link was followed.
        self.instance.set_password(self.cleaned_data.get("password") or None)
        return super().save(commit)

"""The team: who is in it, what each may do, and how they sign in."""

from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm
from unfold.views import ChangeList

from accounts import lockout, services
from accounts.admin.forms import LAST_ADMINISTRATOR, NewUserForm, UserForm
from accounts.audit import record
from accounts.exceptions import LastAdministrator
from accounts.links import can_mail, send_password_link
from accounts.models import AuditAction, User
from accounts.site import AuditedAdmin

# What one may do is the role's (accounts.roles); groups mean nothing here.
admin.site.unregister(Group)

STATES = {
    "active": _("Active"),
    "locked": _("Locked out"),
    "closed": _("Deactivated"),
}
STATE_COLOURS = {"active": "success", "locked": "warning", "closed": "danger"}


class Team(ChangeList):
    """Knows of everybody listed whether they are locked out, by one query."""

    def get_results(self, request):
        super().get_results(request)
        locked = lockout.locked_keys()
        for user in self.result_list:
            user.is_locked = not locked.isdisjoint(lockout.keys_of(user))


@admin.register(User)
class UserAdmin(DjangoUserAdmin, AuditedAdmin):
    list_display = ["address", "full_name", "role", "factor", "state", "last_login"]
    list_filter = [
        ("role", ChoicesDropdownFilter),
        ("is_active", BooleanRadioFilter),
    ]
    list_filter_submit = True
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["email"]
    show_full_result_count = False
    form = UserForm
    add_form = NewUserForm
    # Django's would say that there is more to come; there is not.
    add_form_template = None
    change_password_form = AdminPasswordChangeForm
    fieldsets = [
        (None, {"fields": ["email", "first_name", "last_name"]}),
        (_("Role"), {"fields": ["role", "is_active"]}),
        (_("Signing in"), {"fields": ["factor", "last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["email", "first_name", "last_name"]}),
        (_("Role"), {"fields": ["role"]}),
        (_("Password"), {"fields": ["password"]}),
    ]
    filter_horizontal = []
    readonly_fields = ["factor", "last_login", "date_joined"]
    actions_detail = [
        "set_password",
        "mail_password_link",
        "reset_second_factor",
        "unlock",
    ]

    def get_changelist(self, request, **kwargs):
        return Team

    def get_queryset(self, request):
        factors = Authenticator.objects.filter(user=OuterRef("pk")).exclude(
            type=Authenticator.Type.RECOVERY_CODES
        )
        return super().get_queryset(request).annotate(has_factor=Exists(factors))

    def get_actions(self, request):
        """Nobody is deleted by the dozen."""
        found = super().get_actions(request)
        return {name: each for name, each in found.items() if name != "delete_selected"}

    @display(description=_("e-mail"), ordering="email")
    def address(self, user):
        return user.email

    @display(description=_("name"), ordering="first_name")
    def full_name(self, user):
        return user.get_full_name()

    @display(description=_("second factor"), ordering="has_factor", boolean=True)
    def factor(self, user):
        return getattr(user, "has_factor", False)

    @display(description=_("state"), label=STATE_COLOURS)
    def state(self, user):
        key = "active" if user.is_active else "closed"
        if user.is_active and getattr(user, "is_locked", False):
            key = "locked"
        return key, STATES[key]

    # Who is deleted, and who stays

    @method_decorator(transaction.atomic)
    def delete_view(self, request, object_id, extra_context=None):
        user = self.get_object(request, object_id)
        may_delete = user and self.has_delete_permission(request, user)
        if may_delete and (problem := self.why_kept(user)):
            self.message_user(request, problem, messages.WARNING)
            return redirect("admin:accounts_user_change", user.pk)
        return super().delete_view(request, object_id, extra_context)

    def why_kept(self, user):
        """Return why the account cannot be deleted, or nothing."""
        if services.has_history(user):
            return _(
                "The records of interviews name this person, so the account stays. "
                "Deactivate it instead: switch “Active” off."
            )
        try:
            services.keep_an_administrator(user)
        except LastAdministrator:
            return LAST_ADMINISTRATOR
        return None

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change and not obj.has_usable_password():
            send_password_link(user=obj, request=request, is_new=True)
            self.message_user(request, _("A link to choose a password is on its way."))

    # What helps a colleague back in

    def get_actions_detail(self, request, object_id):
        """Offer what would change something."""
        user = self.get_object(request, str(object_id))
        useful = {
            "set_password": True,
            "mail_password_link": can_mail() and user and user.is_active,
            "reset_second_factor": user and user.has_factor,
            "unlock": user
            and not lockout.locked_keys().isdisjoint(lockout.keys_of(user)),
        }
        return [
            each
            for each in super().get_actions_detail(request, object_id)
            if useful[each.method.original_function_name]
        ]

    @action(description=_("Set a password"), permissions=["change"], icon="password")
    def set_password(self, request, object_id):
        return redirect("admin:auth_user_password_change", object_id)

    @action(
        description=_("Send a link to choose a password"),
        permissions=["change"],
        icon="mail",
    )
    def mail_password_link(self, request, object_id):
        def send(user):
            send_password_link(user=user, request=request)
            record(AuditAction.MAILED, user, request=request, detail="password link")

        return self.after_confirmation(
            request,
            object_id,
            "mail_password_link",
            send,
            _(
                "They get an e-mail with a link that is good once. Until then nothing changes."
            ),
            _("The link is on its way."),
        )

    @action(
        description=_("Reset the second factor"),
        permissions=["change"],
        icon="phonelink_erase",
    )
    def reset_second_factor(self, request, object_id):
        return self.after_confirmation(
            request,
            object_id,
            "reset_second_factor",
            lambda user: services.reset_second_factor(user=user, request=request),
            _(
                "For a phone that was lost or changed. They are signed out everywhere, "
                "the app and the recovery codes stop working, and after the next sign-in "
                "they set up a new one. Make sure that it is they who ask."
            ),
            _("The second factor is reset."),
        )

    @action(description=_("Unlock"), permissions=["change"], icon="lock_open")
    def unlock(self, request, object_id):
        return self.after_confirmation(
            request,
            object_id,
            "unlock",
            lambda user: services.unlock(user=user, request=request),
            _(
                "They typed a wrong password or code too often, and may try again at once."
            ),
            _("Unlocked."),
        )

    def after_confirmation(self, request, object_id, name, change, explained, done):
        """Ask first, on a page of its own; then change the account."""
        user = self.get_object(request, unquote(str(object_id)))
        if user is None:
            raise Http404
        if request.method == "POST":
            change(user)
            self.message_user(request, done, messages.SUCCESS)
            return redirect("admin:accounts_user_change", user.pk)
        return TemplateResponse(
            request,
            "admin/accounts/user/confirm.html",
            {
                **self.admin_site.each_context(request),
                "title": getattr(self, name).short_description,
                "explained": explained,
                "opts": self.opts,
                "account": user,
            },
        )

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
)

from accounts.models import User

admin.site.unregister(Group)

# Other apps by name alone: they build on this one.
RIGHTS = {
    "accounts.view_user": _("Users: see"),
    "accounts.add_user": _("Users: add"),
    "accounts.change_user": _("Users: change"),
    "accounts.delete_user": _("Users: delete"),
    "candidates.view_candidate": _("Candidates: see"),
    "candidates.add_candidate": _("Candidates: add"),
    "candidates.change_candidate": _("Candidates: change"),
    "candidates.delete_candidate": _("Candidates: delete"),
    "interviews.view_interviewsession": _("Interviews: see and listen"),
    "interviews.add_interviewsession": _("Interviews: invite"),
    "interviews.change_interviewsession": _("Interviews: move the deadline, cancel"),
    "interviews.view_candidaterequest": _("Candidates’ requests: see"),
    "interviews.change_candidaterequest": _("Candidates’ requests: mark as handled"),
    "vacancies.view_company": _("Companies: see"),
    "vacancies.add_company": _("Companies: add"),
    "vacancies.change_company": _("Companies: change name, logo, colour, contact"),
    "vacancies.delete_company": _("Companies: delete"),
    "vacancies.view_vacancy": _("Vacancies: see"),
    "vacancies.add_vacancy": _("Vacancies: add"),
    "vacancies.change_vacancy": _("Vacancies: change, open, close"),
    "vacancies.delete_vacancy": _("Vacancies: delete"),
    "voice.view_voiceevent": _("Voice: see whether it works, and what came"),
    "voice.change_voiceevent": _("Voice: try again what could not be read"),
}


class NewUserForm(UserCreationForm):
    class Meta:
        model = User
        fields = ["email"]
        widgets = {"email": UnfoldAdminEmailInputWidget}


class UserForm(UserChangeForm):
    class Meta:
        model = User
        fields = ["email", "first_name", "last_name"]
        field_classes = {}


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    list_display = ["email", "first_name", "last_name", "is_staff", "is_active"]
    list_filter = [
        ("is_staff", BooleanRadioFilter),
        ("is_active", BooleanRadioFilter),
    ]
    list_filter_submit = True
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["email"]
    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    fieldsets = [
        (None, {"fields": ["email", "password", "first_name", "last_name"]}),
        (
            _("Permissions"),
            {"fields": ["is_active", "is_staff", "is_superuser", "groups"]},
        ),
        (_("Important dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {"fields": ["email", "first_name", "last_name", "password1", "password2"]},
        ),
        (_("Permissions"), {"fields": ["is_staff", "groups"]}),
    ]
    filter_horizontal = []
    autocomplete_fields = ["groups"]
    readonly_fields = ["last_login", "date_joined"]

    def get_readonly_fields(self, request, obj=None):
        """Nobody raises themselves above what they may do."""
        fields = super().get_readonly_fields(request, obj)
        if request.user.is_superuser:
            return fields
        return [*fields, "is_superuser", "groups"]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (
            request.user.is_superuser or not getattr(obj, "is_superuser", False)
        )

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (
            request.user.is_superuser or not getattr(obj, "is_superuser", False)
        )


class RightsField(forms.ModelMultipleChoiceField):
    """The rights that mean something here, in words that say what they allow."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def label_from_instance(self, obj):
        return RIGHTS[f"{obj.content_type.app_label}.{obj.codename}"]


class GroupForm(forms.ModelForm):
    permissions = RightsField(label=_("Rights"), queryset=None, required=False)

    class Meta:
        model = Group
        fields = ["name", "permissions"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        names = [right.split(".") for right in RIGHTS]
        self.fields["permissions"].queryset = (
            Permission.objects.filter(
                content_type__app_label__in={app for app, _codename in names},
                codename__in={codename for _app, codename in names},
            )
            .select_related("content_type")
            .order_by("content_type__app_label", "pk")
        )


@admin.register(Group)
class GroupAdmin(ModelAdmin):
    """Roles of HR staff. Who could change them could raise themselves: superusers only."""

    search_fields = ["name"]
    ordering = ["name"]
    form = GroupForm

    def has_module_permission(self, request):
        return request.user.is_superuser

    def has_permission(self, request, obj=None):
        return request.user.is_superuser

    has_add_permission = has_change_permission = has_permission
    has_delete_permission = has_view_permission = has_permission

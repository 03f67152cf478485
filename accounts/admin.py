from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminEmailInputWidget

from accounts.models import User

admin.site.unregister(Group)


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


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    pass

"""Who may do what: by the role, without a query."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser

from accounts.models import User
from accounts.roles import RIGHTS


class RoleBackend(AuthenticationBackend):
    """Signs staff in by e-mail and password; their rights are their role's."""

    def get_all_permissions(
        self, user_obj: AbstractBaseUser | Any, obj: Any = None
    ) -> set[str]:
        if not isinstance(user_obj, User) or not user_obj.is_active or obj is not None:
            return set()
        return set(RIGHTS[user_obj.role])

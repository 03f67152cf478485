"""HR staff."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person does here; what each may do stands in `accounts.roles`."""

    ADMINISTRATOR = "administrator", _("Administrator")
    RECRUITER = "recruiter", _("Recruiter")
    REVIEWER = "reviewer", _("Reviewer")
    AUDITOR = "auditor", _("Auditor")


class UserManager(DjangoUserManager["User"]):
    """Makes users who are known by their e-mail address."""

    def _create_user(
        self,
        email: str,
        password: str | None,
        role: str = Role.REVIEWER,
        **fields: Any,
    ) -> "User":
        user = self.model(email=email.lower(), **fields)
        user.assign_role(role)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        return self._create_user(email, password, **fields)

    def create_superuser(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        return self._create_user(
            email, password, **fields | {"role": Role.ADMINISTRATOR}
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        # Nobody remembers how they typed it.
        return self.get(email=(username or "").lower())


class User(AbstractUser):
    """A member of the HR team, who signs in by e-mail address.

    The address is kept in lower case: that is how it is looked up.
    """

    username = None  # type: ignore[assignment]
    email = models.EmailField(
        _("email address"),
        unique=True,
        error_messages={"unique": _("This address already has an account.")},
    )
    # Django asks it of whoever opens the admin; what each may do there is the role's.
    is_staff = models.BooleanField(default=True, editable=False)
    role = models.CharField(
        _("role"), max_length=20, choices=Role, default=Role.REVIEWER
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "staff_user"
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="staff_user_email_lower"
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="staff_user_role_known"
            ),
            # Django's own word for it, and ours.
            models.CheckConstraint(
                condition=Q(role=Role.ADMINISTRATOR, is_superuser=True)
                | (~Q(role=Role.ADMINISTRATOR) & Q(is_superuser=False)),
                name="staff_user_administrator_is_superuser",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def assign_role(self, role: str) -> None:
        """Give the role, and Django's word for it where it has one; does not save."""
        self.role = role
        self.is_superuser = role == Role.ADMINISTRATOR

    @property
    def sees_everything(self) -> bool:
        """Tell whether every vacancy is this person's to read."""
        return self.role in {Role.ADMINISTRATOR, Role.AUDITOR}

    @property
    def manages_everything(self) -> bool:
        return self.role == Role.ADMINISTRATOR

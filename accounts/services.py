"""What is done to accounts of the staff."""

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.db import transaction
from django.db.models.deletion import Collector, ProtectedError
from django.http import HttpRequest

from accounts import lockout, sessions
from accounts.audit import record
from accounts.exceptions import LastAdministrator
from accounts.models import AuditAction, Role, User


def keep_an_administrator(user: User) -> None:
    """Refuse to take the last active administrator away.

    Holds every administrator's row until the transaction ends, so that two of them
    cannot demote each other. Raises LastAdministrator.
    """
    administrators = (
        User.objects.select_for_update()
        .filter(role=Role.ADMINISTRATOR, is_active=True)
        .order_by("pk")
    )
    # In this order, and all of them: a lock of the others alone would be a deadlock.
    if [administrator.pk for administrator in administrators] == [user.pk]:
        raise LastAdministrator


def has_history(user: User) -> bool:
    """Tell whether the interviews' records name this person, and so keep the account."""
    try:
        Collector(using="default", origin=user).collect([user])
    except ProtectedError:
        return True
    return False


@transaction.atomic
def reset_second_factor(*, user: User, request: HttpRequest) -> None:
    """Take a colleague's second factor away, and every sign-in with it.

    They sign in by password and, where it is demanded, set up another one.
    """
    count, _models = Authenticator.objects.filter(user=user).delete()
    end_sessions(user)
    record(
        AuditAction.CHANGED,
        user,
        request=request,
        detail=f"second factor reset ({count})",
    )


@transaction.atomic
def unlock(*, user: User, request: HttpRequest) -> None:
    """Let a locked-out colleague try again at once."""
    AccessAttempt.objects.filter(username__in=lockout.keys_of(user)).delete()
    record(AuditAction.CHANGED, user, request=request, detail="unlocked")


def end_sessions(user: User) -> None:
    """Sign the person out everywhere."""
    sessions.end(user)

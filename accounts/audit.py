"""Writing the audit log."""

from django.db.models import Model
from django.http import HttpRequest

from accounts.models import AuditAction, AuditEvent, User


def record(
    action: AuditAction,
    obj: Model | None = None,
    *,
    request: HttpRequest | None = None,
    user: User | None = None,
    actor: str = "",
    vacancy_id: int | None = None,
    detail: str = "",
) -> None:
    """Add a line to the log, in the transaction of what it tells of.

    The actor is `user`, else the request's; `actor` names whoever has no account.
    `detail` holds keys, names of fields and counts, never a candidate's name or words.
    """
    if user is None and request is not None and request.user.is_authenticated:
        user = request.user
    AuditEvent.objects.create(
        action=action,
        actor_id=user.pk if user else None,
        actor=user.email if user else actor,
        object_type=obj._meta.label_lower if obj else "",
        object_id=str(obj.pk) if obj else "",
        vacancy_id=vacancy_id,
        detail=detail[:1000],
        address=request.META.get("REMOTE_ADDR") or None if request else None,
    )

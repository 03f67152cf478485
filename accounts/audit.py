"""Writing the audit log."""

from datetime import timedelta

from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import AuditAction, AuditEvent, User
from core.addresses import client_address

# A player asks for a recording in stretches; that is one listening.
ONE_LISTENING = timedelta(minutes=5)


def record(
    action: AuditAction,
    obj: Model | type[Model] | None = None,
    *,
    request: HttpRequest | None = None,
    user: User | None = None,
    actor: str = "",
    vacancy_id: int | None = None,
    detail: str = "",
) -> None:
    """Add a line to the log, in the transaction of what it tells of.

    The actor is `user`, else the request's; `actor` names whoever has no account.
    `obj` is a row, or a model if a list of its rows is told of; `vacancy_id` is the
    row's own unless it is given. `detail` holds keys, names of fields and counts, never
    a candidate's name or words.
    """
    if user is None and request is not None and request.user.is_authenticated:
        user = request.user
    AuditEvent.objects.create(
        action=action,
        actor_id=user.pk if user else None,
        actor=user.email if user else actor,
        object_type=obj._meta.label_lower if obj else "",
        object_id=str(obj.pk) if isinstance(obj, Model) else "",
        vacancy_id=vacancy_id or vacancy_of(obj),
        detail=detail[:1000],
        address=client_address(request) if request else None,
    )


def vacancy_of(obj: Model | type[Model] | None) -> int | None:
    """Return the key of the vacancy that a row belongs to, if it names one."""
    if not isinstance(obj, Model):
        return None
    # By name alone: vacancies build on this app.
    if obj._meta.label_lower == "vacancies.vacancy":
        return obj.pk
    owner = obj if hasattr(obj, "vacancy_id") else getattr(obj, "session", None)
    return getattr(owner, "vacancy_id", None)


def record_listening(obj: Model, recording: str, *, request: HttpRequest) -> None:
    """Add that a recording of an interview was played, unless the person just began to.

    `recording` is what kind it is and its key: "take 5".
    """
    lately = AuditEvent.objects.filter(
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        action=AuditAction.LISTENED,
        actor_id=request.user.pk,
        detail=recording,
        at__gt=timezone.now() - ONE_LISTENING,
    )
    if not lately.exists():
        record(AuditAction.LISTENED, obj, request=request, detail=recording)

"""A form that is sent twice acts once."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from vacancies.models import Submission

KEPT = timedelta(days=1)


@transaction.atomic
def once(*, key: UUID, content: object, act: Callable[[], str]) -> str:
    """Return what `act` returns; for the same form with the same content, what it returned.

    `key` was made with the form, `content` is what the form says: whoever goes back and
    chooses otherwise has sent another form. Whoever clicks twice waits for the first.
    """
    forget_old()
    submission, is_new = Submission.objects.get_or_create(key=uuid5(key, repr(content)))
    if is_new:
        submission.outcome = act()
        submission.save(update_fields=["outcome"])
    return submission.outcome


def forget_old() -> None:
    old = Submission.objects.filter(created_at__lt=timezone.now() - KEPT)
    # What another request forgets at the moment needs no waiting for.
    unlocked = old.select_for_update(skip_locked=True).values("pk")[:100]
    Submission.objects.filter(
        pk__in=list(unlocked.values_list("pk", flat=True))
    ).delete()

"""Who may call now: the vendor's plan allows only so many calls at once.

A place is a lease. The candidate's page renews it while it waits and while it calls, and
gives it back at the end; a page that vanished loses it when the lease runs out.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from voice.models import Place

# The page asks every five seconds while it waits, and reports every minute in a call;
# one report may be lost without cost (static/js/agent.js).
WAITING_LEASE = timedelta(seconds=20)
CALL_LEASE = timedelta(seconds=150)
# Any number, but the same in every process: it names the lock.
LOCK = 0x766F696365


def ask(session_id: UUID) -> int:
    """Return 0 when the session may call now, else its number in the queue, from 1.

    Places are given in the order they were first asked for.
    """
    return take_place(session_id) if settings.ELEVENLABS_MAX_CALLS else 0


@transaction.atomic
def take_place(session_id: UUID) -> int:
    one_at_a_time()
    now = timezone.now()
    Place.objects.filter(lease_until__lte=now).delete()
    place, _ = Place.objects.get_or_create(
        session_id=session_id,
        defaults={"requested_at": now, "lease_until": now + WAITING_LEASE},
    )
    number = 0 if place.admitted_at else number_in_queue(place)
    if not number:
        place.admitted_at = place.admitted_at or now
    place.lease_until = now + (WAITING_LEASE if number else CALL_LEASE)
    place.save(update_fields=["admitted_at", "lease_until"])
    return number


def one_at_a_time() -> None:
    """Wait until no other transaction counts places."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def number_in_queue(place: Place) -> int:
    """Return 0 if the free places reach to this one, else how far it is from the front."""
    free = (
        settings.ELEVENLABS_MAX_CALLS - Place.objects.exclude(admitted_at=None).count()
    )
    earlier = Q(requested_at__lt=place.requested_at) | Q(
        requested_at=place.requested_at, pk__lt=place.pk
    )
    ahead = Place.objects.filter(earlier, admitted_at=None).count()
    return 0 if ahead < free else ahead + 1 - max(free, 0)


def renew(session_id: UUID) -> None:
    """Keep the place of a call that goes on."""
    Place.objects.filter(session_id=session_id).exclude(admitted_at=None).update(
        lease_until=timezone.now() + CALL_LEASE
    )


def leave(session_id: UUID) -> None:
    """Give the place to whoever is next."""
    Place.objects.filter(session_id=session_id).delete()

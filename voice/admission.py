"""Who may call now, and in which workspace: each plan allows only so many calls at once.

A place is a lease. The candidate's page renews it while it waits and while it calls, and
gives it back at the end; a page that vanished loses it when the lease runs out. Places are
given one at a time, under a lock; a call that goes on and a page that waits never take it.
"""

from collections.abc import Container, Sequence
from datetime import datetime, timedelta
from math import inf
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from voice.models import Place
from voice.workspaces import DEFAULT, Workspace, workspaces

# The page asks every five seconds while it waits, and reports every minute in a call;
# one report may be lost without cost (static/js/agent.js).
WAITING_LEASE = timedelta(seconds=20)
CALL_LEASE = timedelta(seconds=150)
# Any number, but the same in every process: it names the lock.
LOCK = 0x766F696365


def ask(session_id: UUID, absent: Container[str] = ()) -> Workspace | int:
    """Return the workspace where the session may call now, or its number in the queue.

    The queue begins at 1, and is one for all workspaces: places are given in the order
    they were first asked for. None is given in a workspace that is `absent`, unless all
    are: then the answer is what it would be if they came back. Calls must be on.
    """
    all_of_them = workspaces()
    if not are_places_counted(all_of_them):
        return all_of_them[0]
    present = [one for one in all_of_them if one.name not in absent] or all_of_them
    return number_of_waiting(session_id, present) or take_place(session_id, present)


def are_places_counted(all_of_them: Sequence[Workspace]) -> bool:
    """Tell whether there is anything to count: a limit, or several workspaces to fill."""
    return len(all_of_them) > 1 or bool(all_of_them[0].max_calls)


class Standing(NamedTuple):
    """What a place depends on: the calls of each workspace, and who asked earlier."""

    calls: dict[str, int]
    earlier: int

    def free(self, workspace: Workspace) -> float:
        """Return how many calls may still begin there."""
        calls = self.calls.get(workspace.name, 0)
        return max(workspace.max_calls - calls, 0) if workspace.max_calls else inf

    def number(self, present: Sequence[Workspace]) -> int:
        """Return 0 if the free places reach so far, else the number in the queue."""
        free = sum(map(self.free, present))
        return 0 if self.earlier < free else self.earlier + 1 - int(free)

    def load(self, workspace: Workspace) -> tuple[float, int]:
        """Return how full a workspace is: the part of its limit, then the calls."""
        calls = self.calls.get(workspace.name, 0)
        return (calls / workspace.max_calls if workspace.max_calls else 0, calls)

    def emptiest(self, present: Sequence[Workspace]) -> Workspace:
        return min(filter(self.free, present), key=self.load)


def standing(place: Place, now: datetime) -> Standing:
    """Count in one statement, without leases that have run out."""
    earlier = Q(requested_at__lt=place.requested_at) | Q(
        requested_at=place.requested_at, pk__lt=place.pk
    )
    counts = (
        Place.objects.filter(lease_until__gt=now)
        .values("workspace")
        .annotate(
            calls=Count("pk", filter=Q(admitted_at__isnull=False)),
            earlier=Count("pk", filter=earlier & Q(admitted_at=None)),
        )
    )
    rows = list(counts.values_list("workspace", "calls", "earlier"))
    return Standing(
        {workspace: calls for workspace, calls, _ in rows},
        sum(earlier for *_, earlier in rows),
    )


def number_of_waiting(session_id: UUID, present: Sequence[Workspace]) -> int:
    """Return the number of a session that goes on waiting, and keep its place in the queue.

    0 if it is not in the queue, or its turn seems to have come. Nothing is given away
    here, so nobody waits for the lock: hundreds ask again every second.
    """
    now = timezone.now()
    waiting = Place.objects.filter(pk=session_id, admitted_at=None, lease_until__gt=now)
    place = waiting.first()
    number = standing(place, now).number(present) if place else 0
    if number:
        waiting.update(lease_until=now + WAITING_LEASE)
    return number


@transaction.atomic
def take_place(session_id: UUID, present: Sequence[Workspace]) -> Workspace | int:
    """Give the session a place if it is its turn, else one in the queue."""
    one_at_a_time()
    now = timezone.now()
    Place.objects.filter(lease_until__lte=now).delete()
    place = Place.objects.filter(pk=session_id).first() or Place(
        session_id=session_id, requested_at=now, workspace=DEFAULT
    )
    given = held(place, present) or next_place(place, present, now)
    is_waiting = isinstance(given, int)
    place.admitted_at = None if is_waiting else place.admitted_at or now
    place.lease_until = now + (WAITING_LEASE if is_waiting else CALL_LEASE)
    if isinstance(given, Workspace):
        place.workspace = given.name
    place.save(force_insert=place._state.adding)
    return given


def one_at_a_time() -> None:
    """Wait until no other transaction counts places.

    The next one need not wait for the disk: a place that a crash of the database loses
    was nobody's yet, since the call that it is for is stored after it, and waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s), "
            "set_config('synchronous_commit', 'off', true)",
            [LOCK],
        )


def held(place: Place, present: Sequence[Workspace]) -> Workspace | None:
    """Return the workspace in which the session has its place, if calls can begin there."""
    if not place.admitted_at:
        return None
    return next((one for one in present if one.name == place.workspace), None)


def next_place(
    place: Place, present: Sequence[Workspace], now: datetime
) -> Workspace | int:
    found = standing(place, now)
    return found.number(present) or found.emptiest(present)


def renew(session_id: UUID) -> None:
    """Keep the place of a call that goes on."""
    if not are_places_counted(workspaces()):
        return
    Place.objects.filter(session_id=session_id).exclude(admitted_at=None).update(
        lease_until=timezone.now() + CALL_LEASE
    )


def leave(session_id: UUID) -> None:
    """Give the place to whoever is next."""
    Place.objects.filter(session_id=session_id).delete()


def workspace_of(session_id: UUID) -> str:
    """Return in which workspace the session calls, the default one if no place tells."""
    places = Place.objects.filter(session_id=session_id).exclude(admitted_at=None)
    return places.values_list("workspace", flat=True).first() or DEFAULT

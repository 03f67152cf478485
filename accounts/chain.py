"""Whether the audit log is as it was written, computed without the database's help.

Whoever owns the database can take its triggers away and change a line: then the hashes
do not fit. Who computes them all anew is found by a head that was kept elsewhere.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from accounts.models import AuditEvent, AuditSeal

BATCH = 2000
NO_HASH = "0" * 64
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Breach(NamedTuple):
    """What is wrong, and at which place of the chain."""

    position: int
    problem: str


class Chain(NamedTuple):
    """The chain as far as it holds: its last place and hash, and the first breach."""

    length: int
    head: str
    breach: Breach | None


def verify(*, kept: str = "") -> Chain:
    """Return what the whole chain comes to; `kept` is a head noted at another time.

    All of it is read as of one moment, in batches: lines may be added meanwhile.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return walk(kept)


def walk(kept: str) -> Chain:
    count, head, is_kept = 0, NO_HASH, kept in {"", NO_HASH}
    for seal, event in sealed_lines():
        if breach := breach_of(seal, event, count, head):
            return Chain(count, head, breach)
        count, head = seal.position, seal.hash
        is_kept = is_kept or head == kept
    return Chain(count, head, unsealed(count) or (None if is_kept else lost(count)))


def breach_of(
    seal: AuditSeal, event: AuditEvent | None, count: int, head: str
) -> Breach | None:
    """Hold a line against its seal, and the seal against the one before it."""
    place = count + 1
    if seal.position != place:
        return Breach(place, "a seal is missing: lines were removed")
    if event is None:
        return Breach(place, f"line {seal.event_id} was removed")
    if seal.previous_hash != head:
        return Breach(place, "does not follow the line before it")
    if seal.hash != hash_of(place, event, head):
        return Breach(place, f"line {event.pk} is not as it was written")
    return None


def unsealed(count: int) -> Breach | None:
    """Find a line that is in the table and not in the chain."""
    seals = AuditSeal.objects.filter(event_id=OuterRef("pk"))
    line = AuditEvent.objects.filter(~Exists(seals)).order_by("pk").first()
    if line is None:
        return None
    return Breach(count + 1, f"line {line.pk} was put in past the chain")


def lost(count: int) -> Breach:
    return Breach(count + 1, "the head that was kept is not in the chain")


def hash_of(position: int, event: AuditEvent, previous: str) -> str:
    """Compute a line's hash as migration 0005 describes it."""
    columns = [
        position,
        event.pk,
        (event.at - EPOCH) // timedelta(microseconds=1),
        event.actor_id,
        event.actor,
        event.action,
        event.object_type,
        event.object_id,
        event.vacancy_id,
        event.detail,
        event.address,
    ]
    return sha256((previous + "".join(map(part, columns))).encode()).hexdigest()


def part(value: object) -> str:
    return "-;" if value is None else f"{len(str(value))}:{value};"


def sealed_lines() -> Iterator[tuple[AuditSeal, AuditEvent | None]]:
    """Give every seal in the chain's order, with its line if that is there."""
    last = 0
    while seals := list(AuditSeal.objects.filter(position__gt=last)[:BATCH]):
        events = AuditEvent.objects.in_bulk([seal.event_id for seal in seals])
        yield from ((seal, events.get(seal.event_id)) for seal in seals)
        last = seals[-1].position

"""Who was erased: a list beside the database, so that no backup brings anybody back.

A backup holds people who were erased after it was made. Each erasure is noted in a file,
ERASURES_FILE, that is no part of the database; backups take it along, and a restore names
whoever has to be erased again. A line is a time and the key of a candidate's row: once
that row is gone, it tells nobody who it was.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

NAME = "erasures.log"


class Erasure(NamedTuple):
    """When the candidate of this key was erased."""

    at: datetime
    candidate: int


def path() -> Path:
    return Path(settings.ERASURES_FILE)


def note(candidate: int) -> None:
    """Note an erasure that is done, and see it onto the disk; raises OSError."""
    append(path(), [Erasure(datetime.now(UTC), candidate)])


def append(file: Path, erasures: Iterable[Erasure]) -> None:
    lines = "".join(f"{one.at.isoformat()} {one.candidate}\n" for one in erasures)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="ascii") as stream:
        stream.write(lines)
        stream.flush()
        os.fsync(stream.fileno())


def read(file: Path) -> Iterator[Erasure]:
    """Yield what a list holds; a line that a crash cut off is left out."""
    if not file.exists():
        return
    for line in file.read_text(encoding="ascii").splitlines():
        with suppress(ValueError):
            at, candidate = line.split()
            yield Erasure(datetime.fromisoformat(at), int(candidate))


def keep(target: Path) -> None:
    """Bring the list beside the backups up to date with the portal's own."""
    known = set(read(target / NAME))
    append(target / NAME, [one for one in read(path()) if one not in known])


def since(moment: datetime, target: Path) -> list[int]:
    """Return whom a backup of that moment may bring back, in the order of their erasure."""
    found = sorted({*read(target / NAME), *read(path())})
    return list(dict.fromkeys(one.candidate for one in found if one.at >= moment))

"""The doctor's look at disks, at where files are kept, and at backups."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages

from core import environment
from core.backup_state import last_backup
from core.doctor import Finding, check, ok, problem, warning
from core.doctor_database import size_text

GIGABYTE = 1024**3
# Below either, of a disk's share or in bytes.
LOW_SHARE, LOW_BYTES = 0.10, 5 * GIGABYTE
LAST_SHARE, LAST_BYTES = 0.03, GIGABYTE
STORED = ("recordings", "exports")
A_DAY, A_WEEK = timedelta(hours=26), timedelta(days=8)


def folders() -> dict[str, Path]:
    """Return the folders that the portal writes to on this machine, by what they hold."""
    found = {"working files": environment.var_dir()}
    for name in STORED:
        storage = storages[name]
        if isinstance(storage, FileSystemStorage):
            found[name] = Path(storage.location)
    return found


@check("disk")
def disk_has_room() -> Iterator[Finding]:
    for name, folder in folders().items():
        usage = shutil.disk_usage(existing(folder))
        yield room(name, usage.free, usage.total)


def existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def room(name: str, free: int, total: int) -> Finding:
    text = f"The disk of {name} has {size_text(free)} free of {size_text(total)}."
    if free >= LOW_BYTES and free >= LOW_SHARE * total:
        return ok(text)
    todo = "Make room, or enlarge it: without room no answer is taken."
    is_last = free < LAST_BYTES or free < LAST_SHARE * total
    return problem(text, todo) if is_last else warning(text, todo)


@check("storage")
def storage_is_writable() -> Iterator[Finding]:
    """Write, read and remove a small file in each place, bucket or folder."""
    for name in STORED:
        try:
            same = probe(storages[name])
        except Exception as error:  # noqa: BLE001 - a bucket's client has errors of its own
            yield problem(
                f"Nothing can be stored under {name} ({type(error).__name__}).",
                "Folder: give it to the portal's account. Bucket: look at its name, its "
                "address and the rights of its keys (read, write, delete).",
            )
        else:
            yield stored(name, same)


def probe(storage: Storage) -> bool:
    """Tell whether what was written is what is read."""
    content = uuid4().hex.encode()
    name = storage.save(f"doctor-{uuid4().hex}", ContentFile(content))
    try:
        with storage.open(name) as file:
            return bool(file.read() == content)
    finally:
        storage.delete(name)


def stored(name: str, same: bool) -> Finding:
    if same:
        return ok(f"Files can be written, read and removed under {name}.")
    return problem(
        f"What is written under {name} is not what is read.", "Replace that storage."
    )


@check("backup")
def backup_is_fresh() -> Iterator[Finding]:
    found = last_backup()
    if found is None:
        yield warning(
            "No backup by `manage.py backup` is known on this machine.",
            "If another machine or another program makes them, nothing is wrong. "
            "docs/operations.md has the lines for a timer.",
        )
        return
    yield freshness(datetime.now(UTC) - found)


def freshness(age: timedelta) -> Finding:
    hours = age / timedelta(hours=1)
    text = f"The last backup was made {hours:.0f} hours ago."
    if age <= A_DAY:
        return ok(text)
    todo = "Look why the timer did not run, and make one: manage.py backup --to …"
    return problem(text, todo) if age > A_WEEK else warning(text, todo)

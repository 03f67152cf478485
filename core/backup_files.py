"""Recordings in a backup: copied, or shared with the backup before, and compared."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.apps import apps
from django.core.files.storage import FileSystemStorage, storages
from django.db.models import FileField

from core.backup_manifest import FileEntry, Manifest, read

CHUNK = 1024 * 1024
ATTEMPTS = 3


class Copied(NamedTuple):
    """Files by their names in the folder, and how many are the backup's before, too."""

    files: dict[str, FileEntry]
    shared: int
    is_folder: bool


def location() -> Path | None:
    """Return the folder of recordings; None where they are in a bucket."""
    storage = storages["recordings"]
    is_folder = isinstance(storage, FileSystemStorage)
    return Path(storage.location) if is_folder else None  # type: ignore[attr-defined]


def names(folder: Path) -> list[str]:
    """Return all files under a folder, by their way from it."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in found)


def named() -> Iterator[str]:
    """Yield the recordings that rows name, each a name in the storage."""
    storage = storages["recordings"]
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, FileField) and field.storage == storage:
                rows = model._default_manager.exclude(**{field.name: ""}).order_by()
                yield from rows.values_list(field.name, flat=True).iterator()


def copy(source: Path | None, target: Path, before: Path | None) -> Copied:
    """Copy all files into a backup; what has not changed is linked to the one before."""
    target.mkdir(mode=0o700)
    if source is None or not source.exists():
        return Copied({}, 0, is_folder=source is not None)
    known = earlier(before)
    files, shared = {}, 0
    for name in names(source):
        place = target / name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        old = known.get(name)
        if (
            before
            and is_unchanged(source / name, old)
            and link(before / target.name / name, place)
        ):
            files[name], shared = known[name], shared + 1
        elif entry := settled_copy(source / name, place, target):
            files[name] = entry
    return Copied(files, shared, is_folder=True)


def earlier(before: Path | None) -> dict[str, FileEntry]:
    manifest = read(before) if before else ""
    return manifest.files if isinstance(manifest, Manifest) else {}


def is_unchanged(path: Path, known: FileEntry | None) -> bool:
    if known is None:
        return False
    try:
        status = path.stat()
    except FileNotFoundError:
        return False
    return (status.st_size, status.st_mtime_ns) == (known.size, known.changed_ns)


def link(old: Path, new: Path) -> bool:
    """Give a file of a backup another name; False where the disk cannot."""
    try:
        os.link(old, new)
    except OSError:
        return False
    return True


def settled_copy(source: Path, place: Path, folder: Path) -> FileEntry | None:
    """Copy a file as it is when nobody writes it; None for one that is gone."""
    for _ in range(ATTEMPTS):
        try:
            shutil.copy2(source, place)
        except FileNotFoundError:
            place.unlink(missing_ok=True)
            return None
        entry = file_entry(place, folder)
        if is_unchanged(source, entry):
            break
    place.chmod(0o600)
    return entry


def file_entry(path: Path, folder: Path) -> FileEntry:
    status = path.stat()
    return FileEntry(sha256_of(path), status.st_size, status.st_mtime_ns)


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def complaint(path: Path, name: str, entry: FileEntry) -> str:
    """Say what is wrong with a file of a backup; empty: nothing."""
    if not path.is_file():
        return f"{name}: missing"
    if path.stat().st_size != entry.size:
        return f"{name}: not as long as it was"
    return "" if sha256_of(path) == entry.sha256 else f"{name}: not what it was"


def put_back(source: Path, target: Path, files: dict[str, FileEntry]) -> None:
    """Copy the files of a backup into an empty folder, with the times they had."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in files:
        place = target / name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(source / name, place)
        place.chmod(0o600)

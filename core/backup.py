"""Backups: the database as one moment saw it, and the recordings that its rows name.

    2026-11-23T031700Z/
        manifest.json   what is in it: rows of each table, files, sums of both
        database.dump   pg_dump's custom format
        recordings/     the files; unchanged ones are shared with the backup before

The order makes the two fit. A file is complete before a row names it, and the dump is made
first: so each file that a row of the dump names is there when files are copied. Files of
later rows come along; nobody misses them. A file that was removed in between belongs to
somebody who was erased, and its row is to go as well (`core.backup_erasures`).

Secrets are not in a backup; the manifest names those without which it cannot be read.
"""

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from core import backup_database, backup_erasures, backup_files, backup_state
from core.backup_manifest import FORMAT, Manifest, read, write
from core.doctor_settings import check_mark
from core.processes import FileLock, own_note
from core.version import version

DUMP, FILES = "database.dump", "recordings"
NAME = "%Y-%m-%dT%H%M%SZ"
DRAFT = ".new-"
# Settings without which a restored portal cannot read what it has, and where each may be.
KEYS = {
    "SECRET_KEY": ("SECRET_KEY", "SECRET_KEY_FALLBACKS"),
    "FIELD_KEYS": ("FIELD_KEYS",),
    "FIELD_INDEX_KEY": ("FIELD_INDEX_KEY", "FIELD_INDEX_KEY_PREVIOUS"),
}
# What else an installation has of its own, to be kept apart from backups.
ALSO = ["AGENT_API_KEY", "the keys of ElevenLabs, of the mail server and of the bucket"]


class BackupError(Exception):
    """A backup or a restore cannot be made; the text says why, and what to do."""


class Made(NamedTuple):
    """A backup that was made, and how many of its files are shared with the one before."""

    folder: Path
    manifest: Manifest
    shared: int
    removed: int


def make(target: Path, *, keep: int = 0) -> Made:
    """Make a backup in a new folder of the target; raises BackupError.

    `keep`: so many backups stay, the oldest go; 0: all stay.
    """
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(target / ".lock")
    if not lock.acquire(own_note()):
        raise BackupError(f"Another backup to {target} is under way.")
    try:
        return made(target, keep)
    finally:
        lock.release()


def made(target: Path, keep: int) -> Made:
    for leftover in target.glob(f"{DRAFT}*"):
        shutil.rmtree(leftover)
    before = newest(target)
    now = datetime.now(UTC).replace(microsecond=0)
    draft = target / f"{DRAFT}{now:{NAME}}"
    draft.mkdir(mode=0o700)
    with backup_database.snapshot() as moment:
        maker = backup_database.dump(draft / DUMP, moment)
        tables = backup_database.tables()
        named = set(backup_files.named())
    copied = backup_files.copy(backup_files.location(), draft / FILES, before)
    manifest = Manifest(
        format=FORMAT,
        made_at=now.isoformat(),
        version=version(),
        maker=maker,
        dump=backup_files.file_entry(draft / DUMP, draft),
        tables=tables,
        files=copied.files,
        missing=len(named - copied.files.keys()) if copied.is_folder else 0,
        bucket=bucket(),
        keys=marks(),
    )
    write(draft, manifest)
    folder = target / f"{now:{NAME}}"
    draft.rename(folder)
    backup_erasures.keep(target)
    backup_state.remember(now)
    return Made(folder, manifest, copied.shared, prune(target, keep))


def bucket() -> str | None:
    """Return the bucket that holds recordings in place of a folder."""
    storages: dict[str, Any] = settings.STORAGES
    options = storages["recordings"].get("OPTIONS", {})
    name: str | None = options.get("bucket_name")
    return name


def marks() -> dict[str, list[str]]:
    """Return a mark of each key that a restored portal needs; none gives a key away."""
    return {name: list(map(check_mark, values_of(KEYS[name]))) for name in KEYS}


def values_of(names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        value = getattr(settings, name, None) or []
        found += [value] if isinstance(value, str) else value
    return found


def missing_keys(manifest: Manifest) -> list[str]:
    """Return the settings that lack a key that a backup was made with."""
    now = marks()
    return [
        name
        for name, known in manifest.keys.items()
        if not set(known) <= set(now.get(name, []))
    ]


def backups(target: Path) -> Sequence[Path]:
    """Return the complete backups of a folder, the oldest first."""
    found = [path.parent for path in target.glob("*/manifest.json")]
    return sorted(path for path in found if not path.name.startswith("."))


def newest(target: Path) -> Path | None:
    found = backups(target)
    return found[-1] if found else None


def prune(target: Path, keep: int) -> int:
    """Remove the oldest backups beyond `keep`; return how many."""
    superfluous = backups(target)[:-keep] if keep else []
    for folder in superfluous:
        shutil.rmtree(folder)
    return len(superfluous)


def find(path: Path) -> Path:
    """Return the backup at a path, or the newest in it; raises BackupError."""
    if (path / "manifest.json").is_file():
        return path
    if found := newest(path):
        return found
    raise BackupError(f"There is no complete backup in {path}.")


def verify(folder: Path) -> list[str]:
    """Return what is wrong with a backup, without restoring it; nothing: all is there."""
    manifest = read(folder)
    if isinstance(manifest, str):
        return [manifest]
    listed = {DUMP: manifest.dump} | {
        f"{FILES}/{name}": entry for name, entry in manifest.files.items()
    }
    wrong = [
        complaint
        for name, entry in listed.items()
        if (complaint := backup_files.complaint(folder / name, name, entry))
    ]
    wrong += [
        f"{name}: not in the manifest"
        for name in backup_files.names(folder / FILES)
        if name not in manifest.files
    ]
    return wrong or backup_database.complaints(
        folder / DUMP, manifest.maker, manifest.tables
    )

"""A backup brought back, into an empty database and an empty folder and nowhere else."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.db import transaction

from core import backup_database, backup_erasures, backup_files
from core.backup import DUMP, FILES, BackupError, missing_keys, verify
from core.backup_manifest import Manifest, TableEntry, read


class Restored(NamedTuple):
    """What came back, and in which it differs from the backup: nothing, one hopes."""

    tables: int
    rows: int
    files: int
    differences: list[str]
    # Settings that lack a key the backup was made with.
    other_keys: list[str]
    # Keys of candidates who were erased after the backup was made.
    to_erase: list[int]


def restore(folder: Path) -> Restored:
    """Bring a backup back and compare; raises BackupError before anything is changed."""
    manifest = read(folder)
    if isinstance(manifest, str):
        raise BackupError(manifest)
    require_empty(manifest)
    if wrong := verify(folder):
        raise BackupError("The backup is damaged:\n" + "\n".join(wrong))
    put_files_back(folder, manifest)
    try:
        backup_database.restore(folder / DUMP, manifest.maker)
    except BaseException:
        empty_again()
        raise
    return Restored(
        tables=len(manifest.tables),
        rows=sum(table.rows for table in manifest.tables.values()),
        files=len(manifest.files),
        differences=differences(manifest),
        other_keys=missing_keys(manifest),
        to_erase=backup_erasures.since(
            datetime.fromisoformat(manifest.made_at), folder.parent
        ),
    )


def require_empty(manifest: Manifest) -> None:
    """Raise BackupError where something is that a restore would mix with."""
    if not backup_database.is_empty():
        raise BackupError(
            "The database is not empty. Make a new one and name it in DATABASE_URL: "
            "a restore never overwrites."
        )
    location = backup_files.location()
    if location is None:
        if manifest.files:
            raise BackupError(
                "The backup holds recordings in a folder, and RECORDINGS_BUCKET is set. "
                "Restore without it, then copy the files to the bucket."
            )
    elif location.exists() and any(location.iterdir()):
        raise BackupError(
            f"The folder of recordings, {location}, is not empty. Move it away, or name "
            "another by RECORDINGS_ROOT."
        )


def put_files_back(folder: Path, manifest: Manifest) -> None:
    if location := backup_files.location():
        try:
            backup_files.put_back(folder / FILES, location, manifest.files)
        except BaseException:
            empty_again()
            raise


def empty_again() -> None:
    """Take back what was copied: the next attempt finds an empty folder, too."""
    location = backup_files.location()
    if location is None or not location.exists():
        return
    for path in location.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def differences(manifest: Manifest) -> list[str]:
    """Return in what the portal's data differ from a backup's."""
    with transaction.atomic():
        found = backup_database.tables()
    return [*rows_apart(manifest.tables, found), *files_apart(manifest)]


def rows_apart(
    expected: dict[str, TableEntry], found: dict[str, TableEntry]
) -> Iterator[str]:
    for name in sorted(expected.keys() | found.keys()):
        one, other = expected.get(name), found.get(name)
        if one is None or other is None:
            yield f"table {name}: {'missing' if one else 'not in the backup'}"
        elif one.rows != other.rows:
            yield f"table {name}: {other.rows} rows, in the backup {one.rows}"
        elif one.sum != other.sum:
            yield f"table {name}: {one.rows} rows, but not the same ones"


def files_apart(manifest: Manifest) -> Iterator[str]:
    location = backup_files.location()
    if location is None:
        return
    for name, entry in manifest.files.items():
        if complaint := backup_files.complaint(location / name, name, entry):
            yield f"recording {complaint}"
    missing = sum(not (location / name).is_file() for name in backup_files.named())
    if missing > manifest.missing:
        yield f"{missing - manifest.missing} rows name a recording that is not there"

"""What a backup says of itself: a file of JSON beside what it tells of."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = 1
NAME = "manifest.json"


class FileEntry(NamedTuple):
    """A file as it was copied; `changed_ns` is when its original last changed."""

    sha256: str
    size: int
    changed_ns: int


class TableEntry(NamedTuple):
    """How many rows a table has, and the sum of a hash of each, in any order."""

    rows: int
    sum: str


class Manifest(NamedTuple):
    """All that a backup holds.

    `maker` is the version of pg_dump, `missing` how many files rows named that were gone.
    """

    format: int
    made_at: str
    version: str
    maker: int
    dump: FileEntry
    tables: dict[str, TableEntry]
    files: dict[str, FileEntry]
    missing: int
    bucket: str | None
    keys: dict[str, list[str]]


def write(folder: Path, manifest: Manifest) -> None:
    """Write it, with a sum of its own, and see it onto the disk."""
    text = json.dumps(plain(manifest), ensure_ascii=False, indent=1)
    whole = json.dumps({"sha256": digest(text), "manifest": json.loads(text)}, indent=1)
    with (folder / NAME).open("w", encoding="utf-8") as file:
        file.write(whole + "\n")
        file.flush()
        os.fsync(file.fileno())


def plain(manifest: Manifest) -> dict[str, Any]:
    return manifest._asdict() | {
        "dump": manifest.dump._asdict(),
        "tables": {name: one._asdict() for name, one in manifest.tables.items()},
        "files": {name: one._asdict() for name, one in manifest.files.items()},
    }


def read(folder: Path) -> Manifest | str:
    """Return the manifest of a backup, or what is wrong with it."""
    try:
        whole = json.loads((folder / NAME).read_text(encoding="utf-8"))
        found = whole["manifest"]
        text = json.dumps(found, ensure_ascii=False, indent=1)
        if found["format"] > FORMAT:
            return (
                "The backup was made by a later version of Parley: restore it by that."
            )
        if whole["sha256"] != digest(text):
            return f"{NAME}: its sum does not fit, it was changed"
        return manifest_of(found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"{NAME}: cannot be read ({type(error).__name__})"


def manifest_of(found: dict[str, Any]) -> Manifest:
    return Manifest(
        **found
        | {
            "dump": FileEntry(**found["dump"]),
            "tables": {
                name: TableEntry(**one) for name, one in found["tables"].items()
            },
            "files": {name: FileEntry(**one) for name, one in found["files"].items()},
        }
    )


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

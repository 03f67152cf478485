"""A disk that is small enough to be filled: a file system in memory, which needs root."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.harness.database import data_folder

MEGABYTE = 1024 * 1024
# Less is no use to anybody.
PAGE = 4096
BALLAST = "ballast"


def can_mount() -> bool:
    """Tell whether this process may make a file system."""
    if os.geteuid() != 0:
        return False
    try:
        with small_disk("probe", 1):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@contextmanager
def small_disk(part: str, megabytes: int) -> Iterator[Path]:
    """Mount an empty disk of that size around a block."""
    folder = data_folder(part)
    folder.mkdir(mode=0o755, parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
        try:
            yield folder
        finally:
            # Lazily: somebody may still stand in it.
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
    finally:
        folder.rmdir()


def size_of(folder: Path) -> int:
    """Return what the files of a folder take, in whole megabytes and one more."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in files) // MEGABYTE + 1


def fill(folder: Path) -> None:
    """Take all that is left of the disk."""
    with (folder / BALLAST).open("ab") as file:
        part = free_bytes(folder)
        while part >= PAGE:
            size = os.fstat(file.fileno()).st_size
            try:
                os.posix_fallocate(file.fileno(), size, part)
            except OSError:
                # The database has taken some of it meanwhile.
                part //= 2
            else:
                part = free_bytes(folder)


def relieve(folder: Path) -> None:
    (folder / BALLAST).unlink()


def free_bytes(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize

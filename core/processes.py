"""Pieces shared by the two supervisors, core.postgres and `manage.py portal`."""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from io import TextIOWrapper
from pathlib import Path

# prctl(2): "set the parent-death signal of the calling process".
PR_SET_PDEATHSIG = 1


class FileLock:
    """A lock that the kernel frees when its holder dies, however it dies.

    The holder leaves a note in the file for those who find it locked.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIOWrapper | None = None

    @property
    def is_held(self) -> bool:
        return self._file is not None

    def acquire(self, note: str) -> bool:
        """Take the lock without waiting; False when another process has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        file.truncate(0)
        file.write(note)
        file.flush()
        self._file = file
        return True

    def note(self) -> str:
        """What the holder has written."""
        return self.path.read_text(encoding="utf-8")

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def end_with_parent(number: signal.Signals) -> Callable[[], object] | None:
    """Return a preexec_fn by which the kernel signals the child when its parent is gone.

    Linux only. A `finally` does not run on SIGKILL, this does. The signal follows the end of the
    *thread* that started the child, so children are started from the main thread.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return partial(libc.prctl, PR_SET_PDEATHSIG, int(number))


def stop(
    process: subprocess.Popen[bytes], *signals: signal.Signals, patience: float
) -> None:
    """Send the signals in turn, each after `patience` seconds in vain, and reap the process."""
    for number in signals:
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        process.kill()
        process.wait()


def own_note() -> str:
    """The usual note in a lock: who holds it."""
    return str(os.getpid())

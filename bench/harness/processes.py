"""What a process and its children have cost: CPU time and memory."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import psutil

MEGABYTE = 1024 * 1024


def tree(pid: int) -> Iterator[psutil.Process]:
    """Yield the process and its living descendants; nothing when it is gone."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        yield process
        yield from process.children(recursive=True)


def cpu_seconds(pid: int) -> float:
    """Return the user and system time of the process tree so far, in seconds.

    A child that has ended counts on in its parent's account, so differences of two calls
    hold for trees whose processes come and go. Resolution: a clock tick (10 ms) a process.
    """
    total = 0.0
    for process in tree(pid):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
            total += times.children_user + times.children_system
    return total


def memory_megabytes(pid: int) -> dict[int, float]:
    """Return the resident memory of each process of the tree, by its number."""
    found = {}
    for process in tree(pid):
        with suppress(psutil.NoSuchProcess):
            found[process.pid] = round(process.memory_info().rss / MEGABYTE, 1)
    return found


def machine_busy_seconds() -> float:
    """Return how long all processors have worked for processes so far, in seconds.

    Stolen time counts: another virtual machine's work slows this one as a process's would.
    Interrupts do not: they are the benchmark's own traffic.
    """
    times = psutil.cpu_times()
    return float(times.user + times.system + getattr(times, "steal", 0.0))


def others_meter(pid: int) -> Callable[[], float]:
    """Return a function that tells how much the other processes worked since now.

    Its result is in processors: 0.25 is a quarter of one, averaged over the time passed.
    `pid` is the benchmark's own process, with everything it has started.
    """
    began = time.perf_counter()
    busy, own = machine_busy_seconds(), cpu_seconds(pid)

    def others() -> float:
        seconds = time.perf_counter() - began
        foreign = machine_busy_seconds() - busy - (cpu_seconds(pid) - own)
        return max(0.0, foreign / seconds)

    return others

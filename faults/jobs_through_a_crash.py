"""E4: the database crashes while jobs run, again and again.

Nobody intervenes: the workers that end are started anew, as a platform does, and nothing
else is done. The jobs and their effects are those of E3. The control is a worker that
does not put jobs back whose worker has ended.
"""

import time
from collections.abc import Iterator, Sequence

import psycopg

from faults.experiment import Figure, at_least, control, exactly
from faults.webhooks import dice
from faults.work import ALL, RUNNING, TODO, UNFINISHED, Place, Share, place
from faults.worker import Workers
from faults.worker_killed import MORE, changed

TITLE = "PostgreSQL crashes while jobs run"

WORKERS = 2
SECONDS = 0.5
# So long it is away: less than it takes to notice, and longer than a worker holds out.
LONGEST_AWAY = 8.0
FEW = 20
DRAIN_SECONDS = 300


def run(*, is_short: bool) -> Iterator[Figure]:
    crashes = 1 if is_short else 20
    share = Share(8, 4, 4) if is_short else Share(120, 100, 80)
    command = changed(patience=2) if is_short else None
    with place("jobs-through-a-crash", SECONDS) as here:
        here.queue(share)
        workers, crashed = crash(here, crashes, command)
        yield exactly("crashes with jobs under way", crashed, crashes)
        yield at_least("jobs", here.count(ALL), sum(share) + share.calls)
        yield from here.figures("after the crashes")
        yield Figure(
            "workers started anew by the platform",
            workers.restarts,
            "counted",
            is_held=True,
        )
    if not is_short:
        yield control("jobs stuck, not put back", stuck(share))


def crash(
    here: Place, crashes: int, command: Sequence[str] | None, *, drains: bool = True
) -> tuple[Workers, int]:
    """Crash the database so often, then let the work be finished.

    Returns the workers, and how many crashes met jobs under way.
    """
    chance = dice(4)
    workers = Workers("jobs-through-a-crash", WORKERS, command)
    crashed = 0
    with workers.running():
        while crashed < crashes:
            workers.wait_until(lambda: at_work(here, workers), "Work")
            if here.count(TODO) < FEW and crashes > 1:
                here.queue(MORE)
            time.sleep(chance.uniform(0, 2 * SECONDS))
            crashed += bool(here.count(RUNNING))
            here.cluster.crash()
            time.sleep(chance.uniform(0, LONGEST_AWAY if crashes > 1 else SECONDS))
            here.cluster.start()
        if drains:
            finish(here, workers)
    return workers, crashed


def at_work(here: Place, workers: Workers) -> bool:
    """Tell whether a living worker has something to do; the platform looks after them."""
    workers.revive()
    return here.count(RUNNING) > 0


def finish(here: Place, workers: Workers) -> None:
    """Wait until all is done, with nothing but the platform at work."""
    workers.wait_until(lambda: is_done(here, workers), "The end", DRAIN_SECONDS)


def is_done(here: Place, workers: Workers) -> bool:
    workers.revive()
    try:
        return here.is_idle
    except psycopg.OperationalError:
        return False


def stuck(share: Share) -> int:
    """Count what stays undone when nobody puts it back."""
    command = changed(patience=5, puts_back=False)
    with place("jobs-through-a-crash", SECONDS) as here:
        here.queue(share)
        workers, _ = crash(here, 5, command, drains=False)
        with workers.running():
            workers.wait_until(lambda: not here.count(TODO), "The end", DRAIN_SECONDS)
            time.sleep(15)
        return here.count(UNFINISHED)

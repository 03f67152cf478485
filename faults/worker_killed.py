"""E3: workers killed in the middle of their jobs, by SIGKILL, again and again.

The jobs are Parley's own with effects outside (`faults.work_rows`). An effect cannot be
had exactly once where its receiver answers and the note of the answer are two steps: a
letter may be accepted, and the worker die before it knows. Then it is sent again under
the same Message-ID, by which the receiver drops it; so effects are counted by their key,
and deliveries beyond the first of a key are a figure of their own.

The controls: without putting back the jobs of dead workers jobs are lost, and with a new
Message-ID for each attempt letters are doubled.
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import psycopg

from faults.experiment import Figure, at_least, at_most, control, exactly
from faults.webhooks import dice
from faults.work import ALL, TODO, UNFINISHED, Place, Share, place
from faults.worker import Worker, Workers, running_jobs

TITLE = "Workers killed in the middle of their jobs"

SLOTS = 4
MORE = Share(40, 20, 10)
# procrastinate's: so long a worker must have been silent to be dead.
STALLED_SECONDS, MARGIN_SECONDS = 30, 5
HAPPENED_AGAIN = """
    SELECT min(extract(epoch FROM at)) FROM procrastinate_events
    WHERE job_id = %s AND type = %s AND extract(epoch FROM at) > %s
"""
QUEUED, BEGUN = "deferred_for_retry", "started"


class Plan(NamedTuple):
    """A storm: so many workers and kills; an effect takes `seconds`.

    `waits`: each kill waits for where it hurts most, between an effect and the note of
    it. Else it comes at any moment of a job, and there is always more to do.
    """

    workers: int
    kills: int
    share: Share
    seconds: float
    command: Sequence[str] | None = None
    patience: float = STALLED_SECONDS
    waits: bool = False


def changed(**changes: object) -> list[str]:
    return [sys.executable, "-m", "faults.worker_process", json.dumps(changes)]


SHORT = Plan(1, 2, Share(6, 3, 3), 0.4, changed(patience=2), 2, waits=True)
FULL = [Plan(1, 100, Share(120, 100, 80), 0.5), Plan(4, 100, Share(120, 100, 80), 3.0)]


def run(*, is_short: bool) -> Iterator[Figure]:
    for plan in [SHORT] if is_short else FULL:
        yield from storm(plan)
    few = Plan(1, 1 if is_short else 5, Share(24, 12, 4), 0.8, patience=2, waits=True)
    if not is_short:
        yield control("jobs lost, not put back", lost_for_good(few))
    yield control("letters doubled, without their key", doubled(few))


def storm(plan: Plan) -> Iterator[Figure]:
    where = f"{plan.workers} worker{'s' * (plan.workers > 1)}"
    with place("worker-killed", plan.seconds) as here:
        here.queue(plan.share)
        victims, downtimes = killed(here, plan)
        yield exactly(f"{where}: kills with a job under way", len(victims), plan.kills)
        jobs = sum(plan.share) + plan.share.calls
        yield at_least(f"{where}: jobs", here.count(ALL), jobs)
        yield from here.figures(where)
        queued, begun = (
            percentile(delays_of(here, victims, kind, plan.patience, downtimes))
            for kind in (QUEUED, BEGUN)
        )
    limit = plan.patience + MARGIN_SECONDS
    yield at_most(f"{where}: in the queue again after, p95, s", queued, limit)
    yield Figure(f"{where}: begun again after, p95, s", begun, "counted", is_held=True)


class Downtime(NamedTuple):
    """A time (Unix) in which the platform had not yet started the only worker anew."""

    begin: float
    end: float


class Victim(NamedTuple):
    """A kill: when (Unix), and which jobs were under way."""

    moment: float
    jobs: list[int]


def killed(
    here: Place, plan: Plan, *, drains: bool = True
) -> tuple[list[Victim], list[Downtime]]:
    """Kill workers as planned, then let the work be finished; return what happened."""
    chance = dice(plan.workers)
    workers = Workers("worker-killed", plan.workers, plan.command)
    victims: list[Victim] = []
    downtimes: list[Downtime] = []
    with (
        psycopg.connect(here.cluster.url, autocommit=True) as connection,
        workers.running(),
    ):
        # All before the first is replaced: one that had just started would be taken for it.
        for worker in workers.workers:
            worker.kill()
        for worker in list(workers.workers):
            workers.replace(worker, connection)
        while len(victims) < plan.kills:
            if not plan.waits and here.count(TODO) < SLOTS * plan.workers:
                here.queue(MORE)
            worker = chance.choice(workers.workers)
            if jobs := caught(here, plan, connection, worker, chance):
                worker.kill()
                victims.append(Victim(time.time(), jobs))
                workers.replace(worker, connection)
                if plan.workers == 1:
                    downtimes.append(Downtime(victims[-1].moment, time.time()))
        if drains:
            workers.wait_until_idle(here.cluster.url)
    return victims, downtimes


def caught(
    here: Place,
    plan: Plan,
    connection: psycopg.Connection,
    worker: Worker,
    chance: random.Random,
) -> list[int]:
    """Wait for a moment at which the worker is at work; return at what, [] if nothing."""
    deadline = time.monotonic() + plan.patience + STALLED_SECONDS
    while not running_jobs(connection, worker) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(chance.uniform(0, plan.seconds))
    while plan.waits and not here.office.unanswered:
        if time.monotonic() > deadline:
            return []
        time.sleep(0.01)
    return running_jobs(connection, worker)


def delays_of(
    here: Place,
    victims: list[Victim],
    kind: str,
    patience: float,
    downtimes: list[Downtime],
) -> list[float]:
    """Return after how many seconds this happened to the jobs that were cut off.

    When the patience is over, what the platform takes to start a worker does not count.
    """
    delays = []
    with psycopg.connect(here.cluster.url) as connection:
        for moment, jobs in victims:
            for job in jobs:
                row = connection.execute(HAPPENED_AGAIN, [job, kind, moment]).fetchone()
                if row and row[0]:
                    again = float(row[0])
                    down = [
                        min(again, each.end) - max(moment + patience, each.begin)
                        for each in downtimes
                    ]
                    delays.append(again - moment - sum(max(0.0, one) for one in down))
    return delays


def percentile(delays: list[float]) -> float:
    return round(statistics.quantiles(delays, n=20)[-1], 1) if len(delays) > 1 else 0.0


def lost_for_good(plan: Plan) -> int:
    """Count the jobs that stay undone when nobody puts them back."""
    command = changed(patience=plan.patience, puts_back=False)
    with place("worker-killed", plan.seconds) as here:
        here.queue(plan.share)
        killed(here, plan._replace(command=command), drains=False)
        workers = Workers("worker-killed", 1, command)
        with workers.running():
            workers.wait_until(lambda: not here.count(TODO), "The end")
            time.sleep(plan.patience + 2 * MARGIN_SECONDS)
        return here.count(UNFINISHED)


def doubled(plan: Plan) -> int:
    """Count the letters that came under two Message-IDs."""
    command = changed(patience=plan.patience, has_stable_ids=False)
    with place("worker-killed", plan.seconds) as here:
        here.queue(plan.share)
        killed(here, plan._replace(command=command))
        return here.office.doubled

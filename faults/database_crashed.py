"""E2: PostgreSQL crashes in the middle of its work, and connections to it are dropped."""

import random
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from faults.cluster import Cluster, database
from faults.crowd import Crowd
from faults.experiment import Figure, at_least, at_most, control, exactly
from faults.ledger import Ledger, Verdict
from faults.portal import Portal
from faults.world import make, stored

TITLE = "the database crashed under load"

CRASHES, SHORT_CRASHES = 100, 2
DROPS, SHORT_DROPS = 100, 2
CONTROL_CRASHES, SHORT_CONTROL_CRASHES = 10, 2
# Answers between two crashes.
BEFORE_EACH_CRASH = 25
# Then it comes at any moment of the next so many seconds.
ANY_MOMENT_SECONDS = 0.2
# From the moment the database takes connections again.
RECOVERY_SECONDS = 10
LONGEST_WAIT_SECONDS = 20
QUESTIONS = 10
INTERVIEWS_FOR_EACH_FAULT = 25
# One process in a short run: the start takes most of its time.
SMALL = {"WEB_CONCURRENCY": "1"}
# Between two crashes nothing is written out but by commits: what they leave, is lost.
LAX = {"synchronous_commit": "off", "wal_writer_delay": "10s"}


class Outcome(NamedTuple):
    """What was counted around some faults; `recovery` is the longest, in seconds."""

    verdict: Verdict
    crowd: Crowd
    recovery: float
    unfinished: int


def run(*, is_short: bool) -> Iterator[Figure]:
    crashes = SHORT_CRASHES if is_short else CRASHES
    drops = SHORT_DROPS if is_short else DROPS
    small = SMALL if is_short else {}
    with database("crashed") as cluster:
        faults = [crash, kill] * (crashes // 2) + [drop] * drops
        found = fail_under_load(cluster, Portal("crashed", variables=small), faults)
    yield at_least("crashes", len(faults) - drops, crashes)
    yield at_least("times all connections were dropped", drops, drops)
    yield from found.verdict.figures(acknowledged=len(faults) * BEFORE_EACH_CRASH)
    yield exactly("interviews ended, but not finished", found.unfinished, 0)
    yield from found.crowd.counts.figures(longest_wait=LONGEST_WAIT_SECONDS)
    yield at_most("longest recovery, s", round(found.recovery, 1), RECOVERY_SECONDS)

    with database("lax", **LAX) as cluster:
        crashes = SHORT_CONTROL_CRASHES if is_short else CONTROL_CRASHES
        portal = Portal("lax", variables=small)
        found = fail_under_load(cluster, portal, [crash] * crashes, ends=False)
    yield control("lost with synchronous_commit=off", found.verdict.lost)


def crash(cluster: Cluster) -> None:
    cluster.crash()
    cluster.start()


def kill(cluster: Cluster) -> None:
    cluster.kill()
    cluster.start()


def drop(cluster: Cluster) -> None:
    cluster.drop_connections()


def fail_under_load(
    cluster: Cluster,
    portal: Portal,
    faults: list[Callable[[Cluster], None]],
    *,
    ends: bool = True,
) -> Outcome:
    """Let one fault after another happen while agents talk to the portal."""
    ledger = Ledger()
    interviews = make(len(faults) * INTERVIEWS_FOR_EACH_FAULT, QUESTIONS)
    cluster.checkpoint()
    crowd = Crowd(portal.url, interviews, ledger, ends=ends)
    recovery = 0.0
    with portal.running(), crowd.at_work():
        answered_again(portal, ledger, BEFORE_EACH_CRASH)
        for fault in faults:
            time.sleep(random.uniform(0, ANY_MOMENT_SECONDS))
            fault(cluster)
            recovery = max(recovery, answered_again(portal, ledger, 1))
            answered_again(portal, ledger, BEFORE_EACH_CRASH)
    found = stored()
    verdict = ledger.check(found.rows, found.revisions)
    return Outcome(verdict, crowd, recovery, len(crowd.ended - found.finished))


def answered_again(portal: Portal, ledger: Ledger, number: int) -> float:
    """Wait for so many answers more; return for how many seconds."""
    before = ledger.acknowledged
    return portal.wait_until(
        lambda: ledger.acknowledged - before >= number, "an answer"
    )

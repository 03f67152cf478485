"""E1: the whole web server is killed in the middle of its work, again and again."""

import random
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

from faults.cluster import database
from faults.crowd import Crowd
from faults.experiment import Figure, at_least, control, exactly
from faults.ledger import Ledger, Verdict
from faults.portal import Portal
from faults.world import make, stored

TITLE = "the app killed under load"

KILLS, SHORT_KILLS = 200, 3
CONTROL_KILLS, SHORT_CONTROL_KILLS = 10, 1
ACKNOWLEDGED, SHORT_ACKNOWLEDGED = 5_000, 45
# A kill counts only after so many answers since the one before it.
BEFORE_EACH_KILL = 25
# Then it comes at any moment of the next so many seconds.
ANY_MOMENT_SECONDS = 0.3
# A caller may wait as long as the voice service waits for a tool.
LONGEST_WAIT_SECONDS = 20
QUESTIONS = 10
# Many more than are answered before a kill.
INTERVIEWS_FOR_EACH_KILL = 40
HASTY = [sys.executable, "-m", "faults.hasty"]
# Time for what the control has in memory when its callers have gone.
SETTLING_SECONDS = 1.0
# Short runs start one process and not three: most of their time is spent in starts.
SMALL = {"WEB_CONCURRENCY": "1"}


class Outcome(NamedTuple):
    """What was counted around some kills."""

    verdict: Verdict
    crowd: Crowd
    kills: int
    fewest: int
    unfinished: int


def run(*, is_short: bool) -> Iterator[Figure]:
    kills = SHORT_KILLS if is_short else KILLS
    small = SMALL if is_short else {}
    with database("killed"):
        found = kill_under_load(Portal("killed", variables=small), kills)
    yield at_least("kills", found.kills, kills)
    yield at_least("fewest answers before a kill", found.fewest, 15)
    yield from found.verdict.figures(
        acknowledged=SHORT_ACKNOWLEDGED if is_short else ACKNOWLEDGED
    )
    yield exactly("interviews ended, but not finished", found.unfinished, 0)
    yield from found.crowd.counts.figures(longest_wait=LONGEST_WAIT_SECONDS)

    with database("hasty"):
        found = kill_under_load(
            Portal("hasty", HASTY, small),
            SHORT_CONTROL_KILLS if is_short else CONTROL_KILLS,
            ends=False,
        )
    yield control("lost where “saved” is said before it is", found.verdict.lost)


def kill_under_load(portal: Portal, kills: int, *, ends: bool = True) -> Outcome:
    """Kill the portal so often while agents talk to it, and look what is stored."""
    ledger = Ledger()
    interviews = make(kills * INTERVIEWS_FOR_EACH_KILL, QUESTIONS)
    crowd = Crowd(portal.url, interviews, ledger, ends=ends)
    with portal.running():
        with crowd.at_work():
            fewest = min(kill_at_any_moment(portal, ledger) for _ in range(kills))
            # All go on after the last kill as after every other.
            answered_again(portal, ledger, ledger.acknowledged)
        # The control may write what it has said by now.
        time.sleep(0 if ends else SETTLING_SECONDS)
    found = stored()
    verdict = ledger.check(found.rows, found.revisions)
    return Outcome(verdict, crowd, kills, fewest, len(crowd.ended - found.finished))


def kill_at_any_moment(portal: Portal, ledger: Ledger) -> int:
    """Kill once enough is answered; return how much was since the kill before."""
    before = ledger.acknowledged
    answered_again(portal, ledger, before)
    time.sleep(random.uniform(0, ANY_MOMENT_SECONDS))
    portal.kill()
    answered = ledger.acknowledged - before
    portal.start()
    return answered


def answered_again(portal: Portal, ledger: Ledger, before: int) -> None:
    portal.wait_until(
        lambda: ledger.acknowledged - before >= BEFORE_EACH_KILL, "an answer"
    )

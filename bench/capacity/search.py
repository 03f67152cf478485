"""Finding the capacity, and going beyond it."""

import argparse
import json
from typing import Any

from bench.capacity import costs, people
from bench.capacity.stages import (
    LIMIT_SECONDS,
    SETTLING_SECONDS,
    Stage,
    Stages,
    milliseconds,
)

FIRST, FEWEST, MOST = 2000, 100, 40_000
# The search ends when the next number up is no more than a tenth away.
STEP = 1.1
# After the overload: as long as the portal has to recover, and a little longer.
AFTER_SECONDS = 15


def everything(stages: Stages, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the curve, the capacity, and the overload."""
    stages.prepare(0, costs.INTERVIEWS)
    invited = stages.world.invited
    people_of_costs = [invited.pop() for _ in range(costs.INTERVIEWS)]
    cost = costs.measure(stages.world, stages.machine, people_of_costs)
    print(json.dumps(cost, indent=1), flush=True)
    curve = Curve(stages, arguments.seconds)
    if arguments.interviews:
        for interviews in sorted(arguments.interviews):
            curve.holds(interviews)
    else:
        curve.search()
    return {
        "capacity": curve.capacity,
        "costs": cost,
        "curve": [stage.summary() for stage in curve.in_order()],
        "overload": overload(
            stages, curve.capacity or FIRST, arguments.overload_seconds
        ),
    }


class Curve:
    """The numbers of interviews that were tried."""

    def __init__(self, stages: Stages, seconds: float) -> None:
        self.stages = stages
        self.seconds = seconds
        self.tried: list[Stage] = []

    @property
    def capacity(self) -> int:
        """The largest number below the first that was not held."""
        held = 0
        for stage in self.in_order():
            if not stage.is_held:
                break
            held = stage.interviews
        return held

    def in_order(self) -> list[Stage]:
        return sorted(self.tried, key=lambda stage: stage.interviews)

    def holds(self, interviews: int) -> bool:
        """Try a number, and tell whether it was held."""
        self.stages.prepare(interviews, self.seconds)
        stage = self.stages.hold(interviews, self.seconds, SETTLING_SECONDS)
        self.stages.drain()
        self.tried.append(stage)
        say(stage)
        return stage.is_held

    def search(self) -> None:
        """Double until it is too much, then halve the distance, in ratios."""
        low, high = 0, FIRST
        while high <= MOST and self.holds(high):
            low, high = high, high * 2
        while not low and high > FEWEST:
            low, high = (high // 2, high) if self.holds(high // 2) else (0, high // 2)
        while high > low * STEP:
            middle = rounded((low * high) ** 0.5)
            low, high = (middle, high) if self.holds(middle) else (low, middle)


def rounded(number: float) -> int:
    return round(number / 100) * 100


def overload(stages: Stages, capacity: int, seconds: float) -> dict[str, Any]:
    """Hold twice as many as can be held, then half, and see what became of the answers."""
    stages.prepare(capacity * 2, seconds + AFTER_SECONDS)
    load = stages.hold(capacity * 2, seconds, SETTLING_SECONDS)
    after = stages.hold(capacity // 2, AFTER_SECONDS, 0)
    stages.drain()
    say(load)
    say(after)
    verdict = stages.world.ledger.check(people.stored())
    return {
        "load": load.summary(),
        "after": after.summary(),
        "recovery_seconds": after.figures.calm_after(LIMIT_SECONDS),
        "p99_by_second": [
            milliseconds(p99) for _, p99 in sorted(after.figures.windows().items())
        ],
        "ledger": verdict._replace(revisions=people.revisions())._asdict(),
    }


def say(stage: Stage) -> None:
    found = stage.summary()
    words = "held" if stage.is_held else "not held"
    print(
        f"{stage.interviews:6} interviews: {words}; {found['offered_per_second']:.0f}/s, "
        f"p50 {found['p50']} ms, p99 {found['p99']} ms, max {found['max']} ms; "
        f"refused {sum(stage.figures.refused.values())}, errors {found['errors']}; "
        f"cores {found['cores']}; lag {found['lag_p99']} ms",
        flush=True,
    )

"""Holding a number of interviews for a while, and what that took."""

import gc
import os
import random
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import psutil

from bench.capacity import people
from bench.capacity.calls import PATIENCE_SECONDS
from bench.capacity.figures import Figures, percentile
from bench.capacity.interviews import World
from bench.capacity.loop import now
from bench.capacity.people import Live, Script
from bench.capacity.rates import Arrival, arrivals, rates
from bench.harness.database import Database
from bench.harness.processes import cpu_seconds, others_meter
from bench.harness.rounds import QUIET
from bench.harness.servers import Server

LIMIT_SECONDS = 0.1
# Beyond this the generator, and not the portal, may be what is slow.
LAG_SECONDS = 0.005
SETTLING_SECONDS = 3
# Then the last of it has been answered, or waited for in vain.
DRAINING_SECONDS = PATIENCE_SECONDS + 1
# What looking through the processes takes; nothing is sent meanwhile.
LOOKING_SECONDS = 0.5


class Costs(NamedTuple):
    """CPU seconds so far, by whom."""

    server: float
    postgresql: float
    worker: float
    generator: float
    # Processors that had nothing to do but wait for the disk.
    disk: float


class Stage:
    """So many interviews, so long."""

    def __init__(self, figures: Figures, interviews: int) -> None:
        self.figures = figures
        self.interviews = interviews
        self.lags: list[float] = []
        self.cores: dict[str, float] = {}
        self.worker_mb: list[float] = []
        self.most_under_way = 0

    @property
    def seconds(self) -> float:
        return self.figures.end - self.figures.began

    @property
    def is_lagging(self) -> bool:
        return percentile(self.lags, 0.99) > LAG_SECONDS

    @property
    def is_held(self) -> bool:
        """Tell whether everybody was answered soon, and nobody refused or wrongly."""
        figures = self.figures
        slowest = max(
            percentile(figures.times(), 0.99), percentile(figures.times("answer"), 0.99)
        )
        return slowest < LIMIT_SECONDS and not figures.refused and not figures.errors

    def summary(self) -> dict[str, Any]:
        """Return everything as plain values; times in milliseconds."""
        figures = self.figures
        return {
            "interviews": self.interviews,
            "seconds": round(self.seconds),
            "held": self.is_held,
            "offered_per_second": round(figures.offered / self.seconds, 1),
            "answered_per_second": round(len(figures.answered) / self.seconds, 1),
            **spread(figures.times()),
            "kinds": {kind: spread(figures.times(kind)) for kind in figures.kinds},
            "refused": dict(figures.refused),
            "slowest_refusal": milliseconds(figures.slowest_refusal),
            "repeated": spread(figures.repeated),
            "given_up": dict(figures.given_up),
            "errors": dict(figures.errors),
            "statuses": {str(key): n for key, n in sorted(figures.statuses.items())},
            "most_under_way": self.most_under_way,
            "cores": self.cores,
            "worker_mb": self.worker_mb,
            "lag_p99": milliseconds(percentile(self.lags, 0.99)),
            "lagging": self.is_lagging,
            "disturbed": self.cores["others"] > QUIET,
        }


class Machine(NamedTuple):
    """What runs beside the generator."""

    server: Server
    database: Database
    worker: int

    def costs(self) -> Costs:
        return Costs(
            self.server.cpu_seconds(),
            self.database.cpu_seconds(),
            cpu_seconds(self.worker),
            time.process_time(),
            getattr(psutil.cpu_times(), "iowait", 0.0),
        )


class Stages:
    """Holds one number of interviews after another, in the same world."""

    def __init__(
        self,
        world: World,
        machine: Machine,
        scripts: dict[int, Script],
        dice: random.Random,
    ) -> None:
        self.world = world
        self.machine = machine
        self.scripts = scripts
        self.dice = dice
        # Interviews that are in progress, but rest while fewer are held.
        self.resting: list[Live] = []

    def prepare(self, interviews: int, seconds: float) -> None:
        """Have so many in progress, and enough invitations for those who start."""
        starts = rates(interviews)["start"] * (seconds + SETTLING_SECONDS)
        lacking = interviews - len(self.world.live) - len(self.resting)
        invitations = int(starts * 1.3) + 50 - len(self.world.invited)
        if lacking > 0:
            self.resting += people.make(lacking, self.scripts, started=True)
        if invitations > 0:
            self.world.invited += people.make(invitations, self.scripts, started=False)
        people.settle()

    def choose(self, interviews: int) -> None:
        """Let so many go on, and the others rest."""
        everybody = self.world.live + self.resting
        self.world.live, self.resting = everybody[:interviews], everybody[interviews:]

    def hold(self, interviews: int, seconds: float, settling: float) -> Stage:
        """Hold so many interviews; what is due while it settles does not count."""
        self.choose(interviews)
        start = now()
        figures = Figures(start + settling, start + settling + seconds)
        self.world.books = [*self.world.books[-1:], figures]
        stage = Stage(figures, interviews)
        self.world.pool.most_under_way = 0
        gc.collect()
        gc.freeze()
        gc.disable()
        events = arrivals(rates(interviews), self.dice)
        self.schedule(stage, start, events)
        self.world.loop.run_until(figures.began - LOOKING_SECONDS)
        self.measure(stage)
        gc.enable()
        return stage

    def schedule(self, stage: Stage, start: float, events: Iterator[Arrival]) -> None:
        """Let the next arrival happen when it is due, and then the one after it."""
        loop, arrival = self.world.loop, next(events)
        due = start + arrival.at
        if due < stage.figures.end:
            loop.at(due, self.arrive, stage, arrival.kind, start, events)

    def arrive(
        self, stage: Stage, kind: str, start: float, events: Iterator[Arrival]
    ) -> None:
        if self.world.loop.due >= stage.figures.began:
            stage.lags.append(now() - self.world.loop.due)
        self.schedule(stage, start, events)
        self.world.arrive(kind)

    def measure(self, stage: Stage) -> None:
        others, before, began = others_meter(os.getpid()), self.machine.costs(), now()
        self.world.loop.run_until(stage.figures.end)
        seconds = now() - began
        for name, was, now_is in zip(
            Costs._fields, before, self.machine.costs(), strict=True
        ):
            stage.cores[name] = round((now_is - was) / seconds, 2)
        stage.cores["others"] = round(others(), 2)
        stage.worker_mb = self.machine.server.worker_megabytes()
        stage.most_under_way = self.world.pool.most_under_way

    def drain(self) -> None:
        """Wait until all that is under way is answered, or has been waited for in vain."""
        end = now() + DRAINING_SECONDS
        while self.world.pool.under_way and now() < end:
            self.world.loop.run_until(now() + 0.2)


def spread(seconds: list[float]) -> dict[str, float]:
    return {
        "number": len(seconds),
        "p50": milliseconds(percentile(seconds, 0.5)),
        "p99": milliseconds(percentile(seconds, 0.99)),
        "max": milliseconds(max(seconds, default=0)),
    }


def milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)

"""What one interview costs, call by call: CPU time of web server and PostgreSQL.

A few interviews are held from the link to the last page, all of them doing the same thing
at a time and one call after another, so that the processors' time between two moments
belongs to calls of one kind.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from bench.capacity.figures import Figures
from bench.capacity.interviews import World
from bench.capacity.loop import Flow, Pool, now
from bench.capacity.people import Live
from bench.capacity.rates import CALLS_PER_DROP, TURN_SECONDS, TURNS, rates
from bench.capacity.stages import Machine
from bench.capacity.wire import Exchange, Response

INTERVIEWS = 50
# How long one waits for a call's answer before looking again, at most.
LOOK_SECONDS = 0.005


class WrongAnswers(RuntimeError):
    """The portal has answered otherwise than it must, so no figure means anything."""


class Cost(NamedTuple):
    """A kind of call: how many an interview makes, and the CPU milliseconds of each."""

    kind: str
    calls: float
    server_ms: float
    postgresql_ms: float


def measure(world: World, machine: Machine, people: list[Live]) -> dict[str, Any]:
    """Hold the interviews of the invited people; raises WrongAnswers."""
    world.books = [Figures(0, float("inf"))]
    meter = Meter(world, machine)
    meter.follow([world.begin(live) for live in people])
    # Apart from the pages' looks and signs of life all is in the errands of the turns.
    length = TURN_SECONDS * TURNS
    for errand, number in {
        world.look: round(rates(length)["look"]),
        world.alive: round(rates(length)["alive"]),
        world.ask_again: round(rates(length)["next"]),
    }.items():
        for _ in range(number):
            meter.follow([errand(live) for live in people])
    meter.follow([world.drop(live) for live in people[::CALLS_PER_DROP]])
    for _ in range(TURNS):
        meter.follow([world.turn(live) for live in people])
    meter.pool.close()
    if world.figures.errors:
        raise WrongAnswers(dict(world.figures.errors))
    return summary(list(meter.costs(len(people))))


def summary(costs: list[Cost]) -> dict[str, Any]:
    """Return the calls and their sum; `cores` is what a thousand interviews keep busy."""
    server = sum(cost.calls * cost.server_ms for cost in costs)
    postgresql = sum(cost.calls * cost.postgresql_ms for cost in costs)
    return {
        "calls": [cost._asdict() for cost in costs],
        "interview_server_ms": round(server),
        "interview_postgresql_ms": round(postgresql),
        "cores_for_1000": round((server + postgresql) / (TURN_SECONDS * TURNS), 3),
    }


class Meter:
    """Makes calls one by one, and adds their costs up by kind."""

    def __init__(self, world: World, machine: Machine) -> None:
        self.loop = world.loop
        self.machine = machine
        self.pool = Pool(world.loop, world.pool.address, self.finished)
        self.responses: dict[Exchange, Response] = {}
        self.calls: Counter[str] = Counter()
        self.server: defaultdict[str, float] = defaultdict(float)
        self.postgresql: defaultdict[str, float] = defaultdict(float)

    def finished(self, exchange: Exchange, response: Response) -> None:
        self.responses[exchange] = response

    def follow(self, flows: list[Flow]) -> None:
        """Run the flows to their ends, in step, without their pauses."""
        waiting: list[tuple[Flow, Response | None]] = [(flow, None) for flow in flows]
        while waiting:
            asked = [
                (flow, wanted) for flow, last in waiting if (wanted := step(flow, last))
            ]
            for kind in dict.fromkeys(exchange.kind for _, exchange in asked):
                self.measure(kind, [each for _, each in asked if each.kind == kind])
            waiting = [(flow, self.responses.pop(each)) for flow, each in asked]

    def measure(self, kind: str, exchanges: list[Exchange]) -> None:
        before = self.machine.costs()
        for exchange in exchanges:
            self.ask(exchange)
        after = self.machine.costs()
        self.calls[kind] += len(exchanges)
        self.server[kind] += after.server - before.server
        self.postgresql[kind] += after.postgresql - before.postgresql

    def ask(self, exchange: Exchange) -> None:
        exchange.due = self.loop.due = now()
        self.pool.send(exchange)
        while exchange not in self.responses:
            self.loop.run_once(now() + LOOK_SECONDS)

    def costs(self, interviews: int) -> Iterator[Cost]:
        for kind, calls in self.calls.items():
            yield Cost(
                kind,
                round(calls / interviews, 1),
                round(self.server[kind] / calls * 1000, 2),
                round(self.postgresql[kind] / calls * 1000, 2),
            )


def step(flow: Flow, response: Response | None) -> Exchange | None:
    """Return what the flow asks next; None at its end."""
    try:
        wanted = flow.send(response)  # type: ignore[arg-type]
        while not isinstance(wanted, Exchange):
            wanted = next(flow)
    except StopIteration:
        return None
    return wanted

"""Where the time of /next and /answer goes, in one process and without a server.

    .venv/bin/python -m bench.turns.profile [--times 2000] [--json FILE]

Each layer is called in turn, each time for another session, and what a layer adds is its
time less that of the layer within. Wall time and CPU time of Python (the database
works while Python waits: the difference of the two); the lowest and the median of many
calls, in microseconds.
"""

import argparse
import gc
import logging
import os
import statistics
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import django
import msgspec

from bench.harness.database import database
from bench.turns.layers import Layer, Turn, layers_of, resolved, view_of

SESSIONS = 20_000
BLOCK = 50


class Cost(NamedTuple):
    """Microseconds of a layer, with all that is within it."""

    lowest: float
    median: float
    cpu_lowest: float
    cpu_median: float

    def less(self, within: "Cost") -> "Cost":
        return Cost(*(own - other for own, other in zip(self, within, strict=True)))


def main() -> None:
    arguments = parse()
    with database("profile"):
        django.setup()
        # It sets the log up once more.
        import_module("config.wsgi")
        quieten()
        from bench.turns.seed import seed

        seed(SESSIONS)
        turns = open_turns()
        for kind in arguments.kinds:
            table = profile(kind, turns, arguments.times)
            print_table(kind, table)
            if arguments.json:
                write(arguments.json, kind, table)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=2000)
    parser.add_argument("--kinds", nargs="+", default=["next", "answer"])
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def quieten() -> None:
    """Let the log be made as in production, and go nowhere."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(open(os.devnull, "w"))  # noqa: SIM115 (as long as the log)


def open_turns() -> Iterator[Turn]:
    """Yield turns that nobody has made: each question once."""
    from bench.turns.seed import QUESTIONS, interviews, scripts

    asked, sessions = scripts(), interviews()
    for step in range(QUESTIONS):
        for each in sessions:
            if each.answered + step < QUESTIONS:
                question = asked[each.script].questions[each.answered + step]
                yield Turn(each.session, question.id)


def profile(kind: str, turns: Iterator[Turn], times: int) -> dict[str, Cost]:
    """Return what each part adds, from the outermost inwards; they add up to the whole."""
    layers = layers_of(kind, turns)
    steps = Steps(kind, turns)
    layers["steps"] = steps.layer
    measure(layers, BLOCK)
    steps.forget()
    # As in each worker of the web server, once all is loaded.
    gc.collect()
    gc.freeze()
    costs = measure(layers, times)
    del costs["steps"]
    return parts(costs, steps.costs())


def measure(layers: dict[str, Layer], times: int) -> dict[str, Cost]:
    """Call every layer so often, in blocks that take turns, and return their costs.

    In blocks, because lanes take the thread's connection with them: the first call after
    them opens another.
    """
    walls: dict[str, list[int]] = {name: [] for name in layers}
    cpus: dict[str, list[int]] = {name: [] for name in layers}
    for _ in range(0, times, BLOCK):
        for name, layer in [each for each in layers.items() for _ in range(BLOCK)]:
            call = layer()
            wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
            call()
            cpus[name].append(time.thread_time_ns() - cpu)
            walls[name].append(time.perf_counter_ns() - wall)
    return {name: cost(walls[name], cpus[name]) for name in layers}


def cost(walls: list[int], cpus: list[int]) -> Cost:
    return Cost(
        min(walls) / 1000,
        statistics.median(walls) / 1000,
        min(cpus) / 1000,
        statistics.median(cpus) / 1000,
    )


def parts(costs: dict[str, Cost], steps: dict[str, Cost]) -> dict[str, Cost]:
    """Turn layers within layers into parts beside each other."""
    names = list(costs)
    service = names.index("turns")
    found = {
        name: costs[name].less(costs[names[place + 1]])
        for place, name in enumerate(names[:service])
        if name != "view"
    }
    within = Cost(*map(sum, zip(*steps.values(), strict=True)))
    found["DRF: as_view, dispatch"] = costs["view"].less(within)
    found |= steps
    found["view: message in, message out"] = steps["handler"].less(costs["turns"])
    del found["handler"]
    found["turns: what it decides, Django's cursor"] = costs["turns"].less(costs["SQL"])
    found["SQL by psycopg alone, prepared"] = costs["SQL"]
    return {"whole": costs[names[0]], **found}


class Steps:
    """The steps of DRF's dispatch, with a look at the clock between them."""

    names = (
        "DRF: initialize_request",
        "DRF: initial (negotiation, authentication, permission)",
        "handler",
        "DRF: finalize_response, render",
    )

    def __init__(self, kind: str, turns: Iterator[Turn]) -> None:
        self.kind, self.turns = kind, turns
        self.view = view_of(kind)
        self.forget()

    def forget(self) -> None:
        self.walls: list[list[int]] = [[] for _ in self.names]
        self.cpus: list[list[int]] = [[] for _ in self.names]

    def layer(self) -> Callable[[], Any]:
        turn = next(self.turns)
        request = resolved(self.kind, turn)
        return lambda: self.run(request, {"session_id": turn.session})

    def run(self, request: Any, arguments: dict[str, Any]) -> None:
        view = self.view()
        view.setup(request, **arguments)
        view.headers = {}
        stamps = [stamp()]
        request = view.request = view.initialize_request(request, **arguments)
        stamps.append(stamp())
        view.initial(request, **arguments)
        stamps.append(stamp())
        response = getattr(view, request.method.lower())(request, **arguments)
        stamps.append(stamp())
        view.finalize_response(request, response, **arguments).render()
        stamps.append(stamp())
        for place, walls in enumerate(self.walls):
            walls.append(stamps[place + 1][0] - stamps[place][0])
            self.cpus[place].append(stamps[place + 1][1] - stamps[place][1])

    def costs(self) -> dict[str, Cost]:
        return {
            name: cost(walls, cpus)
            for name, walls, cpus in zip(self.names, self.walls, self.cpus, strict=True)
        }


def stamp() -> tuple[int, int]:
    return time.perf_counter_ns(), time.thread_time_ns()


def print_table(kind: str, table: dict[str, Cost]) -> None:
    print(f"\n/{kind}: µs, lowest and median; of which Python's CPU, lowest and median")
    for name, each in table.items():
        print(
            f"{name:58}{each.lowest:9.1f}{each.median:9.1f}{each.cpu_lowest:9.1f}{each.cpu_median:9.1f}"
        )


def write(path: Path, kind: str, table: dict[str, Cost]) -> None:
    before = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    rows = {name: [round(number, 1) for number in each] for name, each in table.items()}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(before | {kind: rows})))


if __name__ == "__main__":
    main()

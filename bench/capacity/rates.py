"""The model of N interviews in parallel: what arrives, and how often.

Each of N interviews speaks, polls and ends by itself. Many independent callers together
are a Poisson stream, so every kind of event is one, with a rate in proportion to N; which
interview an event befalls is drawn. The streams do not know what the portal does.
"""

import random
import re
from collections.abc import Iterator
from math import exp
from pathlib import Path
from typing import NamedTuple

AGENT_PAGE = Path(__file__).parents[2] / "static/js/agent.js"

TURN_SECONDS = 45
TURNS = 10
# The agent asks what to ask at the beginning of each call, and now and then in between.
TURNS_PER_NEXT = 10
# One call in ten drops, and the page begins another.
CALLS_PER_DROP = 10
# Pages of HR's that somebody opens, in the whole portal.
HR_PER_MINUTE = 6


class Arrival(NamedTuple):
    """Something is due: seconds from the beginning, and what."""

    at: float
    kind: str


def page_seconds(name: str) -> float:
    """Return an interval of the call's page, read from its JavaScript.

    Raises LookupError if the page has no such interval any more.
    """
    found = re.search(rf"\b{name}(?: =|:) ([\d_]+)", AGENT_PAGE.read_text())
    if not found:
        raise LookupError(f"{AGENT_PAGE.name} has no {name}: adapt bench.capacity.")
    return int(found[1].replace("_", "")) / 1000


def rates(interviews: float) -> dict[str, float]:
    """Return how often each event comes, per second.

    That a page looks after each answer of its agent belongs to that answer's errand.
    """
    turns = interviews / TURN_SECONDS
    return {
        "turn": turns,
        "next": turns / TURNS_PER_NEXT,
        "drop": turns / TURNS / CALLS_PER_DROP,
        "start": turns / TURNS,
        "look": interviews * idle_looks(),
        "alive": interviews / page_seconds("ALIVE_MILLISECONDS"),
        "hr": HR_PER_MINUTE / 60,
    }


def idle_looks() -> float:
    """Return how often per second one page looks because it has heard nothing for long.

    Its timer begins anew at every look. Of the times between a Poisson stream's events,
    a share of e^-rT is longer than T, and a long one holds further looks.
    """
    rate = (1 + 1 / TURNS_PER_NEXT) / TURN_SECONDS
    silent = exp(-rate * page_seconds("atLatest"))
    return rate * silent / (1 - silent)


def arrivals(rates: dict[str, float], dice: random.Random) -> Iterator[Arrival]:
    """Yield the events of all streams in order, without end."""
    kinds, weights = list(rates), list(rates.values())
    total, at = sum(weights), 0.0
    while True:
        at += dice.expovariate(total)
        yield Arrival(at, dice.choices(kinds, weights)[0])

"""Interleaved rounds: A B C B C A …, and ratios within each round.

Machines change their speed by the minute, and a figure taken alone says little. So all
that is compared runs in turn, for seconds each; each is divided by the base of the same
round; and the median over the rounds is what counts. An idle twin of the base, taken for
one more contender, shows how much of a difference is noise.
"""

import os
import statistics
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import NamedTuple

from bench.harness.client import Load
from bench.harness.processes import others_meter

WARM_UP_SECONDS = 0.4
# More than this much of a processor taken by others spoils a measurement.
QUIET = 0.25
MOST_REPEATS = 2
MICRO = 1_000_000


def nothing() -> float:
    """Return the CPU time of a part that is not there."""
    return 0.0


class Contender(NamedTuple):
    """Something to be measured: `run` does its work for so many seconds.

    `server` and `database` tell their CPU time so far; all times in seconds.
    """

    run: Callable[[float], Load]
    server: Callable[[], float] = nothing
    database: Callable[[], float] = nothing
    warm_up: float = WARM_UP_SECONDS


class Sample(NamedTuple):
    """One contender in one round: pieces of work a second, CPU µs for each of them.

    `others` is what other processes took meanwhile, in processors.
    """

    rate: float
    server_us: float
    database_us: float
    client_us: float
    median_ms: float
    p99_ms: float
    others: float


class Summary(NamedTuple):
    """A contender over all rounds: the median, and of the ratio the lowest and highest."""

    rate: float
    ratio: float
    lowest: float
    highest: float
    server_us: float
    database_us: float
    client_us: float
    median_ms: float
    p99_ms: float


Rounds = list[dict[str, Sample]]


def measure(contender: Contender, seconds: float) -> Sample:
    """Measure a contender once, after its warm-up."""
    if contender.warm_up:
        contender.run(contender.warm_up)
    others = others_meter(os.getpid())
    server, database = contender.server(), contender.database()
    load = contender.run(seconds)
    server, database = contender.server() - server, contender.database() - database
    return Sample(
        rate=load.rate,
        server_us=server / load.pieces * MICRO,
        database_us=database / load.pieces * MICRO,
        client_us=load.cpu / load.pieces * MICRO,
        median_ms=load.median_ms,
        p99_ms=load.p99_ms,
        others=others(),
    )


def measure_quietly(contender: Contender, seconds: float) -> Sample:
    """Measure until others are quiet, a few times at most; return the quietest."""
    samples: list[Sample] = []
    while len(samples) <= MOST_REPEATS:
        samples.append(measure(contender, seconds))
        if samples[-1].others <= QUIET:
            break
    return min(samples, key=lambda sample: sample.others)


def compare(
    contenders: Mapping[str, Contender],
    *,
    rounds: int,
    seconds: float,
    report: Callable[[str], None] = lambda line: None,
) -> Rounds:
    """Measure all contenders in turn, so many rounds; return each round's samples.

    The order changes from round to round, the same in each run: what somebody leaves
    behind (a full log, a busy disk) is not always the same one's burden.
    """
    taken: Rounds = []
    for number in range(1, rounds + 1):
        report(f"round {number} of {rounds}")
        order = Random(number).sample(list(contenders), len(contenders))  # noqa: S311
        found = {name: measure_quietly(contenders[name], seconds) for name in order}
        taken.append({name: found[name] for name in contenders})
    return taken


def counted(rounds: Rounds) -> Rounds:
    """Return the rounds that count: the quiet ones, or all if these are not half."""
    quiet = [each for each in rounds if is_quiet(each.values())]
    return quiet if len(quiet) * 2 >= len(rounds) else rounds


def is_quiet(samples: Iterable[Sample]) -> bool:
    return all(sample.others <= QUIET for sample in samples)


def summarise(rounds: Rounds, base: str) -> dict[str, Summary]:
    """Return each contender's medians, and its ratio to the base of the same round."""
    rounds = counted(rounds)
    return {
        name: summary(
            [each[name] for each in rounds],
            [each[name].rate / each[base].rate for each in rounds],
        )
        for name in rounds[0]
    }


def ratios(rounds: Rounds, name: str, base: str) -> list[float]:
    """Return the ratio of two contenders' rates in each round that counts."""
    return [each[name].rate / each[base].rate for each in counted(rounds)]


def summary(samples: list[Sample], ratios: list[float]) -> Summary:
    def middle(field: str, digits: int = 0) -> float:
        return round(
            statistics.median(getattr(each, field) for each in samples), digits
        )

    return Summary(
        rate=middle("rate"),
        ratio=round(statistics.median(ratios), 3),
        lowest=round(min(ratios), 3),
        highest=round(max(ratios), 3),
        server_us=middle("server_us"),
        database_us=middle("database_us"),
        client_us=middle("client_us"),
        median_ms=middle("median_ms", 2),
        p99_ms=middle("p99_ms", 2),
    )

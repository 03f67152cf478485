"""What is asked in E8, by whom, and what is counted."""

from collections.abc import Iterator
from typing import NamedTuple

from faults import candidates, recruiters
from faults.experiment import Figure, at_least, control, exactly
from faults.ground import Serve
from faults.visits import Visits


class Size(NamedTuple):
    """How much is asked: every `stride`-th address of HR's, and so many responses."""

    sessions: int
    vacancies: int
    recruiters: int
    stride: int
    responses: int


FULL = Size(sessions=1000, vacancies=250, recruiters=3, stride=1, responses=100_000)
SHORT = Size(sessions=6, vacancies=3, recruiters=2, stride=60, responses=500)
# For the controls.
LEAST = Size(sessions=6, vacancies=3, recruiters=2, stride=10, responses=0)


def examine(serve: Serve, size: Size) -> Iterator[Figure]:
    with serve("") as port:
        seen = visited(port, size)
    yield at_least("responses", seen.responses, size.responses)
    yield at_least("  with marks of one's own", seen.own, size.responses // 10)
    yield exactly("  with foreign marks", len(seen.foreign), 0)
    yield exactly("  that tell a foreign row from none", len(seen.differing), 0)
    yield exactly("  of status 5xx but 503", failures(seen), 0)
    with serve("any token") as port:
        seen = Visits(port)
        candidates.visit(seen, LEAST)
    yield control("responses with foreign marks, if any token opens", len(seen.foreign))
    with serve("everybody sees all") as port:
        seen = Visits(port)
        recruiters.visit(seen, LEAST)
    yield control(
        "responses with foreign marks, if everybody sees all", len(seen.foreign)
    )
    yield control(
        "responses that tell a foreign row, if everybody sees all", len(seen.differing)
    )


def visited(port: int, size: Size) -> Visits:
    seen = Visits(port)
    candidates.visit(seen, size)
    recruiters.visit(seen, size)
    for what in {*seen.foreign, *seen.differing}:
        print(f"  {what}")
    return seen


def failures(seen: Visits) -> int:
    return sum(
        number
        for status, number in seen.statuses.items()
        if status >= 500 and status != 503
    )

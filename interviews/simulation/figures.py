"""What a simulation counted, and the table that says so."""

from collections import Counter
from collections.abc import Iterator
from math import ceil
from uuid import UUID

ENDPOINTS = ("next", "answer", "end")
SHARES = (0.5, 0.95, 0.99, 1.0)


class Figures:
    """Calls, errors and violations; several threads add to it.

    `list.append` is atomic, so nothing is locked on the way.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {name: [] for name in ENDPOINTS}
        self.errors: list[str] = []
        self.violations: list[str] = []
        self.finished: list[UUID] = []
        self.wall_seconds = 0.0

    @property
    def calls(self) -> int:
        return sum(map(len, self.seconds.values()))

    @property
    def is_clean(self) -> bool:
        return not self.errors and not self.violations

    def summary(self) -> str:
        return f"{len(self.violations)} violations, {len(self.errors)} errors"

    def table(self, sessions: int) -> str:
        return "\n".join([*self.totals(sessions), *self.kinds(), *self.latencies()])

    def totals(self, sessions: int) -> Iterator[str]:
        rate = self.calls / self.wall_seconds if self.wall_seconds else 0
        yield f"sessions    {len(self.finished)} of {sessions} finished"
        yield f"calls       {self.calls} in {self.wall_seconds:.1f} s, {rate:.0f} per second"
        yield f"errors      {len(self.errors)}"
        yield f"violations  {len(self.violations)}"

    def kinds(self) -> Iterator[str]:
        for name, found in (("error", self.errors), ("violation", self.violations)):
            for kind, number in Counter(found).most_common():
                yield f"  {name}: {kind}: {number}"

    def latencies(self) -> Iterator[str]:
        yield "ms          " + "".join(f"{n:>9}" for n in ("p50", "p95", "p99", "max"))
        for name, seconds in self.seconds.items():
            times = "".join(f"{value:9.1f}" for value in percentiles(seconds))
            yield f"  {name:<10}" + times


def percentiles(seconds: list[float]) -> list[float]:
    """Return the percentiles in milliseconds; 0 where nothing was measured."""
    ordered = sorted(seconds) or [0.0]
    return [ordered[ceil(share * len(ordered)) - 1] * 1000 for share in SHARES]

"""What is counted while a number of interviews is held."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from math import ceil
from typing import NamedTuple

from bench.capacity.wire import TIMED_OUT, Exchange, Response

# Nobody in an interview waits for these: HR's pages, and the answer of the voice service.
APART = {"hr", "call start"}
# Recovered: so many seconds in a row.
CALM_SECONDS = 3


class Answered(NamedTuple):
    """An exchange that was answered as it should be: when due, how long it took (s)."""

    kind: str
    due: float
    seconds: float


class Figures:
    """The exchanges that were due from `began` up to `end`, whenever they were answered."""

    def __init__(self, began: float, end: float) -> None:
        self.began, self.end = began, end
        self.offered = 0
        self.answered: list[Answered] = []
        self.refused: Counter[str] = Counter()
        # When something was due that was refused, or never answered.
        self.failed_at: list[float] = []
        self.slowest_refusal = 0.0
        self.errors: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        # Errands that were refused, or broke off, as often as anybody tries.
        self.given_up: Counter[str] = Counter()
        # Turns that took several attempts: seconds from the first to the answer.
        self.repeated: list[float] = []

    def note(self, exchange: Exchange, response: Response, moment: float) -> None:
        if not self.began <= exchange.due < self.end:
            return
        self.offered += 1
        self.statuses[response.status] += 1
        seconds = moment - exchange.due
        if response.is_refusal:
            self.note_refusal(exchange, response, seconds)
        elif not response.status:
            self.failed_at.append(exchange.due)
            self.errors[f"{exchange.kind}: {response.body.decode()}"] += 1
        else:
            self.answered.append(Answered(exchange.kind, exchange.due, seconds))

    def note_refusal(
        self, exchange: Exchange, response: Response, seconds: float
    ) -> None:
        self.refused[exchange.kind] += 1
        self.failed_at.append(exchange.due)
        self.slowest_refusal = max(self.slowest_refusal, seconds)
        if not response.retry_after:
            self.error(exchange.kind, "a refusal without Retry-After")

    def error(self, kind: str, what: str) -> None:
        self.errors[f"{kind}: {what}"] += 1

    def times(self, kind: str = "") -> list[float]:
        """Return the seconds of a kind; without one, of all that somebody waits for."""
        return [
            each.seconds
            for each in self.answered
            if (each.kind == kind if kind else each.kind not in APART)
        ]

    @property
    def kinds(self) -> list[str]:
        return sorted({each.kind for each in self.answered})

    @property
    def timeouts(self) -> int:
        reason = f": {TIMED_OUT.body.decode()}"
        return sum(n for what, n in self.errors.items() if what.endswith(reason))

    def windows(self) -> dict[int, float]:
        """Return the 99th percentile (s) of each second since counting began."""
        seconds: dict[int, list[float]] = defaultdict(list)
        for each in self.answered:
            if each.kind not in APART:
                seconds[int(each.due - self.began)].append(each.seconds)
        return {second: percentile(times, 0.99) for second, times in seconds.items()}

    def calm_after(self, limit: float) -> int | None:
        """Return the second from which on all is well again, None if it never is.

        Well: some seconds in a row in which something was answered, the 99th percentile
        was under `limit`, and nothing was refused or left without an answer.
        """
        calm = {second for second, p99 in self.windows().items() if p99 < limit}
        calm -= {int(moment - self.began) for moment in self.failed_at}
        for second in sorted(calm):
            if calm.issuperset(range(second, second + CALM_SECONDS)):
                return second
        return None


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value that this share of the others does not exceed; 0 without any."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0.0

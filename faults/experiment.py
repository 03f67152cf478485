"""What an experiment is: a module with a `TITLE`, a `SOURCE` and a `run`."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol


class Figure(NamedTuple):
    """Something counted, and what it had to be."""

    name: str
    value: float
    target: str
    is_held: bool
    # Counted where a guarantee was taken away: it tells that the experiment can fail.
    is_control: bool = False


def exactly(name: str, value: float, target: float) -> Figure:
    return Figure(name, value, f"{target:,}", value == target)


def at_least(name: str, value: float, target: float) -> Figure:
    return Figure(name, value, f"≥ {target:,}", value >= target)


def at_most(name: str, value: float, target: float) -> Figure:
    return Figure(name, value, f"≤ {target:,}", value <= target)


def control(name: str, value: float) -> Figure:
    """Return what was seen without the guarantee: none of it means a void experiment."""
    return Figure(name, value, "> 0", value > 0, is_control=True)


class Experiment(Protocol):
    """A module of this package, named in `faults.__main__.EXPERIMENTS`.

    `run(is_short=True)` is what the tests can afford: seconds, smaller numbers, the same
    code. It yields each figure as it is known.
    """

    TITLE: str

    def run(self, *, is_short: bool) -> Iterator[Figure]: ...

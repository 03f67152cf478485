"""E9: two agents, or a page and an agent, on one session at the same moment."""

from collections.abc import Iterator

from faults.experiment import Figure
from faults.ground import ground, serving

TITLE = "Two at once on one session"
RACES, FEW_RACES = 1000, 100


def run(*, is_short: bool) -> Iterator[Figure]:
    with ground("races"):
        # Models cannot be loaded before.
        from faults.racing import examine

        yield from examine(serving("races"), FEW_RACES if is_short else RACES)

"""E8: a thousand interviews and three recruiters, and none sees anything of another's."""

from collections.abc import Iterator

from faults.experiment import Figure
from faults.ground import ground, serving

TITLE = "Nobody sees what is another's"


def run(*, is_short: bool) -> Iterator[Figure]:
    with ground("isolation"):
        # Models cannot be loaded before.
        from faults.isolating import FULL, SHORT, examine

        yield from examine(serving("isolation"), SHORT if is_short else FULL)

"""E10: every way through the session protocol, beside a model of what must come of it."""

from collections.abc import Iterator

from faults.experiment import Figure
from faults.ground import ground

TITLE = "The session protocol against its model"
# Ways through the protocol, and steps of each.
WAYS, STEPS = 2000, 50
FEW_WAYS, FEW_STEPS = 40, 25


def run(*, is_short: bool) -> Iterator[Figure]:
    # Nothing is cut off here, so nothing has to reach the disk.
    with ground("protocol", fsync=False):
        # Models cannot be loaded before.
        from faults.protocol import examine

        yield from examine(*(FEW_WAYS, FEW_STEPS) if is_short else (WAYS, STEPS))

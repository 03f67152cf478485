"""E10: every way through the session protocol, beside a model of what must come of it."""

from collections.abc import Iterator

from faults.experiment import Figure
from faults.ground import ground

TITLE = "The session protocol against its model"
# Ways through the protocol, and steps of each.
WAYS, STEPS = 1000, 50
FEW_WAYS, FEW_STEPS = 10, 30
FEW_BUGS = [
    "a repeated answer makes a revision",
    "another session's token opens",
    "positions are off by one",
]


def run(*, is_short: bool) -> Iterator[Figure]:
    # Nothing is cut off here, so nothing has to reach the disk.
    with ground("protocol", fsync=False):
        # Models cannot be loaded before.
        from faults.planted import PROTOCOL_BUGS
        from faults.protocol import examine

        if is_short:
            yield from examine(FEW_WAYS, FEW_STEPS, FEW_BUGS)
        else:
            yield from examine(WAYS, STEPS, PROTOCOL_BUGS)

"""E11: requests made from the published schema, and answers held against it."""

from collections.abc import Iterator

from faults.experiment import Figure
from faults.ground import ground, serving

TITLE = "The published schema keeps its word"


def run(*, is_short: bool) -> Iterator[Figure]:
    with ground("schema"):
        # Models cannot be loaded before.
        from faults.schema_cases import FULL, SHORT, examine

        yield from examine(serving("schema"), SHORT if is_short else FULL)

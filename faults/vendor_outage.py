"""E17: the voice service is away for three hours, and its webhooks never come back.

Of some calls the record had come when it began, and the recording had not; others ended
just before, or while it was away. Time is not waited for: at each step all that the
portal has dated is made five minutes older, and the periodic tasks of those minutes run,
with the jobs they queue (`faults.outage_rows`). The control is a portal that waits for
webhooks alone.
"""

from collections.abc import Iterator
from tempfile import TemporaryDirectory

from bench.harness.database import variables
from faults import child
from faults.cluster import database
from faults.experiment import Figure, at_least, control, exactly

TITLE = "The voice service is away for three hours, webhooks off"

MINUTES = 180


def run(*, is_short: bool) -> Iterator[Figure]:
    number = 18 if is_short else 300
    with (
        TemporaryDirectory() as folder,
        database("vendor-outage"),
        variables({"RECORDINGS_ROOT": folder}),
    ):
        found = child.call("outage_rows", "simulate", number=number, minutes=MINUTES)
    without = found["lacking"]
    yield exactly("interviews with a call", found["interviews"], number)
    yield at_least("lacking words or recording at the end of it", found["at_end"], 1)
    yield Figure("lacking after 5 minutes", without[0], "counted", is_held=True)
    yield exactly("lacking after 15 minutes", without[-1], 0)
    yield exactly("recordings that are not the call's", found["wrong"], 0)
    yield Figure(
        "requests while it was away", found["requests"], "counted", is_held=True
    )
    yield control("lacking after 15 minutes, without the pull", found["unpulled"])

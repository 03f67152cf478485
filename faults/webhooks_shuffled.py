"""E5: webhooks that come more than once, in any order, many at a time.

Every call has a twin whose events are delivered once and in order, one after another:
in the end the portal must know the same of both. The controls: without the unique key of
an event there are several rows of one, and with a merge by which the last one wins what
is known depends on the order.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg

from faults import child
from faults.cluster import database
from faults.experiment import Figure, at_least, control, exactly
from faults.portal import Portal
from faults.webhooks import QUICK, SECRET, deliver, dice, event, sha256
from faults.worker import Workers

TITLE = "Webhooks 1 to 5 times each, shuffled, 20 at a time"

AT_ONCE = 20
MOST_COPIES = 5
NAIVE_CALLS = 20


def run(*, is_short: bool) -> Iterator[Figure]:
    calls, deliveries = (12, 240) if is_short else (500, 10_000)
    changed = {"ELEVENLABS_WEBHOOK_SECRET": SECRET} | (QUICK if is_short else {})
    with (
        database("webhooks") as cluster,
        Portal("webhooks", variables=changed).running() as portal,
        Workers("webhooks", 1).running() as workers,
    ):
        shuffled, twins, naive = child.call(
            "voice_rows", "make_calls", numbers=[calls, calls, min(calls, NAIVE_CALLS)]
        )
        raws = [raw.encode() for _, events in shuffled for raw in events]
        statuses = Counter(delivered(portal.port, orders(raws, deliveries)))
        yield exactly("deliveries answered 200", statuses[200], deliveries)
        workers.wait_until_idle(cluster.url)
        rows = Counter(stored(cluster.url))
        missing = {sha256(raw) for raw in raws} - rows.keys()
        yield at_least("events", len(raws), calls * len(shuffled[0][1]))
        yield exactly("events without a row", len(missing), 0)
        yield exactly("rows beyond one an event", rows.total() - len(raws), 0)
        keys = [key for key, _ in shuffled]
        otherwise = child.call(
            "voice_rows", "compare", shuffled=keys, twins=twins, naive=naive
        )
        yield exactly("calls known otherwise", otherwise["shuffled"], 0)
        yield control("calls known otherwise, last one wins", otherwise["naive"])
        yield control("rows beyond one an event, no key", doubled(portal, cluster.url))


def orders(raws: list[bytes], deliveries: int) -> list[bytes]:
    """Return each event 1 to 5 times, so many in all, in any order."""
    chance = dice(5)
    copies = [raw for raw in raws for _ in range(MOST_COPIES - 1)]
    chance.shuffle(copies)
    chosen = raws + copies[: deliveries - len(raws)]
    chance.shuffle(chosen)
    return chosen


def delivered(port: int, raws: list[bytes]) -> list[int]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda raw: deliver(port, raw), raws))


def stored(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT sha256 FROM voice_event")
        return [digest for (digest,) in rows]


def doubled(portal: Portal, url: str) -> int:
    """Count the rows that are too many where nothing keeps them unique."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "ALTER TABLE voice_event DROP CONSTRAINT voice_event_sha256_key"
        )
    raws = [event("news", {"number": number}, 1) for number in range(AT_ONCE)]
    for raw in raws:
        delivered(portal.port, [raw] * AT_ONCE)
    rows = Counter(stored(url))
    return sum(rows[sha256(raw)] - 1 for raw in raws)

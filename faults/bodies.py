"""E7: bodies that nobody should send, of every size, with their length and in chunks.

What is signed is kept as it came, byte for byte, up to the stated cap; what is over it is
answered 413. The control is Django as it comes, behind the same web server.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from faults import child, world
from faults.cluster import Cluster, database
from faults.experiment import Figure, control, exactly
from faults.portal import Portal
from faults.webhooks import (
    BROKEN,
    POISON,
    QUICK,
    SECRET,
    URL,
    deliver,
    header,
    poisoned,
    post,
    sha256,
)

TITLE = "Bodies: nine kinds of poison, chunked or not, 1 kB to 60 MB"

KB, MB = 1024, 1024 * 1024
SIZES = [KB, 64 * KB, MB, 3 * MB, 16 * MB, 60 * MB]
SHORT_SIZES = [KB, 300 * KB]
ANSWER_SIZES = [KB, 60 * KB, 70 * KB, 2 * MB]
# As the contract says: voice.bodies, and the session endpoints.
WEBHOOK_CAP, ANSWER_CAP = 100 * MB, 64 * KB
OK, BAD, TOO_LARGE, ERROR = 200, 400, 413, 500
PLAIN = [sys.executable, "-m", "faults.plain_django"]


class Case(NamedTuple):
    poison: str
    is_chunked: bool
    size: int

    @property
    def label(self) -> str:
        return f"{self.poison} {'chunked' if self.is_chunked else 'length'} {self.size}"


def cases(sizes: list[int]) -> list[Case]:
    return [Case(*each) for each in product(POISON, (False, True), sizes)]


def run(*, is_short: bool) -> Iterator[Figure]:
    sizes = SHORT_SIZES if is_short else SIZES
    changed = {"ELEVENLABS_WEBHOOK_SECRET": SECRET} | (QUICK if is_short else {})
    with (
        database("bodies") as cluster,
        Portal("bodies", variables=changed).running() as portal,
    ):
        statuses: Counter[int] = Counter()
        sent = {}
        for case in cases(sizes):
            raw = poisoned(case.poison, case.size, case.label)
            status = deliver(portal.port, raw, is_chunked=case.is_chunked)
            statuses[status] += 1
            sent[sha256(raw)] = len(raw)
        found = child.call("voice_rows", "stored_bodies", most_bytes=MB)
        kept = set(found["digests"])
        yield exactly("signed bodies answered 200", statuses[OK], len(sent))
        yield exactly("bodies kept byte for byte", len(sent.keys() & kept), len(sent))
        yield exactly("rows nobody sent", len(kept - sent.keys()), 0)
        if not is_short:
            over = over_the_cap(portal.port)
            statuses += over
            yield exactly("over 100 MiB answered 413", over[TOO_LARGE], 2)
        answers = Counter(answered(portal.port, cluster))
        yield exactly("answers not refused as stated", answers["other"], 0)
        failed = sum(n for status, n in statuses.items() if status >= ERROR)
        yield exactly("status 5xx", failed + answers["5xx"], 0)
        yield exactly("connections broken", statuses[BROKEN] + answers["broken"], 0)
        yield exactly("stored bodies that reading fails on", found["left"], 0)
    with Portal("plain", PLAIN).running() as plain:
        lost = sum(is_lost(plain.port, case) for case in cases(sizes[:2]))
        yield control("bodies lost by Django as it comes", lost)


def over_the_cap(port: int) -> Counter[int]:
    """Send one byte too much, both ways."""
    raw = bytes(WEBHOOK_CAP + 1)
    return Counter(
        deliver(port, raw, is_chunked=is_chunked) for is_chunked in (False, True)
    )


def answered(port: int, cluster: Cluster) -> Iterator[str]:
    """Give poison for an answer: refused as 400, or 413 over 64 KiB, and never stored."""
    [interview] = world.make(1, 3)
    path = f"/api/interview/{interview.session}/answer"
    headers = interview.headers | {"Content-Type": "application/json"}
    for case in cases(ANSWER_SIZES):
        raw = poisoned(case.poison, case.size, case.label, key="answerText")
        expected = TOO_LARGE if len(raw) > ANSWER_CAP else BAD
        status = post(port, path, raw, headers, is_chunked=case.is_chunked)
        if status == BROKEN:
            yield "broken"
        elif status >= ERROR:
            yield "5xx"
        else:
            yield "as stated" if status == expected else "other"
    stored = cluster.execute("SELECT count(*) FROM interview_progress")
    yield from ["other"] * stored


def is_lost(port: int, case: Case) -> bool:
    """Tell whether the plain application saw other bytes than were sent."""
    raw = poisoned(case.poison, case.size, case.label)
    headers = {"ElevenLabs-Signature": header(raw), "X-Sha256": sha256(raw)}
    return post(port, URL, raw, headers, is_chunked=case.is_chunked) != OK

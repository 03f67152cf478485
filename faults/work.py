"""A place where jobs have effects: a database, a post office, a vendor, a folder.

What is counted is what arrived outside: letters by their Message-ID, recordings as files.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psycopg

from bench.harness.database import variables
from faults import child
from faults.cluster import Cluster, database
from faults.experiment import Figure, exactly
from faults.post_office import PostOffice
from faults.worker import OURS, one
from tests.fake_elevenlabs import FakeElevenLabs

API_KEY = "key-of-the-experiments"
# Kept here to be counted; as shipped, what has succeeded is deleted.
KEPT = {"PROCRASTINATE_WORKER_DELETE_JOBS": "never"}
UNFINISHED = (
    f"SELECT count(*) FROM procrastinate_jobs WHERE {OURS} AND status <> 'succeeded'"  # noqa: S608 (a constant)
)
ALL = f"SELECT count(*) FROM procrastinate_jobs WHERE {OURS}"  # noqa: S608 (a constant)
TODO = f"{ALL} AND status = 'todo'"
# By workers that give signs of life.
ALIVE = "SELECT id FROM procrastinate_workers WHERE last_heartbeat > now() - interval '12 s'"
RUNNING = f"{ALL} AND status = 'doing' AND worker_id IN ({ALIVE})"
NUMBERS = count()


class Share(NamedTuple):
    """How much of each kind of work: together so many jobs, and one more for each call."""

    letters: int
    links: int
    calls: int


class Place:
    """Where work is queued, and its effects are counted."""

    def __init__(
        self, cluster: Cluster, office: PostOffice, vendor: FakeElevenLabs
    ) -> None:
        self.cluster, self.office, self.vendor = cluster, office, vendor
        self.recipients: list[str] = []
        self.calls: list[str] = []

    def queue(self, share: Share) -> None:
        """Queue work; the vendor knows the calls before they are reported."""
        calls = [f"conv_{next(NUMBERS)}" for _ in range(share.calls)]
        for key in calls:
            self.vendor.add_conversation(key, audio=key.encode() * 1000)
        self.calls += calls
        self.recipients += child.call(
            "work_rows", "queue", letters=share.letters, links=share.links, calls=calls
        )

    def count(self, statement: str) -> int:
        with psycopg.connect(self.cluster.url) as connection:
            return one(connection, statement)

    @property
    def is_idle(self) -> bool:
        """Tell whether nothing waits and nothing is under way."""
        return not self.count(f"{ALL} AND status IN ('todo', 'doing')")

    @property
    def unserved(self) -> int:
        """Return how many who were to get a letter got none."""
        return len(set(self.recipients) - self.office.letters.keys())

    def figures(self, where: str) -> Iterator[Figure]:
        """Tell what was lost and what was doubled, once all work is done."""
        found = child.call("work_rows", "outcome", calls=self.calls)
        lost = self.count(UNFINISHED)
        yield exactly(f"{where}: jobs lost or stuck", lost, 0)
        yield exactly(f"{where}: letters that never came", self.unserved, 0)
        yield exactly(f"{where}: letters not noted as sent", found["unsent"], 0)
        yield exactly(f"{where}: calls without their effects", found["incomplete"], 0)
        doubled = self.office.doubled + found["files"]
        yield exactly(f"{where}: effects doubled, by their keys", doubled, 0)
        yield Figure(
            f"{where}: letters sent again under the same Message-ID",
            self.office.repeated,
            "counted",
            is_held=True,
        )


@contextmanager
def place(part: str, seconds: float) -> Iterator[Place]:
    """Prepare a place where each effect takes so long, half of it after it took place."""
    office = PostOffice(seconds / 2, seconds / 2)
    vendor = FakeElevenLabs(API_KEY)
    vendor.start()
    vendor.faults.slow_rest = seconds
    try:
        with (
            TemporaryDirectory() as folder,
            office.open(),
            database(part) as cluster,
            variables(environment(office, vendor, folder)),
        ):
            yield Place(cluster, office, vendor)
    finally:
        vendor.stop()


def environment(
    office: PostOffice, vendor: FakeElevenLabs, folder: str
) -> dict[str, str]:
    return KEPT | {
        "EMAIL_URL": office.url,
        "DEFAULT_FROM_EMAIL": "parley@portal.example",
        "PUBLIC_URL": "https://portal.example",
        "ELEVENLABS_API_KEY": vendor.api_key,
        "ELEVENLABS_BASE_URL": vendor.url,
        "RECORDINGS_ROOT": folder,
    }

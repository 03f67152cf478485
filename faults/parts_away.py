"""E13: parts that are slow, full or absent, one after another, while interviews go on."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psycopg

from faults import absent_service
from faults.app_killed import HASTY, SETTLING_SECONDS
from faults.cluster import Cluster, database, prepared
from faults.crowd import UNAVAILABLE, Crowd
from faults.experiment import Figure, at_least, at_most, control, exactly
from faults.ledger import Ledger, Verdict
from faults.portal import Portal
from faults.small_disk import can_mount, fill, free_bytes, relieve, size_of, small_disk
from faults.world import make, stored

TITLE = "parts that are slow, full or absent"

# From the moment the part is back.
RECOVERY_SECONDS = 10
# Somebody who calls while a part is away, waits for that part too.
LONGEST_WAIT_SECONDS = 20
QUESTIONS = 10
THINK_SECONDS = 0.1
# Room for the write-ahead log, which may take as much before it is cut.
DISK_MEGABYTES, LOG_MEGABYTES = 120, "64MB"
# So few that they can be taken from the portal.
CONNECTIONS = "30"
END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> ALL(%s)
"""


class Size(NamedTuple):
    """How often each part fails, and for how many seconds."""

    locks: int
    lock_seconds: float
    exhaustions: int
    exhaustion_seconds: float
    full_disks: int
    interviews: int
    service: absent_service.Size
    variables: dict[str, str]


# A lock of 7 s is longer than the portal waits for one (core.environment), 5 s is not.
FULL = Size(10, 7, 5, 5, 10, 800, absent_service.FULL, {})
SHORT = Size(1, 1, 1, 1, 1, 100, absent_service.SHORT, {"WEB_CONCURRENCY": "1"})

Fault = Callable[[], AbstractContextManager[None]]


@dataclass
class Scene:
    """A portal at work on a database, what its callers were told, and what was kept."""

    cluster: Cluster
    portal: Portal
    crowd: Crowd
    ledger: Ledger
    verdict: Verdict | None = None

    def recovery(self, fault: Fault, seconds: float) -> float:
        """Let a part be away for so long; return how long answers then took to come."""
        self.answered(1)
        with fault():
            time.sleep(seconds)
        return self.answered(1)

    def answered(self, number: int) -> float:
        before = self.ledger.acknowledged

        def is_answered() -> bool:
            # As a service manager does; a full disk may end it for good.
            if not self.cluster.is_running:
                self.cluster.start()
            return self.ledger.acknowledged - before >= number

        return self.portal.wait_until(is_answered, "an answer")

    @property
    def refused(self) -> int:
        return self.crowd.counts.statuses[UNAVAILABLE]


def run(*, is_short: bool) -> Iterator[Figure]:
    size = SHORT if is_short else FULL
    with at_work("away", size, max_connections=CONNECTIONS) as scene:
        yield from slow_database(scene, size)
        yield from no_connections(scene, size)
    yield from kept("while it was slow", scene)
    # Elsewhere only a short run does without it.
    if can_mount() or not is_short:
        yield from full_disk(size)
    yield from absent_service.run(size.service, size.variables)
    yield from saved_before_it_is(size)


@contextmanager
def at_work(
    part: str,
    size: Size,
    folder: Path | None = None,
    command: Sequence[str] | None = None,
    **settings: str,
) -> Iterator[Scene]:
    """Run a portal and its callers around a block, on a database of its own.

    After the block, the scene's `verdict` tells what the database has kept.
    """
    with database(part, folder=folder, **settings) as cluster:
        ledger, portal = Ledger(), Portal(part, command, size.variables)
        crowd = Crowd(
            portal.url,
            make(size.interviews, QUESTIONS),
            ledger,
            think=THINK_SECONDS,
            ends=command is None,
        )
        scene = Scene(cluster, portal, crowd, ledger)
        with portal.running():
            with crowd.at_work():
                yield scene
            time.sleep(SETTLING_SECONDS if command else 0)
        found = stored()
        scene.verdict = ledger.check(found.rows, found.revisions)


def kept(when: str, scene: Scene) -> Iterator[Figure]:
    """Tell what was kept, and what callers were told."""
    assert scene.verdict is not None
    yield at_least(f"acknowledged answers {when}", scene.verdict.acknowledged, 20)
    yield exactly(f"lost, altered or doubled {when}", sum(scene.verdict[1:]), 0)
    for figure in scene.crowd.counts.figures(longest_wait=LONGEST_WAIT_SECONDS):
        yield figure._replace(name=f"{figure.name}, {when}")


def slow_database(scene: Scene, size: Size) -> Iterator[Figure]:
    """Hold every statement that stores an answer, by a lock."""

    @contextmanager
    def locked() -> Iterator[None]:
        with psycopg.connect(scene.cluster.url) as connection:
            connection.execute("LOCK TABLE interview_progress IN ACCESS EXCLUSIVE MODE")
            yield

    times = [scene.recovery(locked, size.lock_seconds) for _ in range(size.locks)]
    yield recovery(f"after {size.lock_seconds} s without an answer stored", times)


def no_connections(scene: Scene, size: Size) -> Iterator[Figure]:
    """Take every connection that the database has."""
    before = scene.refused
    times = [
        scene.recovery(
            lambda: connections_taken(scene.cluster), size.exhaustion_seconds
        )
        for _ in range(size.exhaustions)
    ]
    yield control("calls refused while there was no connection", scene.refused - before)
    yield recovery("once there are connections again", times)


@contextmanager
def connections_taken(cluster: Cluster) -> Iterator[None]:
    taken = [psycopg.connect(cluster.url, autocommit=True)]
    try:
        # The portal's are ended, and it opens new ones: a few rounds until it has none.
        for _ in range(20):
            taken[0].execute(END_OTHERS, [[each.info.backend_pid for each in taken]])
            taken += free_connections(cluster)
        yield
    finally:
        for connection in taken:
            connection.close()


def free_connections(cluster: Cluster) -> Iterator[psycopg.Connection]:
    """Open connections until the database has none left."""
    while True:
        try:
            yield psycopg.connect(cluster.url, autocommit=True, connect_timeout=3)
        except psycopg.OperationalError:
            return


def full_disk(size: Size) -> Iterator[Figure]:
    megabytes = size_of(prepared()) + DISK_MEGABYTES
    with (
        small_disk("disk", megabytes) as folder,
        at_work("disk", size, folder, max_wal_size=LOG_MEGABYTES) as scene,
    ):
        times = [
            scene.recovery(lambda: disk_filled(scene, folder, number), 0.5)  # noqa: B023
            for number in range(size.full_disks)
        ]
    yield at_least("times the disk was full", len(times), size.full_disks)
    yield recovery("once there is room again", times)
    yield from kept("while the disk was full", scene)


@contextmanager
def disk_filled(scene: Scene, folder: Path, number: int) -> Iterator[None]:
    """Fill the disk, and wait until somebody was refused for it.

    Every second time where the log goes too: then the database ends itself.
    """
    refused = scene.refused
    fill(folder)
    try:
        if number % 2:
            end_the_log(scene.cluster)
        scene.portal.wait_until(lambda: is_felt(scene, folder, refused), "a full disk")
        yield
    finally:
        relieve(folder)


def is_felt(scene: Scene, folder: Path, refused: int) -> bool:
    # What the database gives back, such as old log, is taken again.
    if free_bytes(folder):
        fill(folder)
    return scene.refused > refused


def end_the_log(cluster: Cluster) -> None:
    try:
        cluster.execute("SELECT count(pg_switch_wal())")
    except psycopg.Error:
        return  # it ended itself at once


def recovery(what: str, times: list[float]) -> Figure:
    name = f"longest recovery {what}, s"
    return at_most(name, round(max(times), 1), RECOVERY_SECONDS)


def saved_before_it_is(size: Size) -> Iterator[Figure]:
    """The control: a portal that says "saved" and then has no connection to save by."""
    with at_work("careless", size, command=HASTY, max_connections=CONNECTIONS) as scene:
        scene.recovery(
            lambda: connections_taken(scene.cluster), size.exhaustion_seconds
        )
    assert scene.verdict is not None
    yield control("lost where “saved” is said before it is", scene.verdict.lost)

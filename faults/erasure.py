"""E16: people of whom everything is known are erased, and searched for everywhere.

Each has a mark in the name, the address, answers, sound, transcripts, letters, exports,
links, notes, sessions of staff, and at the voice service. They are erased by the command;
some of the commands are killed in the middle, and workers too. Then the mark is searched
in a dump of the whole database, in all files, in all that was printed, and at the service.
The controls leave one part of the erasure out, each in its turn: each must be found.
"""

import subprocess
import sys
import time
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psycopg

from bench.harness.database import variables
from bench.harness.servers import free_port, procfile_command, spawn, sweep
from core.environment import BASE_DIR
from core.postgres_programs import binaries
from faults import child
from faults.cluster import Cluster, database
from faults.experiment import Figure, at_least, control, exactly
from tests.fake_elevenlabs import FakeElevenLabs

TITLE = "A person is erased everywhere"
KEY = "key-of-the-drill"
PATIENCE_SECONDS = 120
# What is left out in turn: functions of the erasure (faults.erasure_rows).
PARTS = [
    "forget_filters",
    "forget_log_entries",
    "leave_lists",
    "leave_sign_ins",
    "mark_exports",
    "voice_events",
    "files",
    "calls",
]
FEW_PARTS = ["leave_lists", "files", "calls"]


class Size(NamedTuple):
    """How many people are erased, how many stay, and how much is killed."""

    erased: int
    stay: int
    killed_commands: int
    killed_workers: int
    parts: Sequence[str]


FULL = Size(erased=40, stay=10, killed_commands=20, killed_workers=15, parts=PARTS)
SHORT = Size(erased=1, stay=1, killed_commands=1, killed_workers=0, parts=FEW_PARTS)


def run(*, is_short: bool) -> Iterator[Figure]:
    vendor = FakeElevenLabs(KEY)
    vendor.start()
    try:
        with (
            TemporaryDirectory() as folder,
            database("erasure") as cluster,
            variables(environment(vendor, folder)),
        ):
            drill = Drill(cluster, vendor, Path(folder))
            yield from drill.run(SHORT if is_short else FULL)
    finally:
        vendor.stop()


def environment(vendor: FakeElevenLabs, folder: str) -> dict[str, str]:
    return {
        "RECORDINGS_ROOT": f"{folder}/media",
        "ERASURES_FILE": f"{folder}/erasures.log",
        "ELEVENLABS_API_KEY": vendor.api_key,
        "ELEVENLABS_BASE_URL": vendor.url,
        "PUBLIC_URL": "https://portal.example",
    }


class Drill:
    """One portal, and who is erased in it."""

    def __init__(self, cluster: Cluster, vendor: FakeElevenLabs, folder: Path) -> None:
        self.cluster, self.vendor, self.folder = cluster, vendor, folder
        # All that commands and workers print.
        self.log = folder / "log"

    def run(self, size: Size) -> Iterator[Figure]:
        people = self.make(size)
        erased, rest = people[: size.erased], people[size.erased :]
        stay, spared = rest[: size.stay], rest[size.stay :]
        before = self.hits(people)
        yield at_least("places of each before it", min(before.values()), 20)
        torn = self.erase(erased, size.killed_commands)
        yield exactly("erasures that were killed and left half of the rows", torn, 0)
        self.work_off(size.killed_workers)
        yield from self.outcome(erased)
        kept = self.hits(stay)
        changed = sum(kept[one] != before[one] for one in stay)
        yield exactly("people who stay and lost something", changed, 0)
        yield from self.controls(spared, size.parts)

    def make(self, size: Size) -> list[str]:
        """Make the people; return their marks. The vendor holds a call of each."""
        made = child.call(
            "erasure_rows",
            "make",
            erased=size.erased,
            stay=size.stay,
            spared=len(size.parts),
        )
        for mark, call in made["calls"].items():
            self.vendor.add_conversation(call, audio=f"{mark} sound".encode())
        self.calls = made["calls"]
        self.keys = made["keys"]
        return list(made["calls"])

    def erase(self, marks: Sequence[str], killed: int) -> int:
        """Erase each by the command, and kill some; return how many were torn."""
        torn = 0
        for place, mark in enumerate(marks):
            if place < killed:
                # Starting takes a second or two; what comes then is the erasure.
                self.command(mark, seconds=0.8 + 1.6 * (place + 1) / (killed + 1))
                torn += self.is_torn(mark)
            self.command(mark)
        return torn

    def command(self, mark: str, seconds: float | None = None) -> None:
        """Run the command on somebody; kill it after so many seconds."""
        arguments = ["manage.py", "erase_candidate", str(self.keys[mark])]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments], cwd=BASE_DIR, stdout=log, stderr=log
            )
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def is_torn(self, mark: str) -> bool:
        """Tell whether a killed command left some of the rows, and not all."""
        dump = self.dump()
        number = occurrences(dump, mark)
        whole = occurrences(dump, self.spare_mark)
        return number not in {0, whole}

    @property
    def spare_mark(self) -> str:
        # The last of them is not erased before the end.
        return list(self.calls)[-1]

    def work_off(self, killed: int) -> None:
        """Let workers delete what lies outside, and kill some of them in the middle."""
        self.vendor.faults.slow_rest = 0.1
        for _ in range(killed):
            self.worker(seconds=4)
        self.vendor.faults.slow_rest = 0
        if killed:
            child.call("erasure_rows", "make_due")
        self.worker(until_done=True)

    def worker(self, seconds: float = 0, *, until_done: bool = False) -> None:
        with self.log.open("ab") as log:
            process = spawn(procfile_command("worker"), free_port(), {}, log.fileno())
        try:
            if until_done:
                self.wait_until_done()
            else:
                time.sleep(seconds)
        finally:
            sweep(process.pid)
            process.wait()

    def wait_until_done(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        unfinished = "SELECT count(*) FROM erasure WHERE finished_at IS NULL"
        while self.cluster.execute(unfinished) and time.monotonic() < deadline:
            time.sleep(0.2)

    def outcome(self, erased: Sequence[str]) -> Iterator[Figure]:
        hits = self.hits(erased)
        yield exactly(
            "places of the erased in dump, files, prints", sum(hits.values()), 0
        )
        asked = self.deletions()
        missing = sum(self.calls[mark] not in asked for mark in erased)
        yield exactly("calls the vendor was not asked to delete", missing, 0)
        still = sum(self.calls[mark] in self.vendor.conversations for mark in erased)
        yield exactly("calls the vendor still has", still, 0)
        proved = "SELECT count(*) FROM erasure WHERE finished_at IS NOT NULL"
        yield exactly("finished proofs", self.cluster.execute(proved), len(erased))
        yield exactly("breaks in the audit chain", self.audit(), 0)

    def deletions(self) -> set[str]:
        return {
            path.rpartition("/")[2]
            for method, path in self.vendor.requests
            if method == "DELETE"
        }

    def audit(self) -> int:
        """Return 0 if verify_audit finds the chain whole."""
        with self.log.open("ab") as log:
            return subprocess.run(
                [sys.executable, "manage.py", "verify_audit"],
                cwd=BASE_DIR,
                check=False,
                stdout=log,
                stderr=log,
            ).returncode

    def controls(self, marks: Sequence[str], parts: Sequence[str]) -> Iterator[Figure]:
        """Erase somebody with each part left out: the search must find them."""
        child.call(
            "erasure_rows",
            "erase_without",
            parts={
                part: self.keys[mark] for mark, part in zip(marks, parts, strict=True)
            },
        )
        found = self.hits(marks)
        seen = [
            mark
            for mark in marks
            if found[mark] or self.calls[mark] in self.vendor.conversations
        ]
        yield exactly("erasures without a part that were found", len(seen), len(parts))
        yield control("places found without a part", sum(found.values()))

    def hits(self, marks: Sequence[str]) -> dict[str, int]:
        """Return in how many places each mark is: dump, sessions of staff, files, prints."""
        texts = [self.dump(), *self.sign_ins()]
        texts += [
            path.read_bytes().decode("latin-1")
            for path in self.folder.rglob("*")
            if path.is_file()
        ]
        return {mark: sum(occurrences(text, mark) for text in texts) for mark in marks}

    def sign_ins(self) -> list[str]:
        """Return what the sessions of staff hold, which the table has packed."""
        with psycopg.connect(self.cluster.url) as connection:
            rows = connection.execute("SELECT session_data FROM django_session")
            return [unpacked(data) for (data,) in rows]

    def dump(self) -> str:
        """Return all of the database as text."""
        return subprocess.run(
            [str(binaries() / "pg_dump"), "--inserts", self.cluster.url],
            check=True,
            capture_output=True,
            text=True,
        ).stdout


def unpacked(session: str) -> str:
    """Return the JSON of a session as Django stores it: signed, and packed if long."""
    data = session.rsplit(":", 2)[0]
    raw = urlsafe_b64decode(data.removeprefix(".") + "=" * 3)
    return (zlib.decompress(raw) if data.startswith(".") else raw).decode()


def occurrences(text: str, mark: str) -> int:
    """Count a mark: as it is, in any case, and as PostgreSQL writes bytes."""
    text = text.casefold()
    return text.count(mark) + text.count(mark.encode().hex())

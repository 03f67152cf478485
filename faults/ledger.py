"""What the portal has acknowledged, to be held against what it has stored."""

from collections.abc import Collection, Iterable, Iterator
from threading import Lock
from typing import NamedTuple

from faults.experiment import Figure, at_least, exactly

# An interview and a question of it.
Key = tuple[str, int]
Row = tuple[str, int, str]


class Verdict(NamedTuple):
    """How answers were found. All but `acknowledged` should be 0.

    `lost` were acknowledged and are not there; `altered` are there with another text;
    `unexpected` nobody ever gave; `doubled` are there twice, or have a revision although
    a call is only ever repeated with the same text.
    """

    acknowledged: int
    lost: int
    altered: int
    unexpected: int
    doubled: int

    def figures(self, *, acknowledged: int) -> Iterator[Figure]:
        """Tell them, each with its target; so many had to be acknowledged at least."""
        yield at_least("acknowledged answers", self.acknowledged, acknowledged)
        yield exactly("acknowledged answers lost", self.lost, 0)
        yield exactly("answers altered", self.altered, 0)
        yield exactly("answers nobody gave", self.unexpected, 0)
        yield exactly("answers doubled", self.doubled, 0)


class Ledger:
    """The answers that were sent, and those of them that were answered with 200.

    Written by several threads. An answer is entered before it is sent: one whose caller
    heard nothing may be stored, or not, and must in no case be altered.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._attempted: dict[Key, set[str]] = {}
        self._acknowledged: dict[Key, str] = {}

    @property
    def acknowledged(self) -> int:
        """Return how many answers were acknowledged so far."""
        return len(self._acknowledged)

    def attempt(self, session: str, question: int, text: str) -> None:
        with self._lock:
            self._attempted.setdefault((session, question), set()).add(text)

    def acknowledge(self, session: str, question: int, text: str) -> None:
        with self._lock:
            self._acknowledged[session, question] = text

    def check(self, rows: Collection[Row], revisions: int = 0) -> Verdict:
        """Compare with what is stored: rows of session, question and text."""
        stored = {(session, question): text for session, question, text in rows}
        return Verdict(
            acknowledged=len(self._acknowledged),
            lost=len(self._acknowledged.keys() - stored.keys()),
            altered=sum(self._altered(stored.items())),
            unexpected=len(stored.keys() - self._attempted.keys()),
            doubled=len(rows) - len(stored) + revisions,
        )

    def _altered(self, stored: Iterable[tuple[Key, str]]) -> Iterator[bool]:
        for key, text in stored:
            if key in self._acknowledged:
                yield text != self._acknowledged[key]
            elif key in self._attempted:
                yield text not in self._attempted[key]

"""What the portal has acknowledged, to be held against what it has stored."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

Key = tuple[str, int]


class Verdict(NamedTuple):
    """How the acknowledged answers were found; all but `acknowledged` should be 0."""

    acknowledged: int
    lost: int
    altered: int
    revisions: int = 0

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.altered or self.revisions)


class Ledger:
    """The answers that were answered with 200, by session and question."""

    def __init__(self) -> None:
        self.digests: dict[Key, bytes] = {}

    def acknowledge(self, session: str, question: int, text: str) -> None:
        self.digests[session, question] = digest(text)

    def check(self, stored: Iterable[tuple[str, int, str]]) -> Verdict:
        """Compare with the rows (session, question, text); others' rows are passed by."""
        missing = dict(self.digests)
        altered = 0
        for session, question, text in stored:
            wanted = missing.pop((session, question), None)
            altered += wanted is not None and wanted != digest(text)
        return Verdict(len(self.digests), len(missing), altered)


def digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=12).digest()

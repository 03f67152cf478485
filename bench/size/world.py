"""Who was interviewed, when and how far: every fact of an interview follows from its number.

So each table is written by itself, in any order. Of twenty interviews two never began, two go on, sixteen are finished; the finished ones have twelve
answers, those that go on four on average: ten for each interview, all in all.
"""

from datetime import datetime, timedelta
from hashlib import md5
from random import Random
from typing import NamedTuple

from bench.size import texts

QUESTIONS = 12
# One interview was added each minute, and took a minute and a half for each question.
APART, ANSWER_TAKES = timedelta(minutes=1), timedelta(seconds=90)
# The largest vacancy has a tenth of all interviews.
LARGEST = 10
DISTINCT_ANSWERS = 5000


class Opening(NamedTuple):
    """A vacancy with what its interviews follow."""

    id: int
    script_id: int
    questions: list[int]


class Interview(NamedTuple):
    """One interview; `number` from 1, the oldest first; `place` of twenty kinds."""

    number: int
    place: int
    key: str
    opening: Opening
    candidate: int
    created: datetime
    expires: datetime
    started: datetime | None
    finished: datetime | None
    answers: int

    @property
    def is_cancelled(self) -> bool:
        return self.place == 1 and self.number % 3 == 0

    @property
    def is_spoken(self) -> bool:
        return self.place in {9, 19}

    @property
    def has_call(self) -> bool:
        return self.number % 40 == 4

    @property
    def is_rated(self) -> bool:
        return self.finished is not None and self.number % 6 == 0

    @property
    def is_decided(self) -> bool:
        return self.finished is not None and self.number % 4 == 0


class World(NamedTuple):
    """All interviews, the oldest first (a gigabyte of them, if a million), and the rest."""

    now: datetime
    openings: list[Opening]
    # Keys of accounts.
    administrator: int
    reviewers: list[int]
    texts: list[str]
    interviews: list[Interview]


def make_world(
    sessions: int, openings: list[Opening], accounts: list[int], now: datetime
) -> World:
    random = Random(1)  # noqa: S311 (texts, no secrets)
    written = texts.answers(DISTINCT_ANSWERS, random)
    first = now - sessions * APART
    made = [
        interview(number, first, now, openings) for number in range(1, sessions + 1)
    ]
    return World(now, openings, accounts[0], accounts[1:], written, made)


def interview(
    number: int, first: datetime, now: datetime, openings: list[Opening]
) -> Interview:
    place = number % 20
    created = first + (number - 1) * APART
    started = created + timedelta(seconds=30) if place > 1 else None
    is_over = place > 3
    return Interview(
        number=number,
        place=place,
        key=key_of("session", number),
        opening=opening_of(number, openings),
        # Every fifth is somebody's second.
        candidate=number - (number % 5 == 0),
        created=created,
        # Whoever is in the middle has time; of the others a half has run out of it.
        expires=now + timedelta(days=14 if place > 1 else 15 - number // 20 % 30),
        started=started,
        finished=started + (QUESTIONS + 1) * ANSWER_TAKES
        if started and is_over
        else None,
        answers=QUESTIONS if is_over else number // 20 % 9 if started else 0,
    )


def opening_of(number: int, openings: list[Opening]) -> Opening:
    scattered = number * 2654435761 & 0xFFFFFFFF
    if scattered % LARGEST == 0:
        return openings[0]
    return openings[1 + (scattered >> 8) % (len(openings) - 1)]


def key_of(kind: str, number: int) -> str:
    """Return a key as random as uuid4's, and the same each time."""
    h = md5(f"{kind} {number}".encode(), usedforsecurity=False).hexdigest()
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"

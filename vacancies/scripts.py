"""What an interview asks, as plain immutable values.

The one place that knows which question comes next. No queries, no Django models: the
session endpoints, the candidate's page and HR's preview all walk a script by it.
"""

import hashlib
from collections.abc import Collection
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

import msgspec

BRISK_ANSWER_SECONDS, TYPICAL_ANSWER_SECONDS, THOROUGH_ANSWER_SECONDS = 60, 90, 120
# Hardly anybody speaks for longer, whatever the limit allows.
LONGEST_COUNTED_SECONDS = 300


class AnswerMode(StrEnum):
    """How a question is best answered."""

    ANY = "any"
    SPOKEN = "spoken"
    WRITTEN = "written"


class FrozenQuestion(msgspec.Struct, frozen=True):
    """A question as it was when the script was made; `id` is the key of `question`.

    `retakes`: how often an answer may be recorded anew; None means without limit.
    `strong_answer`, `weak_answer`, `weight`: the rubric, for those who rate alone.
    """

    id: int
    text: str
    required: bool = True
    time_limit_seconds: int | None = None
    retakes: int | None = None
    answer_mode: str = AnswerMode.ANY.value
    strong_answer: str = ""
    weak_answer: str = ""
    weight: int = 1

    @property
    def time_limit(self) -> str:
        """The limit as minutes and seconds, "2:30"; empty if there is none."""
        seconds = self.time_limit_seconds
        return f"{seconds // 60}:{seconds % 60:02}" if seconds else ""


class Step(msgspec.Struct, frozen=True):
    """Where an interview stands: the question to ask now, or None when all are done.

    `position` counts from 1 and is None when done.
    """

    question: FrozenQuestion | None
    position: int | None
    total: int
    closing: str

    @property
    def done(self) -> bool:
        return self.question is None


class FrozenScript(msgspec.Struct, frozen=True, dict=True):
    """Everything an interview needs of its vacancy."""

    title: str
    language: str
    greeting: str
    closing: str
    questions: tuple[FrozenQuestion, ...]

    @classmethod
    def from_content(cls, content: Any) -> Self:
        return msgspec.convert(content, cls)

    @property
    def content(self) -> Any:
        return msgspec.to_builtins(self)

    @property
    def content_hash(self) -> str:
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()

    @cached_property
    def by_id(self) -> dict[int, FrozenQuestion]:
        return {question.id: question for question in self.questions}

    @property
    def minutes(self) -> int:
        """An honest estimate of how long the interview takes."""
        return self.minutes_at(TYPICAL_ANSWER_SECONDS)

    @property
    def fewest_minutes(self) -> int:
        """How long it takes whoever answers briskly."""
        return self.minutes_at(BRISK_ANSWER_SECONDS)

    @property
    def most_minutes(self) -> int:
        """How long it takes whoever goes into detail; more than the fewest."""
        return max(self.minutes_at(THOROUGH_ANSWER_SECONDS), self.fewest_minutes + 1)

    def minutes_at(self, seconds_per_answer: int) -> int:
        """Return how long it takes at that pace; a limit is taken to be needed."""
        seconds = sum(
            min(
                question.time_limit_seconds or seconds_per_answer,
                LONGEST_COUNTED_SECONDS,
            )
            for question in self.questions
        )
        return max(1, round(seconds / 60))

    @property
    def limits_time(self) -> bool:
        return any(question.time_limit_seconds for question in self.questions)

    @property
    def limits_retakes(self) -> bool:
        return any(question.retakes is not None for question in self.questions)

    def step(self, answered: Collection[int]) -> Step:
        """Return the first question that is not among the `answered` ids."""
        for position, question in enumerate(self.questions, start=1):
            if question.id not in answered:
                return Step(question, position, len(self.questions), self.closing)
        return Step(None, None, len(self.questions), self.closing)

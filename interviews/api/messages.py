"""What the session endpoints take and give: the contract, in one place.

The types decode and check requests (msgspec: a tenth of a serializer's time), and the
published OpenAPI schema is made from them.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from core.api import InvalidField
from interviews.models import Channel
from interviews.turns import MAX_DURATION_MS, MAX_TEXT_LENGTH, AnswerInput
from vacancies.scripts import Step

MAX_ID = 2**63 - 1
T = TypeVar("T")


# PostgreSQL stores no NUL. Each message says so itself, in words; this is for the schema.
WITHOUT_NUL = {"pattern": r"^[^\u0000]*$"}


class NextQuestion(msgspec.Struct, frozen=True, rename="camel"):
    """The question to ask now; when done, `text` is the closing line."""

    done: bool
    question_id: int | None
    text: str
    position: Annotated[int, Meta(ge=1)] | None
    total: int

    @classmethod
    def of(cls, step: Step) -> Self:
        question = step.question
        return cls(
            done=step.done,
            question_id=question.id if question else None,
            text=question.text if question else step.closing,
            position=step.position,
            total=step.total,
        )


class AnswerRequest(msgspec.Struct, frozen=True, rename="camel"):
    """An answer. `durationMs` in milliseconds; `confidence` of speech recognition."""

    question_id: Annotated[int, Meta(ge=1, le=MAX_ID)]
    answer_text: Annotated[
        str, Meta(max_length=MAX_TEXT_LENGTH, extra_json_schema=WITHOUT_NUL)
    ]
    audio_url: (
        Annotated[str, Meta(max_length=2000, pattern=r"^(https?://[^\s\x00]+)?(?!\s)$")]
        | None
    ) = None
    duration_ms: Annotated[int, Meta(ge=0, le=MAX_DURATION_MS)] | None = None
    confidence: Annotated[float, Meta(ge=0, le=1)] | None = None

    def __post_init__(self) -> None:
        if "\0" in self.answer_text:
            raise InvalidField("answerText", "Leave out the NUL character.")

    def answer(self, channel: Channel) -> AnswerInput:
        return AnswerInput(
            question_id=self.question_id,
            # Nothing but blanks is no answer; anything else stays as it was said.
            text=self.answer_text if self.answer_text.strip() else "",
            channel=channel,
            audio_url=self.audio_url or "",
            duration_ms=self.duration_ms,
            confidence=self.confidence,
        )


class AnswerSaved(msgspec.Struct, frozen=True, rename="camel"):
    """The answer is stored durably; `next` is what /next would say now."""

    saved: bool
    question_id: int
    next: NextQuestion


class EndRequest(msgspec.Struct, frozen=True, rename="camel"):
    """Why the interview ends: completed, candidate_left, or a word of your own."""

    reason: Annotated[str, Meta(max_length=100, extra_json_schema=WITHOUT_NUL)] = ""

    def __post_init__(self) -> None:
        if "\0" in self.reason:
            raise InvalidField("reason", "Leave out the NUL character.")


class Ended(msgspec.Struct, frozen=True, rename="camel"):
    """The interview is finished, at this time (ISO 8601, UTC)."""

    finished: bool
    finished_at: datetime


class TakeRequest(msgspec.Struct, frozen=True, rename="camel"):
    """The question that is about to be answered aloud."""

    question_id: Annotated[int, Meta(ge=1, le=MAX_ID)]


class TakeReady(msgspec.Struct, frozen=True, rename="camel"):
    """Pieces may come; `takesLeft` after this take, null without limit."""

    take_id: UUID
    number: Annotated[int, Meta(ge=1)]
    takes_left: Annotated[int, Meta(ge=0)] | None


class PieceClaim(msgspec.Struct, frozen=True, rename="camel"):
    """How much of the whole take is recorded by now, as the browser counts."""

    duration_ms: Annotated[int, Meta(ge=0, le=MAX_DURATION_MS)] = 0

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Self:
        try:
            # A dict: a QueryDict's values are lists to msgspec.
            return msgspec.convert(
                {name: parameters[name] for name in parameters}, cls, strict=False
            )
        except msgspec.ValidationError as error:
            raise named_error(str(error)) from error


class PieceStored(msgspec.Struct, frozen=True):
    """So many pieces of this part are stored durably."""

    received: Annotated[int, Meta(ge=1)]


class TakeRefusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """A rule forbids it now: `next` is the question to go on with, `expected` a piece."""

    code: str
    detail: str
    next: NextQuestion | None = None
    expected: Annotated[int, Meta(ge=0)] | None = None


class Refusal(msgspec.Struct, frozen=True):
    """A rule forbids it now: `detail` says what to do, `next` what to go on with."""

    code: str
    detail: str
    next: NextQuestion | None


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The request cannot be taken; `errors` names the field where it is one."""

    code: str
    detail: str
    errors: dict[str, list[str]] | None = None


def decode(body: Any, message_type: type[T]) -> T:
    """Decode a request's body; raise InvalidField naming what is wrong with it."""
    try:
        # Not strict: vendors' variables are strings, and "5" means 5.
        return msgspec.json.decode(body or b"{}", type=message_type, strict=False)
    except msgspec.ValidationError as error:
        raise named_error(str(error)) from error
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise InvalidField(
            unstorable_field(body), "Send a JSON object in UTF-8 with storable values."
        ) from error


def unstorable_field(body: bytes) -> str:
    """Name the field that holds a NaN or a lone surrogate: lax parsers let them by."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return "body"
    if not isinstance(fields, dict):
        return "body"
    unstorable = [name for name, value in fields.items() if not storable(value)]
    return unstorable[0] if unstorable and storable(unstorable[0]) else "body"


def storable(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):  # UnicodeEncodeError is a ValueError
        return False
    return True


def named_error(message: str) -> InvalidField:
    """Name the field of an error like "Expected `int`, got `str` - at `$.questionId`"."""
    problem, _, path = message.partition(" - at `")
    if "missing required field" in problem:
        return InvalidField(problem.split("`")[-2], "This field is required.")
    field = path.strip("`").removeprefix("$").removeprefix(".")
    return InvalidField(field or "body", f"{problem}.")

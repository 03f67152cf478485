"""Answers recorded by the candidate's browser: attempts, their pieces, which one counts.

A piece is durable as soon as it is acknowledged, so a closed tab loses seconds at most.
The lock on the take's row puts racing pieces in order; where the session's row is locked
too, it is locked first. Files are made of the pieces later, by interviews.preparation.
"""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.db.models.functions import Greatest, Length
from django.http import Http404
from django.urls import reverse

from core.audio_files import Audio, stored_audio
from core.database import reconnecting
from core.queue import queue_once
from interviews import turns
from interviews.audio import content_type_of
from interviews.exceptions import (
    NoTakesLeft,
    NotAudio,
    NothingRecorded,
    TakeClosed,
    TakeTooLong,
    WrongPiece,
    WrongQuestion,
)
from interviews.models import (
    Channel,
    InterviewProgress,
    InterviewSession,
    Take,
    TakeChunk,
    TakeState,
)
from vacancies.scripts import FrozenQuestion, Step

# In bytes. Opus makes about 1 MB of two minutes; a whole hour of it is less.
MAX_TAKE_BYTES = 100 * 1024 * 1024
PREPARE = "interviews.tasks.prepare_take"


class TakeBegun(NamedTuple):
    """An attempt that was begun, its number, and how many are left after it.

    Those without any sound are not counted; `takes_left` is None without limit.
    """

    take_id: UUID
    number: int
    takes_left: int | None


class OpenTake(NamedTuple):
    """Something recorded that was not sent; another part of it may follow.

    `can_continue` is False once a later attempt was begun: then it can only be sent.
    """

    id: UUID
    parts: int
    duration_ms: int
    can_continue: bool


class TakesSoFar(NamedTuple):
    """The attempts at a question that hold sound: `used`, `left` (None without limit)."""

    open: OpenTake | None
    used: int
    left: int | None


def take_url(take_id: UUID) -> str:
    """Return where staff hear a take; an answer names its recording by it."""
    return reverse("take_recording", args=[take_id])


def takes_left(question: FrozenQuestion, used: int) -> int | None:
    return None if question.retakes is None else max(1 + question.retakes - used, 0)


# Recording


@reconnecting
@transaction.atomic
def begin_take(*, session_id: UUID, take_id: UUID, question_id: int) -> TakeBegun:
    """Begin an attempt at the question that is asked now; harmless when repeated.

    An attempt that was still open is closed, and kept; one without any sound does not
    count. Raises Http404 for a take of another session, WrongQuestion, NoTakesLeft, or
    what `turns.next_step` raises.
    """
    step = turns.locked_step(session_id)
    question = step.question
    if question is None or question.id != question_id:
        raise WrongQuestion(step)
    takes = Take.objects.filter(session=session_id, question=question_id)
    take = Take.objects.order_by("pk").filter(pk=take_id).first()
    if take is None:
        take = create_take(take_id, session_id, question, takes)
    check_repeated(take, session_id, step)
    number = 1 + takes.filter(number__lt=take.number, size__gt=0).count()
    return TakeBegun(take_id, number, takes_left(question, number))


def create_take(
    take_id: UUID, session_id: UUID, question: FrozenQuestion, earlier: QuerySet[Take]
) -> Take:
    # Closed before they are counted: a piece of one may be coming at this moment.
    close(earlier)
    if takes_left(question, earlier.filter(size__gt=0).count()) == 0:
        raise NoTakesLeft
    last = earlier.aggregate(last=Max("number"))["last"] or 0
    return Take.objects.create(
        pk=take_id, session_id=session_id, question_id=question.id, number=last + 1
    )


def check_repeated(take: Take, session_id: UUID, step: Step) -> None:
    if take.session_id != session_id:
        raise Http404
    if step.question is None or take.question_id != step.question.id:
        raise WrongQuestion(step)


def close(takes: QuerySet[Take]) -> int:
    return takes.filter(state=TakeState.OPEN).update(state=TakeState.CLOSED)


@reconnecting
@transaction.atomic
def add_chunk(
    *,
    session_id: UUID,
    take_id: UUID,
    part: int,
    position: int,
    data: bytes,
    duration_ms: int,
) -> int:
    """Store a piece durably; return how many of its part are stored now.

    A piece that is stored already changes nothing. Whether the interview still goes on
    does not matter: what is being said is kept. `duration_ms` is the browser's word.
    Raises Http404, TakeClosed, WrongPiece, NotAudio or TakeTooLong.
    """
    # Of the take alone: the session's row is locked first, or not at all.
    locked = Take.objects.order_by("pk").select_for_update(no_key=True, of=["self"])
    take = locked.filter(pk=take_id, session=session_id).first()
    if take is None:
        raise Http404
    received = pieces_received(take, part)
    if position < received:
        return received
    check_piece(take, position, received, data)
    TakeChunk.objects.create(take=take, part=part, position=position, data=data)
    Take.objects.filter(pk=take_id).update(
        size=F("size") + len(data), duration_ms=Greatest("duration_ms", duration_ms)
    )
    return received + 1


def pieces_received(take: Take, part: int) -> int:
    # There are no gaps, so the last position counts them.
    last = take.chunks.filter(part=part).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def check_piece(take: Take, position: int, received: int, data: bytes) -> None:
    if take.state != TakeState.OPEN:
        raise TakeClosed
    if position > received:
        raise WrongPiece(expected=received)
    if position == 0 and not content_type_of(data):
        raise NotAudio
    if take.size + len(data) > MAX_TAKE_BYTES:
        raise TakeTooLong


# Sending


@reconnecting
@transaction.atomic
def answer_aloud(
    *,
    session: InterviewSession,
    take_id: UUID,
    question_id: int,
    text: str,
    duration_ms: int | None,
) -> Step:
    """Make a take the answer, have all takes prepared; return the step that follows.

    `text` is what was recognised, or nothing. Harmless when repeated. Raises
    NothingRecorded for a take that is not this question's or holds no sound, and what
    `turns.record_answer` raises.
    """
    of_question = Take.objects.filter(session=session.pk, question=question_id)
    take = of_question.filter(pk=take_id, size__gt=0).first()
    if take is None:
        raise NothingRecorded
    step = turns.record_answer(
        session.pk,
        turns.AnswerInput(
            question_id=question_id,
            text=text if text.strip() else "",
            channel=Channel.SPOKEN,
            audio_url=take_url(take_id),
            duration_ms=take.duration_ms or duration_ms,
        ),
    )
    close(of_question)
    queue_preparation(of_question)
    return step


def queue_preparation(takes: QuerySet[Take]) -> None:
    """Have a worker make files of the takes that are closed, if they hold anything."""
    closed = takes.filter(state=TakeState.CLOSED, size__gt=0)
    for take_id in closed.values_list("pk", flat=True):
        queue_once(PREPARE, str(take_id), take_id=str(take_id))


def takes_so_far(session: InterviewSession, question: FrozenQuestion) -> TakesSoFar:
    """Return what was recorded for a question; one query, or two."""
    recorded = list(
        Take.objects.filter(session=session.pk, question=question.id, size__gt=0)
        .annotate(parts=Max("chunks__part"))
        .order_by("-number")
    )
    used = len(recorded)
    if recorded and is_answered(session, question):
        recorded = []
    return TakesSoFar(
        open=open_take(recorded[0]) if recorded else None,
        used=used,
        left=takes_left(question, used),
    )


def is_answered(session: InterviewSession, question: FrozenQuestion) -> bool:
    return InterviewProgress.objects.filter(
        session=session.pk, question=question.id
    ).exists()


def open_take(take: Take) -> OpenTake:
    # Without pieces it is a file already, which is one part.
    parts: int = getattr(take, "parts", None) or 1
    return OpenTake(take.pk, parts, take.duration_ms, take.state == TakeState.OPEN)


# Listening


def take_audio(take: Take, part: int = 1) -> Audio:
    """Return a take's sound: its file, or until there is one, a part as it came.

    Raises Http404 if that part has no pieces.
    """
    if take.state == TakeState.READY:
        return stored_audio(take.file.storage, str(take.file), take.content_type)
    lengths = dict(
        take.chunks.filter(part=part)
        .annotate(length=Length("data"))
        .values_list("position", "length")
        .order_by("position")
    )
    if not lengths:
        raise Http404

    def read(stretch: range) -> Iterator[bytes]:
        return read_pieces(take, part, lengths, stretch)

    first = next(read(range(min(lengths[0], 16))))
    content_type = content_type_of(first) or "application/octet-stream"
    return Audio(sum(lengths.values()), content_type, read)


def read_pieces(
    take: Take, part: int, lengths: dict[int, int], stretch: range
) -> Iterator[bytes]:
    """Give the bytes of a stretch of a part, holding one piece at a time."""
    begin = 0
    for position, length in lengths.items():
        first, last = max(stretch.start - begin, 0), min(stretch.stop - begin, length)
        if first < last:
            data = take.chunks.values_list("data", flat=True)
            yield bytes(data.get(part=part, position=position))[first:last]
        begin += length

"""An interview as people read it: every question asked, its answer, and what happened."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max, Prefetch, prefetch_related_objects
from django.utils.translation import gettext

from core.times import written, zone_of
from interviews.models import (
    Answer,
    Channel,
    EventKind,
    InterviewProgress,
    InterviewSession,
    MessageKind,
    RequestKind,
    SessionEvent,
    Take,
    TakeState,
)
from interviews.takes import take_url
from vacancies.scripts import FrozenQuestion, FrozenScript
from vacancies.services import current_script

# Whoever stops speaking at the limit still has to press the button.
GRACE_MS = 5000


class Turn(NamedTuple):
    """A question and what was said to it; `answer` is None while nothing was.

    `earlier` are the answers that the present one replaced, oldest first; `takes` all
    that was recorded, annotated with `parts`; `limit_ms` the time there was, if limited.
    """

    position: int
    question: FrozenQuestion
    answer: InterviewProgress | None
    earlier: list[Answer]
    takes: Sequence[Take] = ()
    limit_ms: int | None = None

    def take_of(self, answer: Answer) -> Take | None:
        """Return the take that was sent as this answer."""
        for take in self.takes:
            if take_url(take.pk) == answer.answer_audio_url:
                return take
        return None

    @property
    def unsent_takes(self) -> list[Take]:
        answers = [*self.earlier, self.answer] if self.answer else []
        sent = {answer.answer_audio_url for answer in answers}
        return [take for take in self.takes if take_url(take.pk) not in sent]

    @property
    def is_spoken(self) -> bool:
        return self.answer is not None and self.answer.channel == Channel.SPOKEN

    def over_limit_ms(self, answer: Answer) -> int:
        """Return by how much a recording, as measured, is over the time limit; or 0."""
        take = self.take_of(answer)
        if not take or take.state != TakeState.READY or self.limit_ms is None:
            return 0
        over = take.duration_ms - self.limit_ms
        return over if over > GRACE_MS else 0


class Moment(NamedTuple):
    """A line of the timeline."""

    at: datetime
    text: str
    detail: str = ""


def script_shown(session: InterviewSession) -> FrozenScript:
    """Return what the session asks, or would ask if it started now."""
    if session.script:
        return session.script.frozen()
    return current_script(session.vacancy)


def transcript(session: InterviewSession) -> list[Turn]:
    """Return the session's questions in the order asked, answered or not."""
    recorded = Take.objects.filter(size__gt=0).annotate(parts=Max("chunks__part"))
    prefetch_related_objects([session], "events", Prefetch("takes", queryset=recorded))
    answers = {
        answer.question_id: answer
        for answer in session.answers.prefetch_related("revisions", "corrections")
    }
    extended = {
        event.detail
        for event in session.events.all()
        if event.kind == EventKind.MORE_TIME
    }
    return [
        Turn(
            position,
            question,
            answer := answers.get(question.id),
            earlier=list(answer.revisions.all()) if answer else [],
            takes=[t for t in session.takes.all() if t.question_id == question.id],
            limit_ms=limit_ms(question, extended),
        )
        for position, question in enumerate(script_shown(session).questions, start=1)
    ]


def limit_ms(question: FrozenQuestion, extended: Collection[str]) -> int | None:
    """Return the time for an answer: twice the limit for whoever took more time."""
    if question.time_limit_seconds is None:
        return None
    times = 2 if str(question.id) in extended else 1
    return question.time_limit_seconds * 1000 * times


def timeline(session: InterviewSession, turns: list[Turn]) -> list[Moment]:
    """Return what happened to the session and when, oldest first."""
    moments = [
        Moment(event.at, event.get_kind_display(), detail_of(event, session, turns))
        for event in session.events.all()
    ]
    for turn in turns:
        given = [*turn.earlier, turn.answer] if turn.answer else []
        moments += [
            Moment(answer.timestamp, describe(answer, turn.position, again=number > 0))
            for number, answer in enumerate(given)
        ]
    return sorted(moments, key=lambda moment: moment.at)


def detail_of(event: SessionEvent, session: InterviewSession, turns: list[Turn]) -> str:
    """Return an event's detail in words: it may name a question, a kind, or a moment."""
    if event.kind == EventKind.REQUESTED:
        return str(RequestKind(event.detail).label)
    if event.kind == EventKind.MAILED:
        return str(MessageKind(event.detail).label)
    if event.kind == EventKind.DEADLINE_MOVED:
        return written(
            datetime.fromisoformat(event.detail), zone_of(session.vacancy.time_zone)
        )
    if event.kind != EventKind.MORE_TIME:
        return event.detail
    positions = [t.position for t in turns if str(t.question.id) == event.detail]
    return gettext("Question %d") % positions[0] if positions else ""


def describe(answer: Answer, position: int, *, again: bool) -> str:
    if not answer.answer_text and answer.channel != Channel.SPOKEN:
        return gettext("Question %d skipped") % position
    if again:
        return gettext("Question %d answered anew") % position
    if answer.channel == Channel.TRANSCRIPT:
        return gettext("Question %d filled in from the call’s transcript") % position
    return gettext("Question %d answered") % position

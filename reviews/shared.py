"""What a shared link shows: interviews without all that is the hiring team's own."""

from typing import NamedTuple
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext

from interviews.listening import recording_match, stretch_of
from interviews.models import (
    InterviewProgress,
    InterviewSession,
    SessionState,
    Take,
    TakeState,
)
from reviews.masking import mask
from reviews.models import Share, SharedSession


class SharedInterview(NamedTuple):
    """An interview as a link shows it; `name` is hidden where the share says so.

    Each row costs no query: `interviews` fetches what it needs.
    """

    share: Share
    row: SharedSession

    @property
    def number(self) -> int:
        return self.row.number

    @property
    def session(self) -> InterviewSession:
        return self.row.session

    @property
    def name(self) -> str:
        name = "" if self.share.hides_names else self.session.candidate.name.strip()
        return name or gettext("Candidate %d") % self.number

    @property
    def state(self) -> SessionState:
        return self.session.state

    @property
    def language(self) -> str:
        return self.share.vacancy.language

    @property
    def has_answers(self) -> bool:
        return self.session.started_at is not None

    def shown(self, text: str) -> str:
        """Return a text of the candidate's as the link may show it."""
        if not self.share.hides_names:
            return text
        candidate = self.session.candidate
        return mask(text, candidate.name, candidate.email)

    def answers(self) -> list["SharedAnswer"]:
        """Return every question that was to be asked, with what was said to it."""
        if self.session.script is None:
            return []
        given = {
            answer.question_id: answer
            for answer in self.session.answers.prefetch_related("corrections")
        }
        unready = set(
            Take.objects.filter(session=self.session)
            .exclude(state=TakeState.READY)
            .values_list("pk", flat=True)
        )
        questions = self.session.script.frozen().questions
        return [
            self.answer(position, question.text, given.get(question.id), unready)
            for position, question in enumerate(questions, start=1)
        ]

    def answer(
        self,
        position: int,
        question: str,
        answer: InterviewProgress | None,
        unready: set[UUID],
    ) -> "SharedAnswer":
        if answer is None:
            return SharedAnswer(position, question)
        match = recording_match(answer)
        is_ready = match and match.kwargs.get("take_id") not in unready
        corrections = [self.shown(one.text) for one in answer.corrections.all()]
        return SharedAnswer(
            position,
            question,
            answer,
            text=self.shown(answer.answer_text),
            verbatim=self.shown(answer.verbatim_text),
            correction=corrections[-1] if corrections else "",
            has_sound=bool(answer.answer_audio_url),
            is_playable=bool(is_ready),
            stretch=stretch_of(answer) if is_ready else "",
        )


class SharedAnswer(NamedTuple):
    """A question, and what was said to it; `answer` is None while nothing was.

    `correction` is how the candidate says it should read. `stretch` is where in its
    recording the answer is, "#t=12,34".
    """

    position: int
    question: str
    answer: InterviewProgress | None = None
    text: str = ""
    verbatim: str = ""
    correction: str = ""
    has_sound: bool = False
    is_playable: bool = False
    stretch: str = ""


def rows(share: Share) -> QuerySet[SharedSession]:
    """Return what a share shows, in its order, with all that a list of it needs."""
    sessions = InterviewSession.objects.with_progress().select_related(
        "candidate", "vacancy", "consent", "script"
    )
    return share.rows.prefetch_related(Prefetch("session", queryset=sessions))


def interviews(share: Share) -> list[SharedInterview]:
    return [SharedInterview(share, row) for row in rows(share)]


def interview(share: Share, number: int) -> SharedInterview | None:
    """Return the interview of a number, None if the share has none such."""
    row = rows(share).filter(number=number).first()
    return SharedInterview(share, row) if row else None

"""The simulated candidates, each with a vacancy of its own, ready to be interviewed."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple, TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from candidates.consent import VERSION, consent_hash, consent_paragraphs
from candidates.models import Candidate, Consent, holding
from interviews.models import (
    AnswerRevision,
    EventKind,
    InterviewProgress,
    InterviewSession,
    SessionEvent,
    SessionStatus,
)
from interviews.tokens import mint_token
from vacancies.companies import employer
from vacancies.models import (
    Language,
    Question,
    Script,
    ScriptQuestion,
    Vacancy,
    VacancyStatus,
)
from vacancies.services import script_of

# A domain that cannot exist: nobody is ever written to.
DOMAIN = "@simulation.invalid"
FEWEST_QUESTIONS, DIFFERENT_LENGTHS = 3, 6
ROWS_AT_ONCE = 1000

Row = TypeVar("Row", bound=Model)


class Interview(NamedTuple):
    """What a simulated agent needs, and all that its endpoints may ever show it."""

    session_id: UUID
    conversation_id: str
    questions: Mapping[int, str]
    closing: str

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {settings.AGENT_API_KEY}",
            "X-Session-Token": mint_token(self.session_id),
            "X-Conversation-Id": self.conversation_id,
        }


@transaction.atomic
def make(number: int, question_count: int | None = None) -> list[Interview]:
    """Make started sessions as `services.start` would, in a few bulk statements."""
    run = uuid4().hex[:12]
    vacancies = store(*(vacancy(run, place) for place in range(number)))
    questions = make_questions(vacancies, question_count)
    sessions = store(
        *(
            started_session(*parts)
            for parts in zip(
                make_consents(run, number),
                make_scripts(vacancies, questions),
                strict=True,
            )
        )
    )
    store(
        *(SessionEvent(session=session, kind=EventKind.STARTED) for session in sessions)
    )
    return [interview(session) for session in sessions]


def store(*rows: Row) -> list[Row]:
    """Insert rows of one table: PostgreSQL takes 65,535 values in a statement."""
    if not rows:
        return []
    return type(rows[0])._default_manager.bulk_create(rows, batch_size=ROWS_AT_ONCE)


def vacancy(run: str, place: int) -> Vacancy:
    return Vacancy(
        title=f"Simulation {run} {place}",
        status=VacancyStatus.OPEN,
        closing=f"Good-bye of vacancy {run} {place}",
    )


def make_questions(
    vacancies: list[Vacancy], question_count: int | None
) -> dict[int, list[Question]]:
    """Store the questions; return them by the key of their vacancy."""
    questions = {
        vacancy.pk: [
            Question(vacancy=vacancy, order=order, text=f"{vacancy}: question {order}?")
            for order in range(1, 1 + (question_count or length_of(place)))
        ]
        for place, vacancy in enumerate(vacancies)
    }
    store(*(question for each in questions.values() for question in each))
    return questions


def length_of(place: int) -> int:
    """Neighbours differ, so that a foreign question stands out."""
    return FEWEST_QUESTIONS + place % DIFFERENT_LENGTHS


def make_consents(run: str, number: int) -> list[Consent]:
    candidates = store(
        *(
            Candidate(name=f"Simulated {place}", email=f"{run}-{place}{DOMAIN}")
            for place in range(number)
        )
    )
    paragraphs = consent_paragraphs(
        Vacancy(language=Language.ENGLISH), employer=employer(None), spoken_to_ai=True
    )
    return store(
        *(
            Consent(
                candidate=candidate,
                given=True,
                version=VERSION,
                language=Language.ENGLISH,
                text_hash=consent_hash(paragraphs),
            )
            for candidate in candidates
        )
    )


def make_scripts(
    vacancies: list[Vacancy], questions: Mapping[int, list[Question]]
) -> list[Script]:
    scripts = store(*(script(vacancy, questions[vacancy.pk]) for vacancy in vacancies))
    store(
        *(
            ScriptQuestion(script=script, question=question)
            for script in scripts
            for question in questions[script.vacancy_id]
        )
    )
    return scripts


def script(vacancy: Vacancy, questions: list[Question]) -> Script:
    frozen = script_of(vacancy, questions)
    return Script(
        vacancy=vacancy, content=frozen.content, content_hash=frozen.content_hash
    )


def started_session(consent: Consent, script: Script) -> InterviewSession:
    return InterviewSession(
        candidate=consent.candidate,
        vacancy=script.vacancy,
        script=script,
        consent=consent,
        started_at=timezone.now(),
        conversation_id=f"simulated-{uuid4().hex}",
    )


def interview(session: InterviewSession) -> Interview:
    assert session.script is not None
    frozen = session.script.frozen()
    return Interview(
        session_id=session.pk,
        conversation_id=session.conversation_id,
        questions={question.id: question.text for question in frozen.questions},
        closing=frozen.closing,
    )


class Stored(NamedTuple):
    """What the database holds of some sessions after their interviews."""

    answers: dict[tuple[UUID, int], str]
    revisions: int
    finished: set[UUID]
    endings: Counter[UUID]

    @classmethod
    def of(cls, interviews: list[Interview]) -> "Stored":
        sessions = InterviewSession.objects.filter(
            pk__in=[interview.session_id for interview in interviews]
        )
        finished = sessions.filter(status=SessionStatus.FINISHED)
        revisions = AnswerRevision.objects.filter(progress__session__in=sessions)
        endings = SessionEvent.objects.filter(
            session__in=sessions, kind=EventKind.FINISHED
        )
        return cls(
            answers=stored_answers(sessions),
            revisions=revisions.count(),
            finished=set(finished.values_list("pk", flat=True)),
            endings=Counter(endings.values_list("session_id", flat=True)),
        )


def stored_answers(
    sessions: QuerySet[InterviewSession],
) -> dict[tuple[UUID, int], str]:
    rows = InterviewProgress.objects.filter(session__in=sessions)
    return {(row.session_id, row.question_id): row.answer_text for row in rows}


@transaction.atomic
def remove(interviews: list[Interview]) -> None:
    """Remove what `make` made and what the interviews left."""
    ids = [interview.session_id for interview in interviews]
    remove_sessions(InterviewSession.objects.filter(pk__in=ids))


@transaction.atomic
def remove_leftovers() -> int:
    """Remove everything that simulations ever left; return the number of sessions."""
    # By their address, whichever way it is stored; then letter by letter.
    people = Candidate.objects.filter(holding(DOMAIN.removeprefix("@")))
    keys = [person.pk for person in people if person.email.endswith(DOMAIN)]
    sessions = InterviewSession.objects.filter(candidate__in=keys)
    number = sessions.count()
    remove_sessions(sessions)
    return number


def remove_sessions(sessions: QuerySet[InterviewSession]) -> None:
    keys = sessions.values_list("candidate_id", "vacancy_id")
    candidates, vacancies = zip(*keys, strict=True) if keys else ((), ())
    sessions.delete()
    Consent.objects.filter(candidate__in=candidates).delete()
    Candidate.objects.filter(pk__in=candidates).delete()
    Script.objects.filter(vacancy__in=vacancies).delete()
    Vacancy.objects.filter(pk__in=vacancies).delete()

"""Interviews that experiments hold by HTTP, and what the database has of their answers."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from candidates.models import Candidate, Consent
from faults.ground import CSRF_TOKEN, Answer, Call
from interviews.models import AnswerRevision, InterviewProgress, InterviewSession
from interviews.tokens import cookie_name, mint_token
from tests.factories import CandidateFactory, ConsentFactory, VacancyFactory
from vacancies.models import Script, Vacancy
from vacancies.services import freeze_script

QUESTIONS = 5
FORM = "application/x-www-form-urlencoded"


class Said(NamedTuple):
    """An answer that somebody gives."""

    session: UUID
    question: int
    text: str


class Runner(NamedTuple):
    """An interview: its questions in their order, what its agent and its page send along."""

    session: UUID
    questions: Sequence[int]
    headers: Mapping[str, str]
    cookies: str

    @classmethod
    def of(cls, session: UUID, questions: Sequence[int]) -> "Runner":
        token = mint_token(session)
        headers = {
            "Authorization": f"Bearer {settings.AGENT_API_KEY}",
            "X-Session-Token": token,
        }
        csrf = f"{settings.CSRF_COOKIE_NAME}={CSRF_TOKEN}"
        return cls(
            session, questions, headers, f"{csrf}; {cookie_name(session)}={token}"
        )

    def next(self) -> Call:
        return Call("GET", f"/api/interview/{self.session}/next", self.headers)

    def answer(self, question: int, text: str) -> Call:
        """Return what an agent sends."""
        return self.agent("answer", questionId=question, answerText=text)

    def end(self) -> Call:
        return self.agent("end", reason="completed")

    def agent(self, action: str, **body: object) -> Call:
        headers = {**self.headers, "Content-Type": "application/json"}
        path = f"/api/interview/{self.session}/{action}"
        return Call("POST", path, headers, json.dumps(body))

    def page(self, action: str, **fields: object) -> Call:
        """Return what the candidate's page sends."""
        headers = {"Cookie": self.cookies, "Content-Type": FORM}
        body = urlencode({"csrfmiddlewaretoken": CSRF_TOKEN, **fields})
        return Call("POST", f"/interview/{self.session}/{action}", headers, body)


def told(answer: Answer) -> int | None:
    """Return the question that an answer's answer names; -1 for what is none."""
    if answer.status != 200:
        return -1
    found: int | None = json.loads(answer.body)["next"]["questionId"]
    return found


def made(number: int, *, started: bool = True, required: bool = True) -> list[Runner]:
    """Make a vacancy and so many interviews of it, in progress or about to start."""
    vacancy = VacancyFactory(questions=QUESTIONS)
    vacancy.questions.update(required=required)
    script = freeze_script(vacancy) if started else None
    questions = list(vacancy.questions.values_list("pk", flat=True))
    sessions = sessions_of(vacancy, script, number)
    return [Runner.of(session.pk, questions) for session in sessions]


def sessions_of(
    vacancy: Vacancy, script: Script | None, number: int
) -> list[InterviewSession]:
    """Make them all at once: one by one takes longer than what is done with them."""
    candidates = Candidate.objects.bulk_create(CandidateFactory.build_batch(number))
    given = [ConsentFactory.build(candidate=candidate) for candidate in candidates]
    consents = Consent.objects.bulk_create(given) if script else [None] * number
    return InterviewSession.objects.bulk_create(
        InterviewSession(
            candidate=candidate,
            vacancy=vacancy,
            script=script,
            consent=consent,
            started_at=timezone.now() if script else None,
        )
        for candidate, consent in zip(candidates, consents, strict=True)
    )


def kept(sessions: Collection[UUID]) -> Mapping[tuple[UUID, int], set[str]]:
    """Return all texts that are kept of each question: the answer's and its revisions'."""
    rows = InterviewProgress.objects.filter(session__in=sessions)
    revisions = AnswerRevision.objects.filter(progress__session__in=sessions)
    found = defaultdict(set)
    for session, question, text in [
        *rows.values_list("session_id", "question_id", "answer_text"),
        *revisions.values_list(
            "progress__session_id", "progress__question_id", "answer_text"
        ),
    ]:
        found[session, question].add(text)
    return found


def lost(given: Sequence[Said]) -> list[Said]:
    """Return what was said and is nowhere."""
    found = kept({said.session for said in given})
    return [said for said in given if said.text not in found[said[:2]]]


def not_single(given: Sequence[Said]) -> list[tuple[UUID, int]]:
    """Return the questions that do not have one row of the answer that counts."""
    sessions = {said.session for said in given}
    rows = InterviewProgress.objects.filter(session__in=sessions)
    count = Counter(rows.values_list("session_id", "question_id"))
    return [key for key in {said[:2] for said in given} if count[key] != 1]

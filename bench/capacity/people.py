"""Candidates in the database, and what the generator knows of each."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection, transaction

from bench.capacity.rates import TURNS
from bench.capacity.wire import Request, Response
from interviews.api.messages import AnswerSaved, NextQuestion
from interviews.services import PAGE_OF_THE_CALL
from interviews.tokens import cookie_name, mint_token
from vacancies.models import Vacancy, VacancyStatus
from vacancies.scripts import FrozenScript
from vacancies.services import freeze_script

VACANCIES = 20
# Django takes any that is in cookie and header alike.
CSRF_TOKEN = "c" * 32

# All at once, and so that each stands at another question when the interviews go on.
PEOPLE = """
WITH people AS (
    INSERT INTO candidate (name, email, created_at)
    SELECT 'Кандидат ' || n, gen_random_uuid() || '@bench.invalid', now()
    FROM generate_series(1, %(number)s) AS n
    RETURNING id
), consents AS (
    INSERT INTO consent
        (candidate_id, given, version, language, text_hash, text, decided_at)
    SELECT id, true, '1', 'ru', repeat('0', 64), '', now() FROM people
    RETURNING id, candidate_id
), scripts AS (
    SELECT id, vacancy_id, row_number() OVER (ORDER BY id) - 1 AS n FROM script
), sessions AS (
    INSERT INTO interview_session
        (id, candidate_id, vacancy_id, script_id, consent_id, created_at, expires_at,
         started_at, finish_reason, conversation_id, page_id)
    SELECT gen_random_uuid(), candidate_id, scripts.vacancy_id,
           CASE WHEN %(started)s THEN scripts.id END,
           CASE WHEN %(started)s THEN consents.id END,
           now(), now() + interval '7 days', CASE WHEN %(started)s THEN now() END, '',
           CASE WHEN %(started)s THEN 'bench-' || consents.id ELSE '' END,
           CASE WHEN %(started)s THEN %(page)s ELSE '' END
    FROM consents
    JOIN scripts ON scripts.n = consents.candidate_id %% (SELECT count(*) FROM scripts)
    RETURNING id, vacancy_id, conversation_id
), events AS (
    INSERT INTO session_event (session_id, kind, at, detail)
    SELECT id, kind, now(), '' FROM sessions, unnest(ARRAY['invited', 'started']) AS kind
    WHERE %(started)s OR kind = 'invited'
), answers AS (
    INSERT INTO interview_progress
        (session_id, question_id, answered, answer_text, answer_audio_url, channel,
         timestamp, verbatim_text)
    SELECT sessions.id, question.id, true, repeat('Ответ из прошлого. ', 18), '', 'agent',
           now(), ''
    FROM sessions JOIN question USING (vacancy_id)
    WHERE %(started)s AND question.order <= abs(hashtext(sessions.id::text)) %% %(turns)s
)
SELECT id::text, vacancy_id, conversation_id,
       CASE WHEN %(started)s THEN abs(hashtext(id::text)) %% %(turns)s ELSE 0 END
FROM sessions
"""
STORED = """
SELECT session_id::text, question_id, answer_text FROM interview_progress
WHERE channel = 'agent' AND answer_text NOT LIKE 'Ответ из прошлого. %%'
"""


class Script(NamedTuple):
    """A vacancy's questions, and each body that the portal may answer with.

    `steps[k]` is what /next says after k answers, `saved[k]` what /answer says to the
    one after those.
    """

    questions: tuple[int, ...]
    steps: tuple[bytes, ...]
    saved: tuple[bytes, ...]

    @property
    def total(self) -> int:
        return len(self.questions)

    @classmethod
    def of(cls, frozen: FrozenScript) -> "Script":
        ids = tuple(question.id for question in frozen.questions)
        steps = [
            NextQuestion.of(frozen.step(ids[:count])) for count in range(len(ids) + 1)
        ]
        saved = [
            AnswerSaved(True, question, step)
            for question, step in zip(ids, steps[1:], strict=True)
        ]
        return cls(ids, encoded(steps), encoded(saved))


class Live:
    """One interview as its agent and its page know it."""

    def __init__(
        self, session_id: str, script: Script, conversation: str, answered: int
    ) -> None:
        self.id = session_id
        self.script = script
        self.conversation = conversation
        self.answered = answered
        # One more than answered while an answer is under way.
        self.asked = answered
        self.unsaved = ""
        self.is_busy = False
        self.is_ended = False
        self.path = f"/interview/{session_id}"
        self.api = f"/api/interview/{session_id}"
        self.cookies = b"csrftoken=%b; %b=%b" % (
            CSRF_TOKEN.encode(),
            cookie_name(self.uuid).encode(),
            self.token.encode(),
        )

    @cached_property
    def uuid(self) -> UUID:
        return UUID(self.id)

    @cached_property
    def token(self) -> str:
        return mint_token(self.uuid)

    @property
    def question(self) -> int:
        return self.script.questions[self.answered]

    def agent(self, method: str, action: str, body: Any = None) -> Request:
        """Return a request of the voice agent."""
        headers = (
            f"Authorization: Bearer {settings.AGENT_API_KEY}\r\n"
            f"X-Session-Token: {self.token}\r\nX-Conversation-Id: {self.conversation}\r\n"
        )
        return Request(method, self.api + action, headers.encode() + JSON, dumped(body))

    def browser(self, method: str, action: str, body: Any = None) -> Request:
        """Return a request that the page's script makes."""
        headers = b"X-CSRFToken: %b\r\n%b" % (self.csrf_token, self.cookie_header)
        return Request(method, self.api + action, headers + JSON, dumped(body))

    def page(self, rest: str = "") -> Request:
        headers = self.cookie_header if self.cookies else b""
        return Request("GET", self.path + rest, headers + BROWSER)

    def form(self, rest: str, body: bytes) -> Request:
        headers = self.cookie_header + BROWSER + FORM
        return Request("POST", self.path + rest, headers, body)

    @property
    def cookie_header(self) -> bytes:
        return b"Cookie: %b\r\n" % self.cookies

    @property
    def csrf_token(self) -> bytes:
        return self.cookies.partition(b"csrftoken=")[2].partition(b";")[0]

    def is_step(self) -> Callable[[Response], bool]:
        """Return the check of a /next that is asked now.

        While an answer is under way, both steps are right; after the end, a refusal.
        """
        first = self.answered

        def check(response: Response) -> bool:
            if response.status == HTTPStatus.CONFLICT:
                return self.is_ended and b'"code":"finished"' in response.body
            return response.body in self.script.steps[first : self.asked + 1]

        return check


JSON = b"Content-Type: application/json\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
BROWSER = b"Accept: text/html\r\nAccept-Language: ru\r\n"


def encoded(messages: Iterable[Any]) -> tuple[bytes, ...]:
    return tuple(map(msgspec.json.encode, messages))


def dumped(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body, ensure_ascii=False).encode()


def make_scripts() -> dict[int, Script]:
    """Make vacancies with frozen scripts; return these by the vacancy's key."""
    return {
        vacancy.pk: Script.of(freeze_script(vacancy).frozen())
        for vacancy in map(make_vacancy, range(VACANCIES))
    }


@transaction.atomic
def make_vacancy(number: int) -> Vacancy:
    vacancy = Vacancy.objects.create(
        title=f"Вакансия {number}", status=VacancyStatus.OPEN, language="ru"
    )
    for order in range(1, TURNS + 1):
        vacancy.questions.create(
            text=f"Вопрос {order} вакансии {number}: расскажите, как это было?",
            order=order,
        )
    return vacancy


def make(number: int, scripts: dict[int, Script], *, started: bool) -> list[Live]:
    """Make so many interviews, invited or in the middle, and return them."""
    parameters = {
        "number": number,
        "started": started,
        "turns": TURNS,
        "page": PAGE_OF_THE_CALL,
    }
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, parameters)
        rows = cursor.fetchall()
    made = [Live(id, scripts[vacancy], call, done) for id, vacancy, call, done in rows]
    if not started:
        for live in made:
            live.cookies = b""
    return made


def stored() -> Iterator[tuple[str, int, str]]:
    """Yield the answers that came over HTTP: session, question, text."""
    with connection.cursor() as cursor:
        cursor.execute(STORED)
        yield from cursor


def revisions() -> int:
    """Return how often an answer replaced another: no repetition may."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM answer_revision")
        return int(cursor.fetchone()[0])


def settle() -> None:
    """Bring statistics up to date and the log to disk: no part of what is measured."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")

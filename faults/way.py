"""One way through the session protocol: what can be done, and what must come of it.

Each step goes through the portal's own application, in this process, and to a real
PostgreSQL.
"""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from django.conf import settings
from django.test import Client
from django.utils import timezone
from hypothesis.stateful import RuleBasedStateMachine

from candidates.models import Candidate
from faults.model import Asked, Model, Said
from interviews import services
from interviews.exceptions import NotAvailable
from interviews.models import InterviewSession
from interviews.tokens import cookie_name, mint_token
from tests.factories import QuestionFactory
from vacancies.models import Question, Vacancy
from vacancies.services import order_questions, remove_question

JSON = "application/json"
# After so many steps in which all was refused, somebody makes the interview go on.
PATIENCE = 5
MOST_QUESTIONS = 5


class Caller(NamedTuple):
    """Who calls: an agent in a call, or the page's script, which names none."""

    call: str
    by: str


class Way(RuleBasedStateMachine):
    """One vacancy, one candidate, one interview after another; and a stranger's."""

    vacancy: Vacancy
    candidate: Candidate
    stranger: InterviewSession
    foreign: Question
    session: InterviewSession
    model: Model
    # Steps in a row in which the interview was not in progress.
    refused = 0

    def invite(self, is_started: bool) -> None:
        self.session = services.invite(candidate=self.candidate, vacancy=self.vacancy)
        self.model = Model(self.questions_now())
        self.calls = uuid4().hex
        self.finished_at: str | None = None
        # 500 is an answer, too: a wrong one.
        self.client = Client(raise_request_exception=False)
        self.client.cookies[cookie_name(self.session.pk)] = mint_token(self.session.pk)
        if is_started:
            self.start()

    def go_on(self) -> None:
        """See to it that most of a way is not spent after an interview's end."""
        self.refused = 0 if self.model.goes_on else self.refused + 1
        if self.refused <= PATIENCE:
            return
        self.refused = 0
        if self.model.is_closed:
            self.invite_again(is_started=True)
        else:
            self.move_deadline(is_past=False)
            self.start()

    # The session endpoints

    def answer(self, key: int, text: str, caller: Caller) -> None:
        said = Said(text if text.strip() else "", caller.by)
        expected = self.model.answer(caller.call, key, said)
        body = {"questionId": key, "answerText": text}
        self.compare(expected, self.post("answer", body, caller))

    def end(self, caller: Caller) -> None:
        expected = self.model.end(caller.call, "completed")
        found = self.post("end", {"reason": "completed"}, caller)
        if expected[0] == 200:
            self.finished_at = self.finished_at or found.json().get("finishedAt")
            expected = (200, {"finished": True, "finishedAt": self.finished_at})
        self.compare(expected, found)

    def come_without_right(self, place: int) -> None:
        """Come with another session's token, a forged one, none, or a wrong key."""
        kind = ["stranger's", "forged", "none", "key"][place % 4]
        token = mint_token(
            self.stranger.pk if kind == "stranger's" else self.session.pk
        )
        headers = self.agent_headers(token)
        if kind == "forged":
            headers["x-session-token"] = token[:-1] + ("b" if token[-1] == "a" else "a")
        elif kind == "none":
            del headers["x-session-token"]
        elif kind == "key":
            headers["authorization"] += "x"
        body = {"questionId": self.key_at(place), "answerText": "Not mine"}
        client = Client(raise_request_exception=False, headers=headers)
        found = [
            client.get(self.api("next")).status_code,
            client.post(self.api("answer"), body, JSON).status_code,
            client.post(self.api("end"), {}, JSON).status_code,
        ]
        assert found == [404 if kind == "stranger's" else 401] * 3

    # The candidate's pages

    def start(self) -> None:
        self.model.start()
        assert self.page("start") == 302

    def decline(self) -> None:
        self.model.decline()
        assert self.page("decline") == 302

    def resume(self) -> None:
        assert self.page("resume") == 302

    def look(self) -> None:
        """Open the link: it shows the question at hand, in the words that were frozen."""
        question = self.model.current if self.model.goes_on else None
        self.model.look()
        found = self.client.get(f"/interview/{self.session.pk}")
        if question:
            assert question.text in found.content.decode()

    # The voice service, and HR

    def begin_call(self, call: str) -> None:
        begins = self.model.begin_call(call)
        try:
            services.open_conversation(session=self.session, conversation_id=call)
        except NotAvailable:
            assert not begins

    def move_deadline(self, *, is_past: bool) -> None:
        self.model.move_deadline(is_past=is_past)
        moved = timedelta(days=-1 if is_past else 1)
        services.move_deadline(session=self.session, expires_at=timezone.now() + moved)

    def invite_again(self, *, is_started: bool) -> None:
        """Whoever is invited anew gets the same link while the interview is open."""
        before = self.session
        if self.model.is_closed:
            self.invite(is_started)
            assert self.session.pk != before.pk
        else:
            again = services.invite(candidate=self.candidate, vacancy=self.vacancy)
            self.model.move_deadline(is_past=False)
            assert again.pk == before.pk

    def reword(self, place: int) -> None:
        question = self.model.vacancy[place % len(self.model.vacancy)]
        text = f"And {'today' if place % 2 else 'tomorrow'}, {question.id}?"
        Question.objects.filter(pk=question.id).update(text=text)
        self.note_vacancy()

    def add_question(self, place: int) -> None:
        orders = list(self.vacancy.questions.current().values_list("order", flat=True))
        if len(orders) < MOST_QUESTIONS:
            required = place % 2 == 0
            order = max(orders) + 1
            QuestionFactory(vacancy=self.vacancy, order=order, required=required)
            self.note_vacancy()

    def archive_question(self, place: int) -> None:
        if len(self.model.vacancy) > 1:
            question = self.model.vacancy[place % len(self.model.vacancy)]
            remove_question(Question.objects.get(pk=question.id))
            self.note_vacancy()

    def turn_round(self, place: int) -> None:
        order_questions(list(self.vacancy.questions.current())[::-1])
        self.note_vacancy()

    # What the rules have in common

    def compare(self, expected: tuple[int, dict[str, Any]], found: Any) -> None:
        body = {
            name: value
            for name, value in found.json().items()
            if name not in {"detail", "errors"}
        }
        assert (found.status_code, body) == expected

    def key_at(self, place: int) -> int:
        """Return the key of a question that is asked, a foreign one, or one that is none."""
        keys = [each.id for each in self.model.asked]
        return [*keys, self.foreign.pk, 2**60][place % (len(keys) + 2)]

    def questions_now(self) -> list[Asked]:
        return [
            Asked(each.pk, each.text, each.required)
            for each in self.vacancy.questions.current().order_by("order")
        ]

    def note_vacancy(self) -> None:
        self.model.vacancy = self.questions_now()

    def call_id(self, call: str) -> str:
        return call and f"{self.calls}-{call}"

    def api(self, action: str) -> str:
        return f"/api/interview/{self.session.pk}/{action}"

    def agent_headers(self, token: str) -> dict[str, str]:
        key = settings.AGENT_API_KEY
        return {"authorization": f"Bearer {key}", "x-session-token": token}

    def headers(self, caller: Caller) -> dict[str, str]:
        if caller.by != "agent":
            return {}
        headers = self.agent_headers(mint_token(self.session.pk))
        return headers | ({"x-conversation-id": caller.call} if caller.call else {})

    def get(self, action: str, caller: Caller) -> Any:
        return self.client.get(self.api(action), headers=self.headers(caller))

    def post(self, action: str, body: dict[str, Any], caller: Caller) -> Any:
        headers = self.headers(caller)
        return self.client.post(self.api(action), body, JSON, headers=headers)

    def page(self, action: str, **fields: Any) -> int:
        address = f"/interview/{self.session.pk}/{action}"
        status: int = self.client.post(address, fields).status_code
        return status

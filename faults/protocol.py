"""The session protocol as a Hypothesis state machine, and bugs that it must catch.

Each step goes through the portal's own application, in this process, and to a real
PostgreSQL; after each, what the tables hold is compared with the model.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import Flaky
from hypothesis.reporting import with_reporter
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core import environment
from faults.experiment import Figure, at_least, exactly
from faults.model import CLOSING, Asked, Model, Said
from faults.planted import PROTOCOL_BUGS
from interviews import services
from interviews.exceptions import NotAvailable
from interviews.models import AnswerRevision, InterviewProgress, InterviewSession
from interviews.tokens import cookie_name, mint_token
from tests.factories import (
    CandidateFactory,
    QuestionFactory,
    SessionFactory,
    VacancyFactory,
)
from vacancies.models import Question
from vacancies.services import order_questions, remove_question

JSON = "application/json"
MOST_QUESTIONS = 5
# Few, so that the same is said and meant often.
TEXTS = st.sampled_from(["Yes", "No", "Да, конечно", " ", ""])
CALLS = st.sampled_from(["", "one", "two"])
PAGES = st.sampled_from(["", "first", "second"])
PLACES = st.integers(0, MOST_QUESTIONS + 1)
BY = st.sampled_from(["agent", "written"])


def examine(ways: int, steps: int) -> Iterator[Figure]:
    """Go so many ways of so many steps; then look for each planted bug alone."""
    set_hypothesis_home_dir(environment.var_dir() / "hypothesis")
    logging.disable(logging.ERROR)
    try:
        Protocol.steps = 0
        trouble = trouble_of(ways, steps)
        yield exactly("ways on which portal and model differ", bool(trouble), 0)
        yield at_least("steps taken", Protocol.steps, ways * steps)
        caught = [name for name in PROTOCOL_BUGS if caught_with(name, ways, steps)]
        yield exactly("planted bugs caught", len(caught), len(PROTOCOL_BUGS))
    finally:
        logging.disable(logging.NOTSET)


def caught_with(bug: str, ways: int, steps: int) -> bool:
    with PROTOCOL_BUGS[bug]():
        return bool(trouble_of(ways, steps))


def trouble_of(ways: int, steps: int) -> list[str]:
    """Return what Hypothesis tells of the first way that fails; nothing if none does."""
    told: list[str] = []
    chosen = settings(
        max_examples=ways,
        stateful_step_count=steps,
        # The same ways in every run, and nothing kept of them.
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with with_reporter(told.append):
        try:
            run_state_machine_as_test(Protocol, settings=chosen)
        except (AssertionError, Flaky) as error:
            return [*told, str(error)]
    return []


class Protocol(RuleBasedStateMachine):
    """One vacancy, one candidate, one interview after another."""

    steps = 0

    @initialize(starts=st.sampled_from([True, True, True, False]))
    def begin(self, starts: bool) -> None:
        self.vacancy = VacancyFactory(closing=CLOSING, language="en")
        for place, required in enumerate([True, False, True], start=1):
            QuestionFactory(vacancy=self.vacancy, order=place, required=required)
        self.stranger = SessionFactory(started=True, vacancy__questions=1)
        self.foreign = self.stranger.vacancy.questions.get()
        self.candidate = CandidateFactory()
        self.invite()
        if starts:
            self.start()

    def invite(self) -> None:
        self.session = services.invite(candidate=self.candidate, vacancy=self.vacancy)
        self.model = Model(self.questions_now())
        self.calls = uuid4().hex
        self.finished_at: str | None = None
        # 500 is an answer, too: a wrong one.
        self.client = Client(raise_request_exception=False)
        self.client.cookies[cookie_name(self.session.pk)] = mint_token(self.session.pk)

    # The session endpoints

    @rule(call=CALLS, by=BY)
    def ask(self, call: str, by: str) -> None:
        self.compare(self.model.next(self.caller(call, by)), self.get("next", call, by))

    @rule(text=TEXTS, call=CALLS, by=BY)
    def answer_what_is_asked(self, text: str, call: str, by: str) -> None:
        if question := self.model.current:
            self.answer(question.id, text, call, by)

    @rule(place=PLACES, text=TEXTS, call=CALLS, by=BY)
    def answer_something(self, place: int, text: str, call: str, by: str) -> None:
        self.answer(self.key_at(place), text, call, by)

    @rule(place=PLACES, call=CALLS, by=BY)
    def repeat(self, place: int, call: str, by: str) -> None:
        """Send what was acknowledged, or replaced, once more."""
        if said := list(self.model.answers.items()):
            key, before = said[place % len(said)]
            self.answer(key, before.text, call, by)

    @rule(call=CALLS, by=BY, reason=st.sampled_from(["completed", "candidate_left"]))
    def end(self, call: str, by: str, reason: str) -> None:
        expected = self.model.end(self.caller(call, by), reason)
        found = self.post("end", {"reason": reason}, call, by)
        if expected[0] == 200:
            ended = found.json().get("finishedAt")
            self.finished_at = self.finished_at or ended
            expected = (200, {"finished": True, "finishedAt": self.finished_at})
        self.compare(expected, found)

    @rule(place=PLACES, kind=st.sampled_from(["stranger's", "forged", "none", "key"]))
    def come_without_right(self, place: int, kind: str) -> None:
        """Come with another session's token, a forged one, none, or a wrong key."""
        token = mint_token(
            self.stranger.pk if kind == "stranger's" else self.session.pk
        )
        headers = self.agent_headers(token)
        if kind == "forged":
            headers["x-session-token"] = token[:-1] + ("a" if token[-1] != "a" else "b")
        if kind == "none":
            del headers["x-session-token"]
        if kind == "key":
            headers["authorization"] += "x"
        expected = 404 if kind == "stranger's" else 401
        body = {"questionId": self.key_at(place), "answerText": "Not mine"}
        client = Client(raise_request_exception=False, headers=headers)
        for found in (
            client.get(self.api("next")),
            client.post(self.api("answer"), body, JSON),
            client.post(self.api("end"), {}, JSON),
        ):
            assert found.status_code == expected, found.content

    # The candidate's pages

    @rule()
    def start(self) -> None:
        self.model.start()
        assert self.page("start") == 302

    @rule()
    def decline(self) -> None:
        self.model.decline()
        assert self.page("decline") == 302

    @rule()
    def come_back(self) -> None:
        assert self.page("resume") == 302

    @rule(place=PLACES, text=TEXTS.filter(str.strip), page=PAGES)
    def answer_by_page(self, place: int, text: str, page: str) -> None:
        key = self.key_at(place)
        expected = self.model.page_answer(page, key, text)
        assert self.page("answer", question=key, text=text, page=page) == expected

    @rule(place=PLACES, page=PAGES)
    def skip(self, place: int, page: str) -> None:
        key = self.key_at(place)
        expected = self.model.page_answer(page, key, "")
        assert self.page("answer", question=key, skip="on", page=page) == expected

    @rule(page=PAGES)
    def take_over(self, page: str) -> None:
        assert self.page("here", page=page) == self.model.take_over(page)

    @rule()
    def look(self) -> None:
        """Open the link: it shows the question at hand, in the words that were frozen."""
        question = self.model.current if self.model.goes_on else None
        self.model.look()
        found = self.client.get(f"/interview/{self.session.pk}")
        if question:
            assert question.text in found.content.decode()

    @rule(place=PLACES, text=TEXTS.filter(str.strip))
    def correct(self, place: int, text: str) -> None:
        """Say what an answer should read: beside it, never in its place."""
        self.page(f"answers/{self.key_at(place)}/correct", text=text)

    # The voice service, and HR

    @rule(call=CALLS)
    def begin_call(self, call: str) -> None:
        begins = self.model.begin_call(self.call_id(call))
        try:
            services.open_conversation(
                session=self.session, conversation_id=self.call_id(call)
            )
        except NotAvailable:
            assert not begins

    @rule()
    def cancel(self) -> None:
        self.model.cancel()
        services.cancel(session=self.session)

    @rule(is_past=st.booleans())
    def move_deadline(self, is_past: bool) -> None:
        self.model.move_deadline(is_past=is_past)
        moved = timedelta(days=-1 if is_past else 1)
        services.move_deadline(session=self.session, expires_at=timezone.now() + moved)

    @rule()
    def invite_again(self) -> None:
        """Whoever is invited anew gets the same link while the interview is open."""
        before, model = self.session, self.model
        if model.is_closed:
            self.invite()
            assert self.session.pk != before.pk
        else:
            again = services.invite(candidate=self.candidate, vacancy=self.vacancy)
            model.move_deadline(is_past=False)
            assert again.pk == before.pk

    @rule(place=PLACES, word=st.sampled_from(["today", "tomorrow"]))
    def reword(self, place: int, word: str) -> None:
        question = self.model.vacancy[place % len(self.model.vacancy)]
        Question.objects.filter(pk=question.id).update(
            text=f"And {word}, {question.id}?"
        )
        self.note_vacancy()

    @rule(required=st.booleans())
    def add_question(self, required: bool) -> None:
        if len(self.model.vacancy) < MOST_QUESTIONS:
            last = max(self.vacancy.questions.current().values_list("order", flat=True))
            QuestionFactory(vacancy=self.vacancy, order=last + 1, required=required)
            self.note_vacancy()

    @rule(place=PLACES)
    def archive_question(self, place: int) -> None:
        if len(self.model.vacancy) > 1:
            question = self.model.vacancy[place % len(self.model.vacancy)]
            remove_question(Question.objects.get(pk=question.id))
            self.note_vacancy()

    @rule()
    def turn_round(self) -> None:
        order_questions(list(self.vacancy.questions.current())[::-1])
        self.note_vacancy()

    # What the tables hold

    @invariant()
    def tables_hold_what_the_model_does(self) -> None:
        type(self).steps += 1
        model = self.model
        row = InterviewSession.objects.only(
            "status", "finish_reason", "conversation_id", "page_id", "finished_at"
        ).get(pk=self.session.pk)
        state = (row.status, row.finish_reason, row.conversation_id, row.page_id)
        assert state == (model.status, model.reason, model.call, model.page)
        rows = InterviewProgress.objects.filter(session=self.session)
        answers = {
            each.question_id: (each.answer_text, each.channel, each.answered)
            for each in rows
        }
        assert answers == {
            key: (said.text, said.channel, bool(said.text))
            for key, said in model.answers.items()
        }
        earlier: dict[int, list[Said]] = {}
        replaced = AnswerRevision.objects.filter(progress__session=self.session)
        for each in replaced.select_related("progress").order_by("pk"):
            said = Said(each.answer_text, each.channel)
            earlier.setdefault(each.progress.question_id, []).append(said)
        assert earlier == model.revisions
        ends = self.session.events.filter(kind="finished").count()
        assert ends == (model.status == "finished")

    # What the rules have in common

    def answer(self, key: int, text: str, call: str, by: str) -> None:
        said = Said(text if text.strip() else "", by)
        expected = self.model.answer(self.caller(call, by), key, said)
        body = {"questionId": key, "answerText": text}
        self.compare(expected, self.post("answer", body, call, by))

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

    def caller(self, call: str, by: str) -> str:
        """Return the call that somebody is in: a browser names none."""
        return self.call_id(call) if by == "agent" else ""

    def api(self, action: str) -> str:
        return f"/api/interview/{self.session.pk}/{action}"

    def agent_headers(self, token: str) -> dict[str, str]:
        key = django_settings.AGENT_API_KEY
        return {"authorization": f"Bearer {key}", "x-session-token": token}

    def headers(self, call: str, by: str) -> dict[str, str]:
        if by == "written":
            return {}
        headers = self.agent_headers(mint_token(self.session.pk))
        return headers | ({"x-conversation-id": self.call_id(call)} if call else {})

    def get(self, action: str, call: str, by: str) -> Any:
        return self.client.get(self.api(action), headers=self.headers(call, by))

    def post(self, action: str, body: dict[str, Any], call: str, by: str) -> Any:
        headers = self.headers(call, by)
        return self.client.post(self.api(action), body, JSON, headers=headers)

    def page(self, action: str, **fields: Any) -> int:
        address = f"/interview/{self.session.pk}/{action}"
        status: int = self.client.post(address, fields).status_code
        return status

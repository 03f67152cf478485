"""The session protocol as a Hypothesis state machine, and bugs that it must catch.

Each step goes through the portal's own application, in this process, and to a real
PostgreSQL; after each, what the tables hold is compared with the model.
"""

import logging
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from django.conf import settings as django_settings
from django.db.models import Count, Prefetch, Q
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
from interviews.models import AnswerRevision, InterviewSession
from interviews.models.answers import Answer
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
# After so many steps in which all was refused, somebody makes the interview go on.
PATIENCE = 5
# Nearly all are met within a tenth of them.
MOST_WAYS_TO_A_BUG = 500
MOST_QUESTIONS = 5
# Few, so that the same is said and meant often.
TEXTS = st.sampled_from(["Yes", "No", "Да, конечно", " ", ""])
CALLS = st.sampled_from(["", "one", "two"])
PAGES = st.sampled_from(["", "first", "second"])
OFTEN = st.sampled_from([True, True, True, True, False])
PLACES = st.integers(0, MOST_QUESTIONS + 1)
BY = st.sampled_from(["agent", "agent", "written"])


class Caller(NamedTuple):
    """Who calls: an agent in a call, or the page's script, which names none."""

    call: str
    by: str


def said_in(row: Answer) -> Said:
    return Said(row.answer_text, row.channel)


def weighted(**weights: int) -> st.SearchStrategy[str]:
    return st.sampled_from(
        [act for act, weight in weights.items() for _ in range(weight)]
    )


def examine(ways: int, steps: int, bugs: Collection[str]) -> Iterator[Figure]:
    """Go so many ways of so many steps; then look for each planted bug alone."""
    set_hypothesis_home_dir(environment.var_dir() / "hypothesis")
    logging.disable(logging.ERROR)
    try:
        Protocol.steps = 0
        trouble = trouble_of(ways, steps)
        print(*trouble, sep="\n", end="")
        yield exactly("ways on which portal and model differ", bool(trouble), 0)
        yield at_least("steps taken", Protocol.steps, ways * steps)
        caught = [name for name in bugs if caught_with(name, steps)]
        yield exactly("planted bugs caught", len(caught), len(bugs))
    finally:
        logging.disable(logging.NOTSET)


def caught_with(bug: str, steps: int) -> bool:
    with PROTOCOL_BUGS[bug]():
        return bool(trouble_of(MOST_WAYS_TO_A_BUG, steps))


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
            run_state_machine_as_test(Protocol, settings=chosen, _min_steps=steps)
        except (AssertionError, Flaky) as error:
            return [*told, str(error)]
    return []


class Protocol(RuleBasedStateMachine):
    """One vacancy, one candidate, one interview after another."""

    steps = 0

    @initialize(is_started=OFTEN)
    def begin(self, is_started: bool) -> None:
        self.vacancy = VacancyFactory(closing=CLOSING, language="en")
        for place, required in enumerate([True, False, True], start=1):
            QuestionFactory(vacancy=self.vacancy, order=place, required=required)
        self.stranger = SessionFactory(started=True, vacancy__questions=1)
        self.foreign = self.stranger.vacancy.questions.get()
        self.candidate = CandidateFactory()
        self.refused = 0
        self.invite(is_started)

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

    # Three rules, not thirty: Hypothesis leaves some rules out of each way, and most ways
    # would never come to an answer.

    @rule(
        act=weighted(ask=2, answer_current=5, answer_any=3, repeat=3, end=4),
        place=PLACES,
        text=TEXTS,
        call=CALLS,
        by=BY,
    )
    def caller_acts(self, act: str, place: int, text: str, call: str, by: str) -> None:
        """Call the session endpoints, as an agent in some call, or as the page's script."""
        self.go_on()
        caller = Caller(self.call_id(call) if by == "agent" else "", by)
        if act == "ask":
            expected = self.model.next(caller.call)
            self.compare(expected, self.get("next", caller))
        elif act == "end":
            self.end(caller)
        elif act == "answer_current":
            current = self.model.current
            self.answer(current.id if current else self.key_at(place), text, caller)
        elif act == "answer_any" or not self.model.answers:
            self.answer(self.key_at(place), text, caller)
        else:
            said = list(self.model.answers.items())
            key, before = said[place % len(said)]
            self.answer(key, before.text, caller)

    @rule(
        act=weighted(
            start=4,
            answer=4,
            skip=2,
            take_over=2,
            look=1,
            decline=1,
            resume=1,
            correct=1,
        ),
        place=PLACES,
        text=TEXTS.filter(str.strip),
        page=PAGES,
    )
    def candidate_acts(self, act: str, place: int, text: str, page: str) -> None:
        """Use the candidate's pages; one of them may be older than another."""
        self.go_on()
        key, model = self.key_at(place), self.model
        if act == "answer":
            expected = model.page_answer(page, key, text)
            assert self.page("answer", question=key, text=text, page=page) == expected
        elif act == "skip":
            expected = model.page_answer(page, key, "")
            assert self.page("answer", question=key, skip="on", page=page) == expected
        elif act == "take_over":
            assert self.page("here", page=page) == model.take_over(page)
        elif act == "correct":
            # Beside the answer, never in its place.
            self.page(f"answers/{key}/correct", text=text)
        else:
            getattr(self, act)()

    @rule(
        act=weighted(
            begin_call=3,
            come_without_right=1,
            invite_again=1,
            cancel=2,
            close=2,
            reopen=2,
            reword=3,
            add_question=1,
            archive_question=1,
            turn_round=1,
        ),
        place=PLACES,
        call=CALLS,
    )
    def others_act(self, act: str, place: int, call: str) -> None:
        """Let HR, the voice service, and somebody who has no business here, act."""
        if act in {"close", "reopen"}:
            self.move_deadline(is_past=act == "close")
        elif act == "begin_call":
            self.begin_call(self.call_id(call))
        elif act == "invite_again":
            self.invite_again(is_started=place > 0)
        elif act == "cancel":
            self.model.cancel()
            services.cancel(session=self.session)
        else:
            getattr(self, act)(place)

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

    # What the tables hold

    @invariant()
    def tables_hold_what_the_model_does(self) -> None:
        type(self).steps += 1
        model = self.model
        row = InterviewSession.objects.annotate(
            ends=Count("events", filter=Q(events__kind="finished"))
        ).get(pk=self.session.pk)
        state = (row.status, row.finish_reason, row.conversation_id, row.page_id)
        assert state == (model.status, model.reason, model.call, model.page)
        assert row.ends == (model.status == "finished")
        rows = row.answers.prefetch_related(
            Prefetch("revisions", AnswerRevision.objects.order_by("pk"))
        )
        found = {each.question_id: each for each in rows}
        assert {key: said_in(each) for key, each in found.items()} == model.answers
        assert {
            key: [said_in(one) for one in each.revisions.all()]
            for key, each in found.items()
        } == {key: model.revisions.get(key, []) for key in model.answers}
        assert all(each.answered == bool(each.answer_text) for each in rows)

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
        key = django_settings.AGENT_API_KEY
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

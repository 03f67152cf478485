"""Calls that meet: real threads, real connections, the endpoints as agents call them."""

from itertools import takewhile

import pytest
from django.test import Client

from interviews.models import AnswerRevision, InterviewProgress, InterviewSession
from interviews.turns import script_by_id
from tests.factories import SessionFactory, VacancyFactory
from tests.threads import race

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 200
ENDINGS = 100
CROWD = 50


class Agent:
    """A voice agent of one session; it may be one of many."""

    def __init__(self, session, headers):
        self.url = f"/api/interview/{session.pk}"
        self.headers = headers
        self.client = Client()

    def ask(self):
        return self.client.get(f"{self.url}/next", headers=self.headers)

    def answer(self, question_id, text):
        return self.post("answer", {"questionId": question_id, "answerText": text})

    def end(self):
        return self.post("end", {"reason": "completed"})

    def post(self, action, body):
        return self.client.post(
            f"{self.url}/{action}",
            body,
            content_type="application/json",
            headers=self.headers,
        )


@pytest.fixture
def agents(agent_headers):
    """Make agents of one session."""

    def make(session, number):
        script_by_id(session.script_id)
        return [Agent(session, agent_headers(session)) for _ in range(number)]

    return make


def question_ids(session):
    return [question["id"] for question in session.script.content["questions"]]


def test_two_answers_to_one_question_are_both_kept(agents):
    session = SessionFactory(started=True, vacancy__questions=ROUNDS)
    ids = question_ids(session)
    one, two = agents(session, 2)

    said_one, said_two = race(
        lambda number: one.answer(ids[number], "Да").status_code,
        lambda number: two.answer(ids[number], "Нет").status_code,
        rounds=ROUNDS,
    )

    assert said_one == said_two == [200] * ROUNDS
    assert rows_and_revisions() == {pk: ["Да", "Нет"] for pk in ids}


def rows_and_revisions():
    """Return for each question all texts that were kept, sorted."""
    rows = InterviewProgress.objects.values_list("question_id", "answer_text")
    revisions = AnswerRevision.objects.values_list(
        "progress__question_id", "answer_text"
    )
    kept = {}
    for question_id, text in [*rows, *revisions]:
        kept.setdefault(question_id, []).append(text)
    return {question_id: sorted(texts) for question_id, texts in kept.items()}


def test_same_answer_twice_at_once_is_one_answer(agents):
    session = SessionFactory(started=True, vacancy__questions=ROUNDS)
    ids = question_ids(session)
    one, two = agents(session, 2)

    said_one, said_two = race(
        lambda number: one.answer(ids[number], "Да").status_code,
        lambda number: two.answer(ids[number], "Да").status_code,
        rounds=ROUNDS,
    )

    assert said_one == said_two == [200] * ROUNDS
    assert rows_and_revisions() == {pk: ["Да"] for pk in ids}


def many_sessions(number, questions):
    vacancy = VacancyFactory(questions=questions)
    return [SessionFactory(started=True, vacancy=vacancy) for _ in range(number)]


def test_of_two_last_answers_at_once_exactly_one_is_told_it_was_the_last(agents):
    sessions = many_sessions(ENDINGS, questions=2)
    first, second = question_ids(sessions[0])
    pairs = [agents(session, 2) for session in sessions]

    steps_one, steps_two = race(
        lambda number: pairs[number][0].answer(first, "a").json()["next"],
        lambda number: pairs[number][1].answer(second, "b").json()["next"],
        rounds=ENDINGS,
    )

    told = [
        sorted([one["done"], two["done"]])
        for one, two in zip(steps_one, steps_two, strict=True)
    ]
    assert told == [[False, True]] * ENDINGS


def test_answer_that_meets_the_end_is_stored_or_refused(agents):
    sessions = many_sessions(ENDINGS, questions=1)
    [question] = question_ids(sessions[0])
    pairs = [agents(session, 2) for session in sessions]

    answers, ends = race(
        lambda number: pairs[number][0].answer(question, "a"),
        lambda number: pairs[number][1].end(),
        rounds=ENDINGS,
    )

    stored = {row.session_id: row for row in InterviewProgress.objects.all()}
    outcomes = [
        (answer.status_code, answer.json().get("code"), session.pk in stored)
        for answer, session in zip(answers, sessions, strict=True)
    ]
    assert set(outcomes) <= {(200, None, True), (409, "finished", False)}
    assert [end.status_code for end in ends] == [200] * ENDINGS
    assert [pk for pk, row in stored.items() if row.timestamp > finished_at(pk)] == []


def finished_at(pk):
    return InterviewSession.objects.get(pk=pk).finished_at


def test_ends_at_once_finish_once(agents):
    [session] = many_sessions(1, questions=1)

    ends = race(*[lambda number, a=a: a.end() for a in agents(session, 8)])

    bodies = [end.json() for [end] in ends]
    assert bodies == [bodies[0]] * 8
    assert session.events.filter(kind="finished").count() == 1


class Witness:
    """What many agents of one session have said and been told, as it happened."""

    def __init__(self, ids):
        self.ids = ids
        self.sent = set()
        self.acknowledged = set()
        self.finish_times = set()
        self.surprises = []

    def before(self):
        """Return what is acknowledged by now: it may not be asked any more."""
        return {question_id for question_id, _ in self.acknowledged.copy()}

    def was_told(self, step, known):
        """Check a step against what was known before the call began."""
        asked = step["questionId"]
        passed = set(takewhile(lambda pk: pk != asked, self.ids))
        if asked in known:
            self.surprises.append(("asked again", asked))
        if holes := passed - self.sent:
            self.surprises.append(("skipped", holes))

    def was_refused(self, response):
        """Only an interview that is finished, after its last answer, may refuse."""
        code = response.json().get("code")
        if code != "finished" or self.sent != set(self.ids):
            self.surprises.append(("refused", response.json()))


def take_part(agent, witness, name):
    """Ask and answer until all is done, as if nobody else did; then end."""
    known = witness.before()
    response = agent.ask()
    while response.status_code == 200 and not witness.surprises:
        step = response.json()
        step = step.get("next", step)
        witness.was_told(step, known)
        if step["done"]:
            return witness.finish_times.add(agent.end().json()["finishedAt"])
        known = witness.before() | {step["questionId"]}
        response = answer_step(agent, witness, step["questionId"], name)
    return witness.was_refused(response)


def answer_step(agent, witness, question_id, name):
    text = f"{name} to {question_id}"
    witness.sent.add(question_id)
    response = agent.answer(question_id, text)
    if response.status_code == 200:
        witness.acknowledged.add((question_id, text))
    return response


def test_crowd_on_one_session_skips_nothing_and_loses_nothing(agents):
    session = SessionFactory(started=True, vacancy__questions=20)
    witness = Witness(question_ids(session))
    crowd = agents(session, CROWD)

    race(
        *[
            lambda number, agent=agent, name=name: take_part(agent, witness, name)
            for name, agent in enumerate(crowd)
        ]
    )

    kept = rows_and_revisions()
    assert witness.surprises == []
    assert len(witness.finish_times) == 1
    assert sorted(kept) == sorted(witness.ids)
    assert {
        (pk, text) for pk, text in witness.acknowledged if text not in kept[pk]
    } == set()

"""What turns are compared by: the same credentials, statements, and right answers."""

from uuid import UUID

import msgspec
import pytest
from django.conf import settings

from bench.harness.client import Exhausted, WrongAnswer
from bench.turns import report, rules
from bench.turns.contenders import BASE, FASTAPI, PARLEY
from bench.turns.floor import SCRIPTS, Floor
from bench.turns.statements import PLACEHOLDER, Statements, positional, taken
from bench.turns.work import Interview, Turns
from interviews.tokens import mint_token
from tests.bench.test_rounds import sample
from vacancies.scripts import FrozenQuestion, FrozenScript

SESSION = UUID(int=7)
SCRIPT = FrozenScript(
    title="Cook",
    language="en",
    greeting="Hello",
    closing="Goodbye",
    questions=tuple(FrozenQuestion(id=n, text=f"Question {n}?") for n in (31, 32)),
)


@pytest.fixture
def turns():
    interview = Interview(SESSION, script=5, answered=0, token=mint_token(SESSION))
    return Turns([interview], {5: SCRIPT}, "key")


def asked(question, position):
    return {
        "done": question is None,
        "questionId": question,
        "text": f"Question {question}?" if question else "Goodbye",
        "position": position,
        "total": 2,
    }


def saved(question, **following):
    return msgspec.json.encode({"saved": True, "questionId": question} | following)


def test_answers_go_on_from_question_to_question_and_end(turns):
    request = turns.begin("answer")
    head, _, body = request.data.partition(b"\r\n\r\n")

    assert head.startswith(f"POST /api/interview/{SESSION}/answer HTTP/1.1".encode())
    assert f"Content-Length: {len(body)}".encode() in head
    assert msgspec.json.decode(body)["questionId"] == 31
    assert request.check(200, saved(31, next=asked(32, 2))) is None
    assert turns.begin("answer").check(200, saved(32, next=asked(None, None))) is None
    with pytest.raises(Exhausted):
        turns.begin("answer")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, saved(31, next=asked(32, 2))),
        (200, saved(31, next=asked(31, 1))),
        (200, saved(32, next=asked(32, 2))),
        (200, saved(31)),
        (200, b'{"saved": false, "questionId": 31}'),
        (200, b"<html>"),
        (200, b""),
    ],
)
def test_any_other_answer_is_wrong(turns, status, body):
    with pytest.raises(WrongAnswer):
        turns.begin("answer").check(status, body)


def test_two_calls_save_and_then_ask(turns):
    then = turns.begin("two calls").check(200, saved(31))

    assert then.data.startswith(f"GET /api/interview/{SESSION}/next".encode())
    with pytest.raises(WrongAnswer):
        then.check(200, msgspec.json.encode(asked(31, 1)))
    assert then.check(200, msgspec.json.encode(asked(32, 2))) is None


def test_the_rivals_take_the_portals_own_credentials(monkeypatch):
    monkeypatch.setattr(rules, "AGENT_KEY", b"key")
    key = rules.token_key(settings.SECRET_KEY)
    token = mint_token(SESSION)

    assert rules.caller("Bearer key", token, key) == SESSION
    for authorization, given in [
        ("Bearer other", token),
        ("Basic key", token),
        ("Bearer key", token[:-1]),
        ("Bearer key", ""),
    ]:
        with pytest.raises(rules.Refused) as refusal:
            rules.caller(authorization, given, key)
        assert refusal.value.status == 401


def test_the_rivals_walk_a_script_as_the_portal_does():
    script = rules.Script.from_content(SCRIPT.content)

    assert [script.step(done) for done in ((), (31,), (31, 32))] == [
        asked(31, 1),
        asked(32, 2),
        asked(None, None),
    ]


def test_statements_are_the_portals_own(monkeypatch):
    own = taken()
    for name, value in own.variables.items():
        monkeypatch.setenv(name, value)

    assert Statements.given() == own
    assert "interview_session" in own.next
    assert "record_answer" in own.answer


def test_placeholders_become_numbers():
    statement = "SELECT %(a)s::text LIKE '%%', %(b)s, %(a)s"

    assert positional(statement) == ("SELECT $1::text LIKE '%', $2, $1", ["a", "b"])


@pytest.mark.parametrize("kind", SCRIPTS)
def test_pgbench_knows_every_placeholder(kind):
    floor = Floor("", taken(), sessions=10, lowest_question=1)

    assert not PLACEHOLDER.search(floor.script(kind))


def test_promises_are_held_from_their_limit_on():
    rounds = [{BASE: sample(100), FASTAPI: sample(70), PARLEY: sample(75)}]

    held = {
        (each["rival"], each["ratio"]): each["held"]
        for each in report.acceptance({"next": rounds})
    }

    assert held == {(BASE, 0.75): True, (FASTAPI, 1.071): True}
    worse = [{BASE: sample(100), FASTAPI: sample(75), PARLEY: sample(74)}]
    assert not any(each["held"] for each in report.acceptance({"next": worse}))

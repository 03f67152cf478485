"""POST /api/interview/{sessionId}/answer"""

import json
from unittest.mock import ANY

import pytest

from core.api import MAX_BODY_BYTES
from interviews.models import (
    AnswerRevision,
    Channel,
    InterviewProgress,
    InterviewSession,
)
from interviews.turns import script_by_id
from tests.factories import ProgressFactory, QuestionFactory, SessionFactory

pytestmark = pytest.mark.django_db

STORABLE = "Send a JSON object in UTF-8 with storable values."
URL_PATTERN = r"Expected `str` matching regex '^https?://\\S+(?!\\s)$'."
NUL = "Leave out the NUL character."


@pytest.fixture
def post(client, agent_headers):
    """Send one answer as the agent does; `body` replaces the fields by raw bytes."""

    def call(session, body=None, headers=None, content_type="application/json", **data):
        return client.post(
            f"/api/interview/{session.pk}/answer",
            data if body is None else body,
            content_type=content_type,
            headers=agent_headers(session) | (headers or {}),
        )

    return call


def saved(question_id, following):
    return {"saved": True, "questionId": question_id, "next": following}


def step(question, position, total=3):
    return {
        "done": False,
        "questionId": question.pk,
        "text": question.text,
        "position": position,
        "total": total,
    }


def done(session):
    return {
        "done": True,
        "questionId": None,
        "text": session.script.content["closing"],
        "position": None,
        "total": len(session.script.content["questions"]),
    }


def rows():
    return list(InterviewProgress.objects.order_by("pk").values())


def test_answer_is_stored_and_the_next_question_returned(post, session):
    first, second, _ = session.vacancy.questions.current()

    response = post(
        session,
        questionId=first.pk,
        answerText="Пять лет в команде 🙂",
        audioUrl="https://example.com/a.mp3",
        durationMs=12345,
        confidence=0.92,
    )

    assert response.status_code == 200
    assert response.json() == saved(first.pk, step(second, 2))
    assert rows() == [
        {
            "id": ANY,
            "session_id": session.pk,
            "question_id": first.pk,
            "answered": True,
            "answer_text": "Пять лет в команде 🙂",
            "answer_audio_url": "https://example.com/a.mp3",
            "duration_ms": 12345,
            "confidence": 0.92,
            "channel": Channel.AGENT,
            "timestamp": ANY,
        }
    ]


def test_answer_needs_no_more_than_the_question_and_the_text(post, session):
    first, second, _ = session.vacancy.questions.current()

    response = post(session, questionId=first.pk, answerText="Да")

    assert response.status_code == 200
    assert response.json() == saved(first.pk, step(second, 2))
    assert rows() == [
        {
            "id": ANY,
            "session_id": session.pk,
            "question_id": first.pk,
            "answered": True,
            "answer_text": "Да",
            "answer_audio_url": "",
            "duration_ms": None,
            "confidence": None,
            "channel": Channel.AGENT,
            "timestamp": ANY,
        }
    ]


def test_answer_to_the_last_question_is_done(post):
    session = SessionFactory(started=True, vacancy__questions=1)
    question = session.vacancy.questions.get()

    response = post(session, questionId=question.pk, answerText="Да")

    assert response.status_code == 200
    assert response.json() == saved(question.pk, done(session))


def test_answer_out_of_order_leads_back_to_the_hole(post, session):
    first, _, third = session.vacancy.questions.current()

    response = post(session, questionId=third.pk, answerText="Третий")

    assert response.status_code == 200
    assert response.json() == saved(third.pk, step(first, 1))


def test_answer_repeated_with_the_same_text_changes_nothing(post, session):
    question = session.vacancy.questions.get(order=1)
    fields = {"questionId": question.pk, "answerText": "Да"}
    first = post(session, **fields, durationMs=1000, confidence=0.5)
    before = rows()

    second = post(session, **fields, durationMs=2000, confidence=0.9)

    assert second.status_code == 200
    assert second.json() == first.json()
    assert rows() == before
    assert AnswerRevision.objects.count() == 0


def test_answer_with_another_text_replaces_and_keeps_the_earlier(post, session):
    question = session.vacancy.questions.get(order=1)
    url = "https://example.com/a.mp3"
    fields = {"audioUrl": url, "durationMs": 1, "confidence": 0.5}
    first = post(session, questionId=question.pk, answerText="Да", **fields)
    [earlier] = rows()

    second = post(session, questionId=question.pk, answerText="Нет")

    [now] = rows()
    assert second.json() == first.json()
    assert now == earlier | {
        "answer_text": "Нет",
        "answer_audio_url": "",
        "duration_ms": None,
        "confidence": None,
        "timestamp": now["timestamp"],
    }
    assert now["timestamp"] > earlier["timestamp"]
    assert list(AnswerRevision.objects.values()) == [
        {
            "id": ANY,
            "progress_id": earlier["id"],
            "answer_text": "Да",
            "answer_audio_url": url,
            "duration_ms": 1,
            "confidence": 0.5,
            "channel": Channel.AGENT,
            "timestamp": earlier["timestamp"],
            "replaced_at": ANY,
        }
    ]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u00a0\u2003"])
def test_empty_answer_skips_an_optional_question(post, text):
    session = SessionFactory(vacancy__questions=2)
    session.vacancy.questions.update(required=False)
    session = SessionFactory(started=True, vacancy=session.vacancy)
    first, second = session.vacancy.questions.current()

    response = post(session, questionId=first.pk, answerText=text)

    assert response.status_code == 200
    assert response.json() == saved(first.pk, step(second, 2, total=2))
    assert [(row["answered"], row["answer_text"]) for row in rows()] == [(False, "")]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u00a0\u2003"])
def test_empty_answer_to_a_required_question_is_refused(post, session, text):
    question = session.vacancy.questions.get(order=1)

    response = post(session, questionId=question.pk, answerText=text)

    assert response.status_code == 400
    assert response.json() == {
        "code": "invalid",
        "detail": "answerText: this question must be answered; ask for an answer "
        "again.",
        "errors": {"answerText": ["This question must be answered."]},
    }
    assert rows() == []


def test_blanks_around_an_answer_stay_as_they_were_said(post, session):
    question = session.vacancy.questions.get(order=1)

    post(session, questionId=question.pk, answerText="  Да \n")

    assert [row["answer_text"] for row in rows()] == ["  Да \n"]


@pytest.mark.parametrize("length", [20_000, 20_001])
@pytest.mark.parametrize("unit", ["a", "я", "🙂aaa"])
def test_answer_length_is_counted_in_characters(post, session, unit, length):
    question = session.vacancy.questions.get(order=1)
    text = (unit * length)[:length]
    body = json.dumps(
        {"questionId": question.pk, "answerText": text}, ensure_ascii=False
    )

    response = post(session, body=body.encode())

    if length == 20_000:
        assert response.status_code == 200
        assert [row["answer_text"] for row in rows()] == [text]
    else:
        assert response.status_code == 400
        assert response.json() == {
            "code": "invalid",
            "detail": "answerText: Expected `str` of length <= 20000.",
            "errors": {"answerText": ["Expected `str` of length <= 20000."]},
        }
        assert rows() == []


# The field at fault, what is said of it, and the JSON that stands in its place.
BAD_FIELDS = [
    ("questionId", "Expected `int` >= 1.", b"0"),
    ("questionId", "Expected `int` >= 1.", b"-5"),
    ("questionId", "Expected `int`, got `float`.", b"1.5"),
    ("questionId", "Expected `int`, got `bool`.", b"true"),
    ("questionId", "Expected `int`, got `null`.", b"null"),
    ("questionId", "Expected `int`, got `str`.", b'"one"'),
    ("questionId", "Expected `int`, got `array`.", b"[1]"),
    ("questionId", "Expected `int`, got `object`.", b"{}"),
    ("questionId", f"Expected `int` <= {2**63 - 1}.", b"9223372036854775808"),
    ("questionId", "Integer value out of range.", b"9" * 5000),
    ("questionId", "Number out of range.", b"1e400"),
    ("questionId", STORABLE, b"NaN"),
    ("answerText", "Expected `str`, got `null`.", b"null"),
    ("answerText", "Expected `str`, got `int`.", b"5"),
    ("answerText", "Expected `str`, got `array`.", b'["a"]'),
    ("answerText", "Expected `str`, got `object`.", b"{}"),
    ("answerText", NUL, rb'"a\u0000b"'),
    ("answerText", STORABLE, rb'"\ud800"'),
    ("answerText", STORABLE, rb'"\udc00\ud800"'),
    ("answerText", STORABLE, b'"\xed\xa0\x80"'),
    ("audioUrl", URL_PATTERN, b'"javascript:alert(1)"'),
    ("audioUrl", URL_PATTERN, b'"ftp://example.com/a"'),
    ("audioUrl", URL_PATTERN, b'"data:audio/mp3;base64,AAAA"'),
    ("audioUrl", URL_PATTERN, b'"//example.com/a"'),
    ("audioUrl", URL_PATTERN, b'"https://"'),
    ("audioUrl", URL_PATTERN, b'" https://example.com"'),
    ("audioUrl", URL_PATTERN, b'"https://example.com/a b"'),
    ("audioUrl", URL_PATTERN, rb'"https://example.com/a\n"'),
    ("audioUrl", URL_PATTERN, rb'"x\nhttps://example.com/a"'),
    ("audioUrl", "Expected `str | null`, got `int`.", b"5"),
    ("audioUrl", NUL, rb'"https://example.com/\u0000"'),
    ("audioUrl", STORABLE, rb'"https://example.com/\ud800"'),
    (
        "audioUrl",
        "Expected `str` of length <= 2000.",
        b'"https://example.com/' + b"a" * 2000 + b'"',
    ),
    ("durationMs", "Expected `int` >= 0.", b"-1"),
    ("durationMs", f"Expected `int` <= {2**31 - 1}.", b"2147483648"),
    ("durationMs", "Expected `int | null`, got `float`.", b"12.7"),
    ("durationMs", "Expected `int | null`, got `bool`.", b"true"),
    ("durationMs", "Expected `int | null`, got `str`.", b'"long"'),
    ("durationMs", STORABLE, b"Infinity"),
    ("confidence", "Expected `float` >= 0.0.", b"-0.01"),
    ("confidence", "Expected `float` <= 1.0.", b"1.01"),
    ("confidence", "Expected `float` >= 0.0.", b'"nan"'),
    ("confidence", "Expected `float` <= 1.0.", b'"inf"'),
    ("confidence", "Number out of range.", b"1e400"),
    ("confidence", "Expected `float | null`, got `bool`.", b"true"),
    ("confidence", "Expected `float | null`, got `str`.", b'"high"'),
    ("confidence", STORABLE, b"NaN"),
    ("confidence", STORABLE, b"Infinity"),
    ("confidence", STORABLE, b"-Infinity"),
]


@pytest.mark.parametrize(("field", "message", "value"), BAD_FIELDS)
def test_answer_names_a_bad_field_and_stores_nothing(
    post, session, field, message, value
):
    question = session.vacancy.questions.get(order=1)
    members = {"questionId": b"%d" % question.pk, "answerText": b'"a"', field: value}
    body = b",".join(b'"%s":%s' % (k.encode(), v) for k, v in members.items())

    response = post(session, body=b"{" + body + b"}")

    assert response.status_code == 400
    assert response.json() == {
        "code": "invalid",
        "detail": f"{field}: {message}",
        "errors": {field: [message]},
    }
    assert rows() == []


@pytest.mark.parametrize("field", ["questionId", "answerText"])
def test_answer_names_a_missing_field(post, session, field):
    fields = {"questionId": session.vacancy.questions.first().pk, "answerText": "a"}
    del fields[field]

    response = post(session, **fields)

    assert response.status_code == 400
    assert response.json() == {
        "code": "invalid",
        "detail": f"{field}: This field is required.",
        "errors": {field: ["This field is required."]},
    }
    assert rows() == []


BAD_BODIES = [
    ("body", STORABLE, b"x"),
    ("body", STORABLE, b"\xff\xfe"),
    ("body", STORABLE, b"\xff{}"),
    ("body", STORABLE, b'\xef\xbb\xbf{"questionId":1,"answerText":"a"}'),
    ("body", STORABLE, '{"questionId":1,"answerText":"я"}'.encode("cp1251")),
    ("body", STORABLE, b'{"questionId":1,"answerText":"a"} and more'),
    ("body", STORABLE, b'{"questionId":1,"answerText":"a"'),
    ("body", STORABLE, b'{"questionId":1,"answerText":"a\x00"}'),
    ("body", STORABLE, rb'{"questionId":1,"answerText":"a","\ud800":1}'),
    ("body", STORABLE, rb'{"questionId":1,"answerText":"a","\ud800":NaN}'),
    ("body", STORABLE, b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    ("body", STORABLE, b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}"),
    ("body", "Expected `object`, got `array`.", b"[" * 60_000),
    ("body", "Expected `object`, got `array`.", b"[]"),
    ("body", "Expected `object`, got `str`.", b'"a"'),
    ("body", "Expected `object`, got `int`.", b"5"),
    ("body", "Expected `object`, got `null`.", b"null"),
    ("questionId", "This field is required.", b""),
    ("questionId", "This field is required.", b"{}"),
]


@pytest.mark.parametrize(("field", "message", "body"), BAD_BODIES)
def test_answer_refuses_a_body_that_is_no_answer(post, session, field, message, body):
    response = post(session, body=body)

    assert response.status_code == 400
    assert response.json() == {
        "code": "invalid",
        "detail": f"{field}: {message}",
        "errors": {field: [message]},
    }
    assert rows() == []


def test_answer_refuses_a_body_over_64_kib(post, session):
    question = session.vacancy.questions.first()
    fields = {"questionId": question.pk, "answerText": "a"}
    body = json.dumps(fields).encode()

    fits = post(session, body=body.ljust(MAX_BODY_BYTES))
    too_large = post(session, body=body.ljust(MAX_BODY_BYTES + 1))

    assert fits.status_code == 200
    assert too_large.status_code == 413
    assert too_large.json() == {
        "code": "too_large",
        "detail": "Send a body of at most 65536 bytes.",
    }


def test_answer_refuses_a_huge_body_without_storing(post, session):
    question = session.vacancy.questions.first()
    fields = {"questionId": question.pk, "answerText": "a" * 3_000_000}

    response = post(session, body=json.dumps(fields).encode())

    assert response.status_code == 413
    assert response.json() == {
        "code": "too_large",
        "detail": "Send a body of at most 65536 bytes.",
    }
    assert rows() == []


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "", "x"])
def test_answer_reads_json_whatever_the_headers_say(post, session, content_type):
    first, second, _ = session.vacancy.questions.current()
    body = json.dumps({"questionId": first.pk, "answerText": "a"}).encode()

    response = post(session, body=body, content_type=content_type)

    assert response.status_code == 200
    assert response.json() == saved(first.pk, step(second, 2))


def test_answer_takes_numbers_that_come_as_strings(post, session):
    first, second, _ = session.vacancy.questions.current()

    response = post(
        session,
        questionId=str(first.pk),
        answerText="a",
        durationMs="12",
        confidence="0.5",
        added="by a later version",
    )

    assert response.status_code == 200
    assert response.json() == saved(first.pk, step(second, 2))
    assert [(row["duration_ms"], row["confidence"]) for row in rows()] == [(12, 0.5)]


def test_answer_takes_null_for_what_is_optional(post, session):
    first, second, _ = session.vacancy.questions.current()

    response = post(
        session,
        questionId=first.pk,
        answerText="a",
        audioUrl=None,
        durationMs=None,
        confidence=None,
    )

    assert response.status_code == 200
    assert response.json() == saved(first.pk, step(second, 2))


def wrong_question(following):
    return {
        "code": "wrong_question",
        "detail": "This question does not belong to the interview; ask the question in "
        "next and send its questionId with the answer.",
        "next": following,
    }


def test_answer_to_a_question_of_another_vacancy_is_refused(post, session):
    first, second, _ = session.vacancy.questions.current()
    ProgressFactory(session=session, question=first)
    before = rows()

    response = post(session, questionId=QuestionFactory().pk, answerText="a")

    assert response.status_code == 409
    assert response.json() == wrong_question(step(second, 2))
    assert rows() == before


@pytest.mark.parametrize("question_id", [2**31, 2**63 - 1])
def test_answer_to_an_unknown_question_is_refused(post, session, question_id):
    first = session.vacancy.questions.get(order=1)

    response = post(session, questionId=question_id, answerText="a")

    assert response.status_code == 409
    assert response.json() == wrong_question(step(first, 1))
    assert rows() == []


def test_wrong_question_after_the_last_one_says_done(post):
    session = SessionFactory(started=True, vacancy__questions=1)
    ProgressFactory(session=session)
    before = rows()

    response = post(session, questionId=QuestionFactory().pk, answerText="a")

    assert response.status_code == 409
    assert response.json() == wrong_question(done(session))
    assert rows() == before


def test_answer_is_refused_when_the_interview_is_not_in_progress(post, closed_session):
    session, refusal = closed_session
    question = session.vacancy.questions.first()

    response = post(session, questionId=question.pk, answerText="a")

    assert response.status_code == 409
    assert response.json() == refusal
    assert rows() == []


def test_answer_of_a_call_that_was_replaced_is_not_found(post, session):
    InterviewSession.objects.update(conversation_id="conv_new")
    question = session.vacancy.questions.first()

    response = post(
        session,
        headers={"x-conversation-id": "conv_old"},
        questionId=question.pk,
        answerText="a",
    )

    assert response.status_code == 404
    assert response.json() == {"code": "not_found", "detail": "Not found."}
    assert rows() == []


@pytest.mark.django_db(transaction=True)
def test_answer_costs_two_statements_in_one_transaction(
    post, session, django_assert_num_queries
):
    question = session.vacancy.questions.first()
    script_by_id(session.script_id)

    # BEGIN and COMMIT are counted, too.
    with django_assert_num_queries(4) as queries:
        post(session, questionId=question.pk, answerText="a")

    words = [query["sql"].split()[0] for query in queries]
    assert words == ["BEGIN", "SELECT", "WITH", "COMMIT"]


@pytest.mark.django_db(transaction=True)
def test_first_answer_in_a_process_reads_the_script_once_more(
    post, session, django_assert_num_queries
):
    question = session.vacancy.questions.first()

    with django_assert_num_queries(5) as queries:
        post(session, questionId=question.pk, answerText="a")

    words = [query["sql"].split()[0] for query in queries]
    assert words == ["BEGIN", "SELECT", "SELECT", "WITH", "COMMIT"]

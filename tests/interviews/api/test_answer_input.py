"""POST /api/interview/{sessionId}/answer: what bodies it takes, and what it says of others."""

import json

import pytest

from core.api import MAX_BODY_BYTES
from interviews.models import InterviewProgress

pytestmark = pytest.mark.django_db

STORABLE = "Send a JSON object in UTF-8 with storable values."
URL_PATTERN = r"Expected `str` matching regex '^(https?://[^\\s\\x00]+)?(?!\\s)$'."
NUL = "Leave out the NUL character."


def rows():
    return list(InterviewProgress.objects.order_by("pk").values())


@pytest.mark.parametrize("length", [20_000, 20_001])
@pytest.mark.parametrize("unit", ["a", "я", "🙂aaa"])
def test_answer_length_is_counted_in_characters(post_answer, session, unit, length):
    question = session.vacancy.questions.get(order=1)
    text = (unit * length)[:length]
    body = json.dumps(
        {"questionId": question.pk, "answerText": text}, ensure_ascii=False
    )

    response = post_answer(session, body=body.encode())

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
    ("audioUrl", URL_PATTERN, rb'"https://example.com/\u0000"'),
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
    post_answer, session, field, message, value
):
    question = session.vacancy.questions.get(order=1)
    members = {"questionId": b"%d" % question.pk, "answerText": b'"a"', field: value}
    body = b",".join(b'"%s":%s' % (k.encode(), v) for k, v in members.items())

    response = post_answer(session, body=b"{" + body + b"}")

    assert response.status_code == 400
    assert response.json() == {
        "code": "invalid",
        "detail": f"{field}: {message}",
        "errors": {field: [message]},
    }
    assert rows() == []


@pytest.mark.parametrize("field", ["questionId", "answerText"])
def test_answer_names_a_missing_field(post_answer, session, field):
    fields = {"questionId": session.vacancy.questions.first().pk, "answerText": "a"}
    del fields[field]

    response = post_answer(session, **fields)

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
def test_answer_refuses_a_body_that_is_no_answer(
    post_answer, session, field, message, body
):
    response = post_answer(session, body=body)

    assert response.status_code == 400
    assert response.json() == {
        "code": "invalid",
        "detail": f"{field}: {message}",
        "errors": {field: [message]},
    }
    assert rows() == []


def test_answer_refuses_a_body_over_64_kib(post_answer, session):
    question = session.vacancy.questions.first()
    fields = {"questionId": question.pk, "answerText": "a"}
    body = json.dumps(fields).encode()

    fits = post_answer(session, body=body.ljust(MAX_BODY_BYTES))
    too_large = post_answer(session, body=body.ljust(MAX_BODY_BYTES + 1))

    assert fits.status_code == 200
    assert too_large.status_code == 413
    assert too_large.json() == {
        "code": "too_large",
        "detail": "Send a body of at most 65536 bytes.",
    }


def test_answer_refuses_a_huge_body_without_storing(post_answer, session):
    question = session.vacancy.questions.first()
    fields = {"questionId": question.pk, "answerText": "a" * 3_000_000}

    response = post_answer(session, body=json.dumps(fields).encode())

    assert response.status_code == 413
    assert response.json() == {
        "code": "too_large",
        "detail": "Send a body of at most 65536 bytes.",
    }
    assert rows() == []


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "", "x"])
def test_answer_reads_json_whatever_the_headers_say(post_answer, session, content_type):
    first, second, _ = session.vacancy.questions.current()
    body = json.dumps({"questionId": first.pk, "answerText": "a"}).encode()

    response = post_answer(session, body=body, content_type=content_type)

    assert response.status_code == 200
    assert response.json()["next"]["questionId"] == second.pk


def test_answer_takes_numbers_that_come_as_strings(post_answer, session):
    first, second, _ = session.vacancy.questions.current()

    response = post_answer(
        session,
        questionId=str(first.pk),
        answerText="a",
        durationMs="12",
        confidence="0.5",
        added="by a later version",
    )

    assert response.status_code == 200
    assert response.json()["next"]["questionId"] == second.pk
    assert [(row["duration_ms"], row["confidence"]) for row in rows()] == [(12, 0.5)]


def test_answer_takes_null_for_what_is_optional(post_answer, session):
    first, second, _ = session.vacancy.questions.current()

    response = post_answer(
        session,
        questionId=first.pk,
        answerText="a",
        audioUrl=None,
        durationMs=None,
        confidence=None,
    )

    assert response.status_code == 200
    assert response.json()["next"]["questionId"] == second.pk

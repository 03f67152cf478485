"""core.api: bodies, refusals and negotiation that every API of the portal shares."""

from io import BytesIO

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import Http404
from rest_framework.exceptions import MethodNotAllowed, ParseError, ValidationError

from core.api import (
    MAX_BODY_BYTES,
    BodyTooLarge,
    InvalidField,
    JSONParser,
    JSONRenderer,
    exception_handler,
    is_api_request,
    is_session_endpoint,
)
from core.exceptions import DomainError


class Broken:
    """A body whose reading fails."""

    def __init__(self, failure):
        self.failure = failure

    def read(self, size):
        raise self.failure


class QuestionRefused(DomainError):
    code = "question_refused"
    detail = "Ask another question."


@pytest.mark.parametrize(
    ("exception", "status", "body"),
    [
        (
            DomainError(),
            409,
            {"code": "refused", "detail": "This is not possible now."},
        ),
        (
            QuestionRefused(),
            409,
            {"code": "question_refused", "detail": "Ask another question."},
        ),
        (
            QuestionRefused("Ask the next one.", next=None),
            409,
            {"code": "question_refused", "detail": "Ask the next one.", "next": None},
        ),
        (
            InvalidField("answerText", "Too long."),
            400,
            {
                "code": "invalid",
                "detail": "answerText: Too long.",
                "errors": {"answerText": ["Too long."]},
            },
        ),
        (
            ValidationError({"a": ["First.", "Second."], "b": ["Third."]}),
            400,
            {
                "code": "invalid",
                "detail": "a: First.",
                "errors": {"a": ["First.", "Second."], "b": ["Third."]},
            },
        ),
        (
            BodyTooLarge(),
            413,
            {"code": "too_large", "detail": "Send a body of at most 65536 bytes."},
        ),
        (ParseError("Broken."), 400, {"code": "parse_error", "detail": "Broken."}),
        (Http404(), 404, {"code": "not_found", "detail": "Not found."}),
        (
            MethodNotAllowed("PUT"),
            405,
            {"code": "method_not_allowed", "detail": 'Method "PUT" not allowed.'},
        ),
    ],
)
def test_exception_handler_gives_every_refusal_one_form(exception, status, body):
    response = exception_handler(exception, {})

    assert response.status_code == status
    assert response.data == body


@pytest.mark.parametrize("exception", [OperationalError(), RuntimeError()])
def test_exception_handler_leaves_failures_to_others(exception):
    response = exception_handler(exception, {})

    assert response is None


def test_parser_returns_the_bytes():
    body = JSONParser().parse(BytesIO("я".encode()), "application/json")

    assert body == "я".encode()


@pytest.mark.parametrize(
    "media_type",
    ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"],
)
def test_parser_takes_a_form_for_no_body(media_type):
    body = JSONParser().parse(BytesIO(b"a=1"), media_type)

    assert dict(body) == {}


def test_parser_reads_64_kib_and_no_more():
    stream = BytesIO(b"a" * 200_000)

    with pytest.raises(BodyTooLarge):
        JSONParser().parse(stream)

    assert stream.tell() == MAX_BODY_BYTES + 1


@pytest.mark.parametrize(
    ("failure", "refusal"),
    [(RequestDataTooBig(), BodyTooLarge), (OSError("gone"), ParseError)],
)
def test_parser_turns_failures_of_reading_into_refusals(failure, refusal):
    with pytest.raises(refusal):
        JSONParser().parse(Broken(failure))


@pytest.mark.parametrize(
    ("data", "body"),
    [(None, b""), ({"text": "я", "n": None}, '{"text":"я","n":null}'.encode())],
)
def test_renderer_writes_compact_json(data, body):
    assert JSONRenderer().render(data) == body


@pytest.mark.parametrize(
    ("path", "is_api", "is_session"),
    [
        ("/api/interview/1/next", True, True),
        ("/api/schema", True, False),
        ("/interview/1", False, False),
        ("/admin/api/", False, False),
    ],
)
def test_paths_of_the_api_are_told_apart(rf, path, is_api, is_session):
    request = rf.get(path)

    assert is_api_request(request) == is_api
    assert is_session_endpoint(request) == is_session


def test_unknown_address_of_the_api_is_not_found_in_json(client):
    response = client.get("/api/nothing")

    assert response.status_code == 404
    assert response.json() == {
        "code": "not_found",
        "detail": "There is nothing here.",
    }

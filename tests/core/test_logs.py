"""core.logs: what may be written, and above all what may not."""

import json
import logging
import sys
from uuid import uuid4

import pytest

from core import middleware
from core.logs import JSONFormatter, RequestIdFilter, request_id
from interviews import turns
from tests.factories import CandidateFactory, SessionFactory

ANSWER = "Пять лет я руководил отделом"


@pytest.fixture
def log(caplog):
    """The log, with the filter and the formatter that the portal runs with."""
    with_id = RequestIdFilter()
    caplog.set_level(logging.INFO)
    caplog.handler.setFormatter(JSONFormatter())
    caplog.handler.addFilter(with_id)
    yield caplog
    caplog.handler.removeFilter(with_id)


def lines(log):
    return [json.loads(line) for line in log.text.splitlines()]


@pytest.fixture
def session(db):
    candidate = CandidateFactory(name="Инна Ларина", email="larina@example.com")
    return SessionFactory(started=True, candidate=candidate)


@pytest.fixture
def answer(client, session):
    """Post an answer with the headers given; a failure becomes a response."""
    client.raise_request_exception = False

    def call(headers):
        question = session.vacancy.questions.first()
        return client.post(
            f"/api/interview/{session.pk}/answer",
            {"questionId": question.pk, "answerText": ANSWER},
            content_type="application/json",
            headers=headers,
        )

    return call


@pytest.fixture
def secrets(session, agent_headers, settings):
    """Everything that must never stand in a log."""
    return [
        str(session.pk),
        session.pk.hex,
        session.candidate.name,
        session.candidate.email,
        ANSWER,
        agent_headers(session)["x-session-token"],
        settings.AGENT_API_KEY,
        "wrong-key",
    ]


def test_each_request_is_one_line_without_anything_personal(
    log, session, answer, agent_headers, secrets
):
    # Routine, and so written only for who asks for everything.
    log.set_level(logging.DEBUG, "parley.request")
    response = answer(agent_headers(session))

    [line] = lines(log)
    assert line == {
        "time": line["time"],
        "level": "DEBUG",
        "logger": "parley.request",
        "message": "request",
        "request_id": response.headers["X-Request-Id"],
        "method": "POST",
        "route": "api/interview/<uuid:session_id>/answer",
        "status": 200,
        "duration_ms": line["duration_ms"],
    }
    assert [secret for secret in secrets if secret in log.text] == []


def test_routine_call_is_no_line_and_a_refused_one_is(
    log, session, answer, agent_headers
):
    answer(agent_headers(session))
    answer({})

    assert [(line["level"], line["status"]) for line in lines(log)] == [("INFO", 401)]


def test_slow_call_is_a_line(log, session, answer, agent_headers, monkeypatch):
    monkeypatch.setattr(middleware, "SLOW_SECONDS", 0)

    answer(agent_headers(session))

    assert [(line["level"], line["status"]) for line in lines(log)] == [("INFO", 200)]


def test_each_request_has_an_id_of_its_own(client):
    first = client.get("/healthz", headers={"x-request-id": "from-outside"})
    second = client.get("/healthz", headers={"x-request-id": "from-outside"})

    ids = {first.headers["X-Request-Id"], second.headers["X-Request-Id"]}
    assert len(ids) == 2
    assert "from-outside" not in ids
    assert request_id.get() == ""


def break_turns(monkeypatch, failure):
    def fail(*args, **kwargs):
        raise failure

    monkeypatch.setattr(turns, "record_answer", fail)


def provoke(monkeypatch, session, headers):
    """Return the ways in which a call can fail: a status, and the headers for it."""
    text = f"{session.pk} {session.candidate.name} {ANSWER}"
    break_turns(monkeypatch, RuntimeError(text))
    return {500: headers, 401: headers | {"authorization": "Bearer wrong-key"}}


@pytest.mark.parametrize("status", [401, 500])
def test_failure_is_logged_without_anything_personal(
    log, session, answer, agent_headers, secrets, monkeypatch, status
):
    ways = provoke(monkeypatch, session, agent_headers(session))

    response = answer(ways[status])

    assert response.status_code == status
    assert {line["request_id"] for line in lines(log)} == {
        response.headers["X-Request-Id"]
    }
    assert [secret for secret in secrets if secret in log.text] == []


def test_failure_is_logged_with_where_it_happened(
    log, session, answer, agent_headers, monkeypatch
):
    break_turns(monkeypatch, RuntimeError(ANSWER))

    response = answer(agent_headers(session))

    error, request = lines(log)
    assert error["message"] == "Internal Server Error: /api/interview/[link]/answer"
    assert error["exception"].startswith("RuntimeError at ")
    assert error["exception"].count("test_logs.py") == 1
    assert request["status"] == response.status_code == 500


def test_bad_answer_and_database_trouble_are_logged_without_the_text(
    log, client, session, agent_headers, secrets
):
    client.post(
        f"/api/interview/{session.pk}/answer",
        {"questionId": 0, "answerText": ANSWER, "audioUrl": f"ftp://{session.pk}"},
        content_type="application/json",
        headers=agent_headers(session),
    )
    client.get(f"/api/interview/{session.pk}/nothing")
    client.get(f"/interview/{uuid4()}")

    assert [secret for secret in secrets if secret in log.text] == []


def record(message, *args, **extra):
    made = logging.makeLogRecord(extra)
    made.msg, made.args, made.name, made.levelname = message, args, "test", "INFO"
    made.created = 0.5
    return made


def test_formatter_masks_links_wherever_they_stand():
    link = str(uuid4())

    line = JSONFormatter().format(record("see %s", link.upper(), url=f"/x/{link}/y"))

    assert json.loads(line) == {
        "time": "1970-01-01T00:00:00.500000+00:00",
        "level": "INFO",
        "logger": "test",
        "message": "see [link]",
        "request_id": "",
        "url": "/x/[link]/y",
    }


def test_formatter_writes_one_line_whatever_the_message():
    line = JSONFormatter().format(record('a\nb "c" я', thing=object))

    assert line.count("\n") == 0
    assert json.loads(line)["message"] == 'a\nb "c" я'


def test_formatter_leaves_out_what_an_exception_says():
    try:
        int("нечто личное")
    except ValueError:
        failed = record("failed", exc_info=sys.exc_info())

    line = json.loads(JSONFormatter().format(failed))

    assert line["exception"].startswith(f"ValueError at {__file__}:")
    assert "личное" not in line["exception"]

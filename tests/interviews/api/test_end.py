"""POST /api/interview/{sessionId}/end"""

import pytest

from interviews.models import EventKind, InterviewSession, SessionStatus
from tests.factories import ProgressFactory, SessionFactory
from tests.interviews.api.conftest import A_DAY_LATER, CLOSED_STATES, DETAILS

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(client, agent_headers):
    """End an interview as the agent does."""

    def call(session, body=b"", headers=None, content_type="application/json"):
        return client.post(
            f"/api/interview/{session.pk}/end",
            body,
            content_type=content_type,
            headers=agent_headers(session) | (headers or {}),
        )

    return call


def wire_time(moment):
    return moment.isoformat().replace("+00:00", "Z")


def events(session):
    return list(session.events.values_list("kind", "detail"))


def test_end_finishes_the_interview(post, session):
    ProgressFactory(session=session)

    response = post(session, {"reason": "completed"})

    session.refresh_from_db()
    assert response.status_code == 200
    assert response.json() == {
        "finished": True,
        "finishedAt": wire_time(session.finished_at),
    }
    assert session.status == SessionStatus.FINISHED
    assert session.finish_reason == "completed"
    assert session.finished_at > session.started_at
    assert events(session) == [(EventKind.FINISHED, "completed")]


def test_end_with_questions_open_is_allowed(post, session):
    response = post(session, {"reason": "candidate_left"})

    session.refresh_from_db()
    assert response.status_code == 200
    assert session.finish_reason == "candidate_left"
    assert session.answers.count() == 0


def test_end_repeated_gives_the_same_and_changes_nothing(post, session):
    first = post(session, {"reason": "completed"})
    before = InterviewSession.objects.values().get()

    second = post(session, {"reason": "candidate_left"})

    assert second.status_code == 200
    assert second.json() == first.json()
    assert InterviewSession.objects.values().get() == before
    assert events(session) == [(EventKind.FINISHED, "completed")]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/json"),
        (b"", ""),
        (b"{}", "application/json"),
        (b"reason=completed", "application/x-www-form-urlencoded"),
        (b'{"reason": ""}', "text/plain"),
        (b'{"note": "of a later version"}', "application/json"),
    ],
)
def test_end_needs_no_reason(post, session, body, content_type):
    response = post(session, body, content_type=content_type)

    session.refresh_from_db()
    assert response.status_code == 200
    assert session.finish_reason == ""


@pytest.mark.parametrize(
    ("field", "message", "body"),
    [
        ("reason", "Expected `str`, got `int`.", b'{"reason": 5}'),
        ("reason", "Expected `str`, got `null`.", b'{"reason": null}'),
        ("reason", "Leave out the NUL character.", rb'{"reason": "\u0000"}'),
        (
            "reason",
            "Send a JSON object in UTF-8 with storable values.",
            rb'{"reason": "\ud800"}',
        ),
        (
            "reason",
            "Expected `str` of length <= 100.",
            b'{"reason": "' + b"a" * 101 + b'"}',
        ),
        ("body", "Expected `object`, got `array`.", b"[]"),
        ("body", "Send a JSON object in UTF-8 with storable values.", b"x"),
    ],
)
def test_end_names_a_bad_field_and_ends_nothing(post, session, field, message, body):
    response = post(session, body)

    session.refresh_from_db()
    assert response.status_code == 400
    assert response.json() == {
        "code": "invalid",
        "detail": f"{field}: {message}",
        "errors": {field: [message]},
    }
    assert session.finished_at is None


def test_end_takes_a_reason_of_100_characters(post, session):
    response = post(session, {"reason": "я" * 100})

    session.refresh_from_db()
    assert response.status_code == 200
    assert session.finish_reason == "я" * 100
    assert events(session) == [(EventKind.FINISHED, "я" * 100)]


def test_end_refuses_a_body_over_64_kib(post, session):
    response = post(session, b"{}".ljust(64 * 1024 + 1))

    session.refresh_from_db()
    assert response.status_code == 413
    assert response.json() == {
        "code": "too_large",
        "detail": "Send a body of at most 65536 bytes.",
    }
    assert session.finished_at is None


@pytest.mark.parametrize("state", ["not_started", "expired", "cancelled"])
def test_end_is_refused_when_the_interview_is_not_in_progress(post, state):
    session = SessionFactory(**CLOSED_STATES[state])

    response = post(session)

    session.refresh_from_db()
    assert response.status_code == 409
    assert response.json() == {"code": state, "detail": DETAILS[state], "next": None}
    assert session.finished_at is None
    assert events(session) == []


def test_end_of_a_finished_interview_says_when_it_finished(post):
    session = SessionFactory(**CLOSED_STATES["finished"])

    response = post(session)

    assert response.status_code == 200
    assert response.json() == {
        "finished": True,
        "finishedAt": wire_time(A_DAY_LATER),
    }


@pytest.mark.parametrize("conversation_id", ["conv_old", "conv_new-", "Conv_new"])
def test_end_of_a_call_that_was_replaced_is_not_found(post, session, conversation_id):
    InterviewSession.objects.update(conversation_id="conv_new")

    response = post(session, headers={"x-conversation-id": conversation_id})

    session.refresh_from_db()
    assert response.status_code == 404
    assert response.json() == {"code": "not_found", "detail": "Not found."}
    assert session.finished_at is None


@pytest.mark.parametrize("conversation_id", ["conv_new", ""])
def test_end_of_the_call_in_hand_is_accepted(post, session, conversation_id):
    InterviewSession.objects.update(conversation_id="conv_new")

    response = post(session, headers={"x-conversation-id": conversation_id})

    session.refresh_from_db()
    assert response.status_code == 200
    assert session.status == SessionStatus.FINISHED


def test_end_costs_one_query(post, session, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = post(session)

    assert response.status_code == 200


def test_end_repeated_costs_two_queries(post, session, django_assert_num_queries):
    post(session)

    with django_assert_num_queries(2):
        response = post(session)

    assert response.status_code == 200

"""POST /api/interview/{sessionId}/call: what the candidate's page saw of a call."""

import pytest

from interviews.models import EventKind
from interviews.tokens import cookie_name, mint_token
from tests.factories import SessionFactory
from tests.interviews.api.conftest import CLOSED_STATES

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(client):
    """Report as the candidate's page does."""

    def call(session, body):
        client.cookies[cookie_name(session.pk)] = mint_token(session.pk)
        return client.post(
            f"/api/interview/{session.pk}/call", body, content_type="application/json"
        )

    return call


def events(session):
    return list(session.events.values_list("kind", "detail"))


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("error", EventKind.CALL_FAILED),
        ("disconnected", EventKind.CALL_DISCONNECTED),
    ],
)
def test_call_is_noted(post, session, event, kind):
    response = post(session, {"event": event, "reason": "agent", "detail": "Конец"})

    assert response.status_code == 200
    assert response.json() == {"noted": True}
    assert events(session) == [(kind, "agent Конец")]


def test_living_call_renews_its_place_and_writes_nothing(post, session):
    response = post(session, {"event": "alive"})

    assert response.status_code == 200
    assert events(session) == []


def test_connected_call_holds_the_session(post, session, agent_headers, client):
    response = post(session, {"event": "connected", "conversationId": "conv_1"})

    older = client.get(
        f"/api/interview/{session.pk}/next",
        headers=agent_headers(session) | {"x-conversation-id": "conv_0"},
    )
    session.refresh_from_db()
    assert response.status_code == 200
    assert session.conversation_id == "conv_1"
    assert older.status_code == 404


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("event", {}),
        ("event", {"event": "exploded"}),
        ("conversationId", {"event": "connected"}),
        ("conversationId", {"event": "connected", "conversationId": "a b"}),
        ("conversationId", {"event": "connected", "conversationId": "a\n"}),
        ("conversationId", {"event": "connected", "conversationId": "a" * 101}),
        ("reason", {"event": "error", "reason": "a" * 51}),
        ("detail", {"event": "error", "detail": "a" * 501}),
        ("detail", {"event": "error", "detail": "\0"}),
    ],
)
def test_call_names_a_bad_field_and_notes_nothing(post, session, field, body):
    response = post(session, body)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert events(session) == []


@pytest.mark.parametrize("state", CLOSED_STATES)
def test_call_is_refused_when_the_interview_is_not_in_progress(post, state):
    session = SessionFactory(**CLOSED_STATES[state])

    response = post(session, {"event": "disconnected"})

    assert response.status_code == 409
    assert response.json() == {
        "code": "not_available",
        "detail": "This interview cannot be started now.",
    }
    assert events(session) == []


def test_agent_cannot_report_a_call(client, session, agent_headers):
    response = client.post(
        f"/api/interview/{session.pk}/call",
        {"event": "disconnected"},
        content_type="application/json",
        headers=agent_headers(session),
    )

    assert response.status_code == 401
    assert events(session) == []

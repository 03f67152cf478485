"""POST /api/interview/{sessionId}/call: what the candidate's page saw of a call."""

import pytest

from interviews.models import EventKind
from interviews.pacing import take_over
from interviews.tokens import cookie_name, mint_token
from tests.factories import SessionFactory
from tests.interviews.api.conftest import CLOSED_STATES
from voice import admission
from voice.models import Place

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


@pytest.fixture
def held(session, settings):
    """Return a session whose call is conv_2, after conv_1, and has its place."""
    settings.ELEVENLABS_MAX_CALLS = 1
    session.conversation_id = "conv_2"
    session.save()
    admission.ask(session.pk)
    return session


@pytest.mark.parametrize("event", ["connected", "alive", "error", "disconnected"])
def test_page_of_an_older_call_is_told_and_changes_nothing(post, held, event):
    before = Place.objects.get().lease_until

    response = post(held, {"event": event, "conversationId": "conv_1"})

    held.refresh_from_db()
    assert response.status_code == 409
    assert response.json() == {
        "code": "replaced",
        "detail": "Another page holds this interview's call now; end this one.",
    }
    assert Place.objects.get().lease_until == before
    assert held.conversation_id == "conv_2"
    assert events(held) == []


@pytest.mark.parametrize("conversation_id", ["conv_2", ""])
def test_end_of_the_present_call_gives_its_place_back(post, held, conversation_id):
    body = {"event": "disconnected", "conversationId": conversation_id}

    response = post(held, body)

    assert response.status_code == 200
    assert not Place.objects.exists()
    assert events(held) == [(EventKind.CALL_DISCONNECTED, "")]


def test_call_is_told_that_the_interview_goes_on_in_writing(post, held):
    """Its end is still its own to report: the place must be given back."""
    take_over(session=held, page_id="page-1")

    alive = post(held, {"event": "alive", "conversationId": "conv_2"})
    ended = post(held, {"event": "disconnected", "conversationId": "conv_2"})

    assert (alive.status_code, alive.json()["code"]) == (409, "replaced")
    assert ended.status_code == 200
    assert not Place.objects.exists()


def test_call_that_the_portal_cannot_name_is_nobodys_but_the_pages(post, session):
    response = post(session, {"event": "alive", "conversationId": "conv_1"})

    assert response.status_code == 200


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

"""The page that embeds the voice agent."""

import json

import pytest
from django.urls import reverse

from interviews.tokens import cookie_name, mint_token, read_token
from tests.factories import ProgressFactory, SessionFactory
from tests.interviews.test_views import content_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent_page(client, settings):
    """Return what a candidate's browser gets where an agent is configured."""
    settings.ELEVENLABS_API_KEY = "key"

    def get(session, query=""):
        client.cookies[cookie_name(session.pk)] = mint_token(session.pk)
        return client.get(session.get_absolute_url() + query)

    return get


def test_page_embeds_the_agent_with_the_variables_of_the_session(agent_page):
    session = SessionFactory(started=True, candidate__name="Анна «А» <b>")

    response = agent_page(session)

    element = response.context["agent"]
    variables = json.loads(element["dynamic_variables_json"])
    assert read_token(variables.pop("secret__session_token")) == session.pk
    assert variables == {
        "session_id": str(session.pk),
        "current_question_id": "none",
        "candidate_name": "Анна «А» <b>",
        "vacancy_title": session.vacancy.title,
        "greeting": "Hello! It is good to have you here.",
        "interview_language": "en",
        "question_count": 3,
        "is_returning": "no",
    }
    assert "<elevenlabs-convai" in response.content.decode()
    assert "<b>" not in response.content.decode()


def test_page_holds_no_question_at_all(agent_page):
    session = SessionFactory(started=True)

    body = agent_page(session).content.decode()

    assert not [q.text for q in session.vacancy.questions.all() if q.text in body]


def test_only_this_page_may_style_itself_and_call_the_vendor(agent_page):
    session = SessionFactory(started=True)

    with_agent = content_policy(agent_page(session))
    in_writing = content_policy(agent_page(session, "?writing"))

    assert with_agent == in_writing | {
        "style-src": {"'self'", "'unsafe-inline'"},
        "connect-src": {
            "'self'",
            "https://api.elevenlabs.io",
            "https://api.us.elevenlabs.io",
            "wss://api.elevenlabs.io",
            "wss://api.us.elevenlabs.io",
        },
    }
    assert in_writing["style-src"] == in_writing["connect-src"] == {"'self'"}


def test_a_candidate_may_continue_in_writing_and_back(agent_page):
    session = SessionFactory(started=True)

    assert "?writing" in agent_page(session).content.decode()
    written = agent_page(session, "?writing")
    assert written.templates[0].name == "interviews/question.html"
    assert f'href="{session.get_absolute_url()}"' in written.content.decode()


def test_answer_that_cannot_be_taken_stays_in_writing(agent_page, client):
    session = SessionFactory(started=True)
    agent_page(session)

    response = client.post(
        reverse("interviews:answer", args=[session.pk]),
        {"question": session.vacancy.questions.first().pk, "text": ""},
    )

    assert response.status_code == 422
    assert response.templates[0].name == "interviews/question.html"


def test_returning_candidate_is_greeted_as_one(agent_page):
    session = SessionFactory(started=True)
    ProgressFactory(session=session)

    element = agent_page(session).context["agent"]

    assert '"is_returning": "yes"' in element["dynamic_variables_json"]


def test_call_events_reach_the_timeline_and_bind_the_conversation(client):
    session = SessionFactory(started=True)
    client.cookies[cookie_name(session.pk)] = mint_token(session.pk)
    address = reverse("api:call", args=[session.pk])

    responses = [
        client.post(address, body, content_type="application/json").status_code
        for body in (
            {"event": "starting"},
            {"event": "connected", "conversationId": "conv_1"},
            {"event": "disconnected", "reason": "error", "detail": "code 1011"},
        )
    ]

    session.refresh_from_db()
    assert responses == [200, 200, 200]
    assert session.conversation_id == "conv_1"
    assert list(session.events.values_list("kind", "detail")) == [
        ("call_starting", ""),
        ("call_connected", ""),
        ("call_disconnected", "error code 1011"),
    ]


def test_conversation_of_another_session_cannot_be_claimed(client):
    theirs, ours = SessionFactory(started=True), SessionFactory(started=True)
    theirs.conversations.create(id="conv_1")
    client.cookies[cookie_name(ours.pk)] = mint_token(ours.pk)

    client.post(
        reverse("api:call", args=[ours.pk]),
        {"event": "connected", "conversationId": "conv_1"},
        content_type="application/json",
    )

    ours.refresh_from_db()
    assert ours.conversation_id == ""


def test_call_events_are_the_candidates_alone(client, agent_headers):
    session = SessionFactory(started=True)

    response = client.post(
        f"/api/interview/{session.pk}/call",
        {"event": "starting"},
        content_type="application/json",
        headers=agent_headers(session),
    )

    assert response.status_code == 401
    assert not session.events.exists()

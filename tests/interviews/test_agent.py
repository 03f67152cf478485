"""The page that embeds the voice agent."""

import json

import pytest
from django.urls import reverse

from interviews import agent
from interviews.tokens import cookie_name, mint_token, read_token
from interviews.turns import next_step
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


def test_page_describes_the_element_and_no_variable_of_a_call(agent_page):
    session = SessionFactory(started=True, candidate__name="Анна «А» <b>")

    response = agent_page(session)

    body = response.content.decode()
    assert json.loads(response.context["agent"]["config_json"])["language"] == "en"
    assert f'data-start-url="/api/interview/{session.pk}/call/start"' in body
    assert "signed-url" not in body
    assert mint_token(session.pk) not in body


def test_variables_of_a_call_hold_the_token_and_no_question():
    session = SessionFactory(started=True, candidate__name="Анна «А» <b>")

    variables = agent.dynamic_variables(session, next_step(session.pk))

    assert read_token(variables.pop("secret__session_token")) == session.pk
    assert variables == {
        "session_id": str(session.pk),
        "current_question_id": "none",
        "candidate_name": "Анна «А» <b>",
        "vacancy_title": session.vacancy.title,
        "greeting": "Hello! It is good to have you here.",
        "opening": "Hello! It is good to have you here. I have 3 questions for you. "
        "Take all the time you need.",
        "interview_language": "en",
        "question_count": 3,
        "is_returning": "no",
    }


def test_page_holds_no_question_at_all(agent_page):
    session = SessionFactory(started=True)

    body = agent_page(session).content.decode()

    assert not [q.text for q in session.vacancy.questions.all() if q.text in body]


def test_only_this_page_may_style_itself_and_call_the_vendor(agent_page):
    session = SessionFactory(started=True)

    with_agent = content_policy(agent_page(session))
    in_writing = content_policy(agent_page(session, "?writing"))

    # In writing there is also one's own recording, to be heard before it is sent.
    assert in_writing.pop("media-src") == {"'self'", "blob:"}
    assert with_agent.pop("media-src") == {"'self'"}
    assert with_agent == in_writing | {
        "style-src": {"'self'", "'unsafe-inline'"},
        "connect-src": {
            "'self'",
            "wss://api.elevenlabs.io",
            "wss://api.us.elevenlabs.io",
            "wss://api.eu.residency.elevenlabs.io",
            "wss://api.in.residency.elevenlabs.io",
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


def test_returning_candidate_is_greeted_as_one():
    session = SessionFactory(started=True)
    ProgressFactory(session=session)

    variables = agent.dynamic_variables(session, next_step(session.pk))

    assert variables["is_returning"] == "yes"
    assert variables["opening"] == (
        "Welcome back! Your answers so far are kept, and we go on with question 2 of 3."
    )


def test_opening_speaks_the_language_of_the_interview():
    session = SessionFactory(started=True, vacancy__language="ru")

    variables = agent.dynamic_variables(session, next_step(session.pk))

    assert "3 вопроса" in variables["opening"]


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
        {"event": "disconnected"},
        content_type="application/json",
        headers=agent_headers(session),
    )

    assert response.status_code == 401
    assert not session.events.exists()

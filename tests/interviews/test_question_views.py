"""The built-in interviewer's page: takeover, more time, check, practice."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from interviews.models import EventKind, InterviewProgress, SessionEvent
from interviews.tokens import cookie_name, mint_token
from tests.factories import (
    ProgressFactory,
    QuestionFactory,
    SessionFactory,
    VacancyFactory,
)

pytestmark = pytest.mark.django_db
PAGES = ["check", "practice", "here", "more_time"]


def url(name, session):
    return reverse(f"interviews:{name}", args=[session.pk])


@pytest.fixture
def session():
    vacancy = VacancyFactory()
    QuestionFactory(vacancy=vacancy, order=1, time_limit_seconds=60, retakes=2)
    QuestionFactory(vacancy=vacancy, order=2)
    return SessionFactory(vacancy=vacancy, started=True)


@pytest.fixture
def candidate(client, session):
    client.cookies[cookie_name(session.pk)] = mint_token(session.pk)
    return client


def first_question(session):
    return session.vacancy.questions.get(order=1)


def post_answer(candidate, session, **fields):
    question = first_question(session).pk
    data = {"question": question, "text": "An answer", "save": "1"} | fields
    return candidate.post(url("answer", session), data)


def stored():
    return list(InterviewProgress.objects.values_list("answer_text", flat=True))


# One page at a time


def test_last_page_that_announces_itself_is_the_one_that_writes(candidate, session):
    first, second = str(uuid4()), str(uuid4())
    for page in (first, second):
        assert candidate.post(url("here", session), {"page": page}).status_code == 200

    late = post_answer(candidate, session, page=first, text="from the first")
    before = stored()
    response = post_answer(candidate, session, page=second, text="from the second")

    assert (late.status_code, late.templates[0].name) == (
        409,
        "interviews/elsewhere.html",
    )
    assert response.status_code == 302
    assert (before, stored()) == ([], ["from the second"])


def test_page_without_javascript_has_no_id_and_writes(candidate, session):
    candidate.post(url("here", session), {"page": "another"})

    post_answer(candidate, session, page="", text="plain")

    assert stored() == ["plain"]


@pytest.mark.parametrize("page", ["x" * 37, "nul\0"])
def test_page_id_that_is_none_changes_nothing(candidate, session, page):
    response = candidate.post(url("here", session), {"page": page})

    session.refresh_from_db()
    assert (response.status_code, session.page_id) == (409, "")


# More time


def test_more_time_is_given_once_for_a_question(candidate, session):
    first = candidate.post(url("more_time", session))
    again = candidate.post(url("more_time", session))

    assert (first.status_code, again.status_code) == (200, 409)
    assert (first.json(), again.json()) == ({"given": True}, {"given": False})
    [event] = SessionEvent.objects.filter(kind=EventKind.MORE_TIME)
    assert event.detail == str(first_question(session).pk)


def test_question_without_a_limit_has_no_more_time(candidate, session):
    ProgressFactory(session=session, question=first_question(session))

    response = candidate.post(url("more_time", session))

    assert response.json() == {"given": False}
    assert not SessionEvent.objects.filter(kind=EventKind.MORE_TIME).exists()


@pytest.mark.parametrize("taken", [False, True])
def test_page_knows_the_limit_the_retakes_and_whether_there_was_more_time(
    candidate, session, taken
):
    if taken:
        candidate.post(url("more_time", session))

    page = candidate.get(session.get_absolute_url()).content.decode()

    told = re.findall(
        r"data-(limit-seconds|retakes-left|more-time-taken)(?:=\"(\d+)\")?", page
    )
    expected = [("retakes-left", "3"), ("limit-seconds", "60")]
    assert told == expected + [("more-time-taken", "")] * taken


# Check and practice


@pytest.mark.parametrize("name", ["check", "practice"])
def test_page_before_the_first_question_asks_nothing_of_the_script(
    candidate, session, name
):
    response = candidate.get(url(name, session))

    assert response.status_code == 200
    assert first_question(session).text not in response.content.decode()
    assert response["Permissions-Policy"].endswith("microphone=(self)")


def test_practice_stores_nothing(candidate, session):
    response = candidate.post(
        url("practice", session), {"question": "0", "text": "На даче 🙂", "save": "1"}
    )

    assert response.templates[0].name == "interviews/practised.html"
    assert stored() == []


@pytest.mark.parametrize("name", PAGES)
def test_another_browser_is_led_to_the_link(client, session, name):
    method = client.get if name in {"check", "practice"} else client.post

    response = method(url(name, session))

    assert response.status_code == (302 if name in {"check", "practice"} else 409)
    session.refresh_from_db()
    assert (session.page_id, session.events.count()) == ("", 0)


@pytest.mark.parametrize("name", PAGES)
def test_cookie_of_another_session_opens_nothing(candidate, name):
    other = SessionFactory(started=True)
    method = candidate.get if name in {"check", "practice"} else candidate.post

    response = method(url(name, other), {"page": "mine"})

    other.refresh_from_db()
    assert response.status_code in {302, 409}
    assert other.page_id == ""


def test_answer_needs_words_a_recording_or_a_skip(candidate, session):
    response = post_answer(candidate, session, text="", take="")

    assert response.status_code == 422
    assert "Please write an answer" in response.content.decode()


def test_take_that_is_no_id_is_explained_and_nothing_is_stored(candidate, session):
    response = post_answer(candidate, session, text="", take="no-uuid")

    assert (response.status_code, stored()) == (422, [])

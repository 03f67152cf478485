"""GET /api/interview/{sessionId}/next"""

import pytest

from interviews.models import InterviewProgress
from tests.factories import ProgressFactory, SessionFactory, VacancyFactory

pytestmark = pytest.mark.django_db


def test_next_returns_the_first_question(client, agent_headers, session):
    question = session.vacancy.questions.get(order=1)

    response = client.get(
        f"/api/interview/{session.pk}/next", headers=agent_headers(session)
    )

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.json() == {
        "done": False,
        "questionId": question.pk,
        "text": question.text,
        "position": 1,
        "total": 3,
    }


def test_next_is_the_same_until_the_question_is_answered(
    client, agent_headers, session
):
    url = f"/api/interview/{session.pk}/next"

    first = client.get(url, headers=agent_headers(session))
    second = client.get(url, headers=agent_headers(session))

    assert second.content == first.content
    assert InterviewProgress.objects.count() == 0


def test_next_returns_the_first_hole(client, agent_headers, session):
    first, second, third = session.vacancy.questions.current()
    ProgressFactory(session=session, question=first)
    ProgressFactory(session=session, question=third)

    response = client.get(
        f"/api/interview/{session.pk}/next", headers=agent_headers(session)
    )

    assert response.json() == {
        "done": False,
        "questionId": second.pk,
        "text": second.text,
        "position": 2,
        "total": 3,
    }


def test_next_is_done_when_all_is_answered(client, agent_headers):
    vacancy = VacancyFactory(questions=1, closing="До свидания!")
    session = ProgressFactory(
        session=SessionFactory(started=True, vacancy=vacancy)
    ).session

    response = client.get(
        f"/api/interview/{session.pk}/next", headers=agent_headers(session)
    )

    assert response.status_code == 200
    assert response.json() == {
        "done": True,
        "questionId": None,
        "text": "До свидания!",
        "position": None,
        "total": 1,
    }


def test_next_says_goodbye_in_the_language_of_the_vacancy(client, agent_headers):
    vacancy = VacancyFactory(questions=1, language="ru")
    session = ProgressFactory(
        session=SessionFactory(started=True, vacancy=vacancy)
    ).session

    response = client.get(
        f"/api/interview/{session.pk}/next",
        headers=agent_headers(session) | {"accept-language": "de"},
    )

    assert response.json() == {
        "done": True,
        "questionId": None,
        "text": session.script.content["closing"],
        "position": None,
        "total": 1,
    }


def test_next_writes_cyrillic_as_it_is(client, agent_headers):
    vacancy = VacancyFactory()
    vacancy.questions.create(text="Расскажите о себе 🙂", order=1)
    session = SessionFactory(started=True, vacancy=vacancy)

    response = client.get(
        f"/api/interview/{session.pk}/next", headers=agent_headers(session)
    )

    assert "Расскажите о себе 🙂".encode() in response.content


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", ""])
def test_next_gives_json_whatever_is_asked_for(client, agent_headers, session, accept):
    response = client.get(
        f"/api/interview/{session.pk}/next",
        headers=agent_headers(session, accept=accept),
    )

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"


def test_next_is_refused_when_the_interview_is_not_in_progress(
    client, agent_headers, closed_session
):
    session, refusal = closed_session

    response = client.get(
        f"/api/interview/{session.pk}/next", headers=agent_headers(session)
    )

    assert response.status_code == 409
    assert response.json() == refusal


def test_next_costs_one_query(
    client, agent_headers, session, django_assert_num_queries
):
    headers = agent_headers(session)
    client.get(f"/api/interview/{session.pk}/next", headers=headers)

    with django_assert_num_queries(1):
        response = client.get(f"/api/interview/{session.pk}/next", headers=headers)

    assert response.status_code == 200


def test_next_reads_the_script_only_once_in_a_process(
    client, agent_headers, django_assert_num_queries
):
    session = SessionFactory(started=True)
    other = SessionFactory(started=True, vacancy=session.vacancy)

    with django_assert_num_queries(2):
        client.get(f"/api/interview/{session.pk}/next", headers=agent_headers(session))
    with django_assert_num_queries(1):
        client.get(f"/api/interview/{other.pk}/next", headers=agent_headers(other))


def test_next_takes_no_post(client, agent_headers, session):
    response = client.post(
        f"/api/interview/{session.pk}/next", headers=agent_headers(session)
    )

    assert response.status_code == 405
    assert response.json() == {
        "code": "method_not_allowed",
        "detail": 'Method "POST" not allowed.',
    }


@pytest.mark.parametrize("name", ["1", "nonsense", "%00", "a" * 36])
def test_next_of_a_link_that_is_none_is_not_found(client, name):
    response = client.get(f"/api/interview/{name}/next")

    assert response.status_code == 404
    assert response.json() == {
        "code": "not_found",
        "detail": "There is nothing here.",
    }

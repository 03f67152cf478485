"""Inviting candidates from the admin."""

import pytest
from django.urls import reverse

from candidates.models import Candidate
from interviews.models import InterviewSession
from tests.factories import (
    CandidateFactory,
    SessionFactory,
    UserFactory,
    VacancyFactory,
)
from vacancies.models import VacancyStatus

pytestmark = pytest.mark.django_db

INVITE = "/admin/interviews/interviewsession/invite/"
LINKS = f"{INVITE}links/"


def errors(response):
    return response.context["form"].errors


def test_several_candidates_are_invited(hr_client):
    vacancy = VacancyFactory(questions=1)
    one, other = CandidateFactory.create_batch(2)

    response = hr_client.post(
        INVITE, {"vacancy": vacancy.pk, "candidates": [one.pk, other.pk]}, follow=True
    )

    sessions = InterviewSession.objects.filter(vacancy=vacancy)
    assert {session.candidate for session in sessions} == {one, other}
    for session in sessions:
        assert f"http://testserver/interview/{session.pk}" in response.text


def test_somebody_new_is_invited(hr_client):
    vacancy = VacancyFactory()

    hr_client.post(
        INVITE, {"vacancy": vacancy.pk, "name": "Anna", "email": "anna@example.com"}
    )

    session = InterviewSession.objects.get()
    assert (session.vacancy, session.candidate.name, session.candidate.email) == (
        vacancy,
        "Anna",
        "anna@example.com",
    )


def test_a_known_address_is_the_candidate_on_file(hr_client):
    vacancy = VacancyFactory()
    known = CandidateFactory(name="Anna", email="anna@example.com")

    hr_client.post(
        INVITE, {"vacancy": vacancy.pk, "name": "Ann", "email": "ANNA@example.com"}
    )

    assert InterviewSession.objects.get().candidate == known
    assert Candidate.objects.get().name == "Anna"


def test_a_second_invitation_gives_the_same_link(hr_client):
    session = SessionFactory()

    response = hr_client.post(
        INVITE,
        {"vacancy": session.vacancy_id, "candidates": [session.candidate_id]},
        follow=True,
    )

    assert InterviewSession.objects.get() == session
    assert f"http://testserver/interview/{session.pk}" in response.text


def test_the_page_knows_where_it_was_opened_from(hr_client):
    vacancy = VacancyFactory(title="Baker")
    candidate = CandidateFactory(name="Anna", email="anna@example.com")

    page = hr_client.get(
        INVITE, {"vacancy": vacancy.pk, "candidates": candidate.pk}
    ).text

    assert "Baker" in page
    assert "Anna · anna@example.com" in page


def test_a_draft_may_be_invited_to_with_a_warning(hr_client):
    vacancy = VacancyFactory(status=VacancyStatus.DRAFT)
    candidate = CandidateFactory()

    before = hr_client.get(INVITE, {"vacancy": vacancy.pk})
    after = hr_client.post(
        INVITE, {"vacancy": vacancy.pk, "candidates": [candidate.pk]}, follow=True
    )

    assert "still a draft" in before.text
    assert "still a draft" in after.text
    assert InterviewSession.objects.count() == 1


def test_a_closed_vacancy_is_not_invited_to(hr_client):
    vacancy = VacancyFactory(status=VacancyStatus.CLOSED)
    candidate = CandidateFactory()

    page = hr_client.get(INVITE, {"vacancy": vacancy.pk}, follow=True)
    posted = hr_client.post(
        INVITE, {"vacancy": vacancy.pk, "candidates": [candidate.pk]}
    )

    assert "This vacancy is closed." in page.text
    assert errors(posted) == {"vacancy": ["Choose a vacancy that is not closed."]}
    assert not InterviewSession.objects.exists()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"__all__": ["Choose at least one candidate."]}),
        ({"name": "Anna"}, {"email": ["Needed for a new candidate."]}),
        ({"email": "anna@example.com"}, {"name": ["Needed for a new candidate."]}),
        (
            {"name": "Anna", "email": "anna"},
            {"email": ["Enter a valid email address."]},
        ),
    ],
)
def test_whom_to_invite_must_be_clear(hr_client, fields, expected):
    response = hr_client.post(INVITE, {"vacancy": VacancyFactory().pk} | fields)

    assert errors(response) == expected
    assert not InterviewSession.objects.exists()


@pytest.mark.parametrize("query", ["иванова", "ANNA@", "anna@example"])
def test_candidates_are_found_as_one_types(hr_client, query):
    candidate = CandidateFactory(name="Анна Иванова", email="anna@example.com")
    CandidateFactory()

    response = hr_client.get(f"{INVITE}candidates/", {"term": query})

    assert response.json() == {
        "results": [
            {"id": str(candidate.pk), "text": "Анна Иванова · anna@example.com"}
        ],
        "pagination": {"more": False},
    }


def test_candidates_come_in_pages(hr_client):
    CandidateFactory.create_batch(25)

    first, second = (
        hr_client.get(f"{INVITE}candidates/", {"page": page}).json() for page in (1, 2)
    )

    assert (len(first["results"]), first["pagination"]) == (20, {"more": True})
    assert (len(second["results"]), second["pagination"]) == (5, {"more": False})


def test_closed_vacancies_are_not_offered(hr_client):
    vacancy = VacancyFactory(title="Baker")
    VacancyFactory(status=VacancyStatus.CLOSED)

    response = hr_client.get(f"{INVITE}vacancies/")

    assert response.json()["results"] == [{"id": str(vacancy.pk), "text": "Baker"}]


@pytest.mark.parametrize("rows", [1, 3])
def test_links_have_constant_queries(hr_client, django_assert_num_queries, rows):
    vacancy = VacancyFactory()
    sessions = SessionFactory.create_batch(rows, vacancy=vacancy)
    candidates = ",".join(str(session.candidate_id) for session in sessions)

    with django_assert_num_queries(4):
        response = hr_client.get(
            LINKS, {"vacancy": vacancy.pk, "candidates": candidates}
        )

    assert [session for session, link in response.context["rows"]] == sessions


def test_links_are_shown_again_from_the_list(hr_client):
    sessions = SessionFactory.create_batch(2)

    response = hr_client.post(
        reverse("admin:interviews_interviewsession_changelist"),
        {
            "action": "show_links",
            "_selected_action": [session.pk for session in sessions],
        },
    )

    assert [session for session, link in response.context["rows"]] == sessions


@pytest.mark.parametrize("query", ["", "?vacancy=x", "?vacancy=99999999999999999999"])
def test_links_of_nothing_are_not_found(hr_client, query):
    assert hr_client.get(LINKS + query).status_code == 404


@pytest.mark.parametrize("path", ["", "links/", "candidates/", "vacancies/"])
def test_staff_without_a_role_invite_nobody(client, path):
    client.force_login(UserFactory(is_staff=True))

    assert client.get(INVITE + path).status_code == 403
    assert client.post(INVITE + path).status_code == 403

"""Candidates in the admin: each recruiter's own, and nothing told of the others."""

import pytest
from django.urls import reverse

from accounts.models import Role
from candidates.models import Candidate
from tests.factories import (
    CandidateFactory,
    SessionFactory,
    UserFactory,
    VacancyFactory,
)
from vacancies.models import Part

pytestmark = pytest.mark.django_db

LIST = "/admin/candidates/candidate/"


@pytest.fixture
def recruiter():
    return UserFactory(is_staff=True, role=Role.RECRUITER)


@pytest.fixture
def client(client, recruiter):
    client.force_login(recruiter)
    return client


@pytest.fixture
def shared(recruiter):
    """Return a candidate of two vacancies, of which one is the recruiter's."""
    vacancy = VacancyFactory(title="Own vacancy")
    vacancy.members.create(user=recruiter, part=Part.OWNER)
    session = SessionFactory(vacancy=vacancy)
    SessionFactory(candidate=session.candidate, vacancy__title="Canary vacancy")
    return session.candidate


def test_the_page_and_the_list_tell_of_own_interviews_alone(client, shared):
    rows = client.get(LIST).context["cl"].result_list
    page = client.get(reverse("admin:candidates_candidate_change", args=[shared.pk]))

    assert [(row, row.session_count) for row in rows] == [(shared, 1)]
    assert "Own vacancy" in page.text
    assert "Canary vacancy" not in page.text


def test_whoever_adds_a_candidate_sees_them(client, recruiter):
    fields = {"name": "Анна", "email": "anna@example.com"}

    client.post(reverse("admin:candidates_candidate_add"), fields)

    candidate = Candidate.objects.get()
    assert candidate.added_by == recruiter
    assert "Анна" in client.get(LIST).text


def test_an_address_on_file_elsewhere_is_refused_without_a_word_of_it(client):
    CandidateFactory(name="Canary", email="hidden@example.com")

    response = client.post(
        reverse("admin:candidates_candidate_add"),
        {"name": "Anna", "email": "HIDDEN@example.com"},
    )

    assert "This address cannot be added here." in response.text
    assert "exists" not in response.text
    assert "Canary" not in response.text
    assert Candidate.objects.count() == 1


def test_a_foreign_candidate_is_not_invited_from_their_page(client):
    foreign = CandidateFactory()

    assert client.get(f"{LIST}{foreign.pk}/invite/").status_code == 404

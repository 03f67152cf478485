"""Candidates in the admin."""

import pytest
from django.urls import reverse

from candidates.models import Candidate
from tests.factories import CandidateFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/candidates/candidate/"


def change_url(candidate):
    return reverse("admin:candidates_candidate_change", args=[candidate.pk])


@pytest.mark.parametrize("rows", [1, 3])
def test_list_has_constant_queries(hr_client, django_assert_num_queries, rows):
    SessionFactory.create_batch(rows)

    with django_assert_num_queries(5):
        response = hr_client.get(LIST)

    shown = response.context["cl"].result_list
    assert [candidate.session_count for candidate in shown] == [1] * rows


@pytest.mark.parametrize("rows", [1, 3])
def test_form_has_constant_queries(hr_client, django_assert_num_queries, rows):
    candidate = CandidateFactory()
    sessions = SessionFactory.create_batch(rows, candidate=candidate, started=True)

    with django_assert_num_queries(6):
        response = hr_client.get(change_url(candidate))

    for session in sessions:
        assert session.vacancy.title in response.text


@pytest.mark.parametrize("query", ["иванова", "ИВАНОВА", "anna@"])
def test_search_finds_by_name_and_address(hr_client, query):
    found = CandidateFactory(name="Анна Иванова", email="Anna@example.com")
    CandidateFactory(name="Пётр Сидоров")

    response = hr_client.get(LIST, {"q": query})

    assert list(response.context["cl"].result_list) == [found]


def test_a_name_is_text_and_nothing_else(hr_client):
    candidate = CandidateFactory(name="<script>alert(1)</script>{{ 7|add:7 }}")

    for url in (LIST, change_url(candidate)):
        page = hr_client.get(url).text
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_the_same_address_in_other_case_is_refused(hr_client):
    CandidateFactory(email="anna@example.com")

    response = hr_client.post(
        reverse("admin:candidates_candidate_add"),
        {"name": "Anna", "email": "ANNA@example.com"},
    )

    assert "A candidate with this address exists." in response.text
    assert Candidate.objects.count() == 1


def test_candidates_are_invited_from_the_list(hr_client):
    one, other = CandidateFactory.create_batch(2)

    response = hr_client.post(
        LIST, {"action": "invite_selected", "_selected_action": [one.pk, other.pk]}
    )

    assert response.url == (
        f"/admin/interviews/interviewsession/invite/?candidates={one.pk},{other.pk}"
    )


def test_a_candidate_is_invited_from_their_page(hr_client):
    candidate = CandidateFactory()

    response = hr_client.get(f"{LIST}{candidate.pk}/invite/")

    assert response.url == (
        f"/admin/interviews/interviewsession/invite/?candidates={candidate.pk}"
    )


def test_a_candidate_with_interviews_is_not_deleted(hr_client):
    candidate = SessionFactory().candidate

    response = hr_client.post(
        reverse("admin:candidates_candidate_delete", args=[candidate.pk]),
        {"post": "yes"},
        follow=True,
    )

    assert Candidate.objects.filter(pk=candidate.pk).exists()
    assert "cannot be deleted" in response.text


def test_a_candidate_never_invited_is_deleted(hr_client):
    candidate = CandidateFactory()

    hr_client.post(
        reverse("admin:candidates_candidate_delete", args=[candidate.pk]),
        {"post": "yes"},
    )

    assert not Candidate.objects.exists()


def test_staff_without_a_role_invite_nobody(client):
    candidate = CandidateFactory()
    client.force_login(UserFactory(is_staff=True))

    assert client.get(f"{LIST}{candidate.pk}/invite/").status_code == 403

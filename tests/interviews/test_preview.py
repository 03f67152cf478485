"""HR's preview of an interview."""

import pytest
from django.urls import reverse

from candidates.models import Candidate, Consent
from interviews.models import InterviewSession
from tests.factories import UserFactory, VacancyFactory
from vacancies.models import Script, VacancyStatus

pytestmark = pytest.mark.django_db


def test_preview_walks_a_draft_without_creating_anything(hr_client):
    vacancy = VacancyFactory(status=VacancyStatus.DRAFT, questions=2)
    welcome = reverse("interviews:preview", args=[vacancy.pk])
    pages = [hr_client.get(welcome), hr_client.post(welcome, follow=True)]

    for passed in range(2):
        address = reverse("interviews:preview", args=[vacancy.pk, passed])
        pages.append(hr_client.post(address, {"question": 1, "text": "x"}, follow=True))

    assert [page.templates[0].name for page in pages] == [
        "interviews/invited.html",
        "interviews/question.html",
        "interviews/question.html",
        "interviews/finished.html",
    ]
    assert [
        model.objects.count()
        for model in (Candidate, Consent, InterviewSession, Script)
    ] == [0, 0, 0, 0]


def test_preview_explains_an_empty_answer_as_the_interview_does(hr_client):
    vacancy = VacancyFactory(questions=1)
    address = reverse("interviews:preview", args=[vacancy.pk, 0])

    response = hr_client.post(address, {"question": 1, "text": ""})

    assert response.status_code == 422
    assert response.context["form"]["text"].errors


@pytest.mark.parametrize("user", [None, "candidate"])
def test_preview_is_for_staff(client, user):
    vacancy = VacancyFactory(questions=1)
    if user:
        client.force_login(UserFactory())

    response = client.get(reverse("interviews:preview", args=[vacancy.pk]))

    assert response.status_code == 302
    assert response.url.startswith("/admin/login/")


def test_preview_is_for_those_who_may_see_vacancies(client):
    vacancy = VacancyFactory(questions=1)
    client.force_login(UserFactory(is_staff=True))

    response = client.get(reverse("interviews:preview", args=[vacancy.pk]))

    assert response.status_code == 403

"""HR's preview of an interview."""

import pytest
from django.urls import reverse

from accounts.models import Role
from candidates.models import Candidate, Consent
from interviews.models import InterviewSession
from tests.factories import MemberFactory, UserFactory, VacancyFactory
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


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_preview_is_for_staff(client, is_signed_in):
    vacancy = VacancyFactory(questions=1)
    if is_signed_in:
        client.force_login(UserFactory(is_staff=False))

    response = client.get(reverse("interviews:preview", args=[vacancy.pk]))

    assert response.status_code == 302
    assert response.url.startswith("/admin/login/")


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.REVIEWER])
def test_preview_is_for_the_team_of_the_vacancy(client, role):
    own, other = VacancyFactory(questions=1), VacancyFactory(questions=1)
    user = UserFactory(is_staff=True, role=role)
    MemberFactory(user=user, vacancy=own)
    client.force_login(user)

    statuses = [
        client.get(reverse("interviews:preview", args=arguments)).status_code
        for arguments in ([own.pk], [own.pk, 0], [other.pk], [other.pk, 0])
    ]

    assert statuses == [200, 200, 404, 404]

"""The page on which an interview is read, heard and rated."""

import pytest
from django.urls import reverse

from tests.factories import ProgressFactory

pytestmark = pytest.mark.django_db
NAME = "admin:interviews_interviewsession_review"


def page_of(session):
    return reverse(NAME, args=[session.pk])


def test_page_shows_questions_and_answers(hr_client):
    session = ProgressFactory(answer_text="Команда из пяти человек").session

    response = hr_client.get(page_of(session))

    page = response.content.decode()
    assert response.status_code == 200
    assert "Команда из пяти человек" in page

"""GET /api/interview/{sessionId}/next"""

import pytest

from tests.factories import SessionFactory

pytestmark = pytest.mark.django_db


def test_next_returns_the_first_question(client, agent_headers):
    session = SessionFactory(started=True)
    question = session.vacancy.questions.get(order=1)

    response = client.get(
        f"/api/interview/{session.pk}/next", headers=agent_headers(session)
    )

    assert response.status_code == 200
    assert response.json() == {
        "done": False,
        "questionId": question.pk,
        "text": question.text,
        "position": 1,
        "total": 3,
    }

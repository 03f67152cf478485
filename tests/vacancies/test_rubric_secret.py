"""The rubric is for those who rate: no candidate and no agent ever sees a word of it."""

import pytest
from django.urls import reverse

from interviews.tokens import cookie_name, mint_token
from tests.factories import (
    ProgressFactory,
    QuestionFactory,
    SessionFactory,
    VacancyFactory,
)

pytestmark = pytest.mark.django_db

STRONG, WEAK = "Canary of the strong", "Canary of the weak"


@pytest.fixture
def session():
    vacancy = VacancyFactory()
    for place in (1, 2):
        QuestionFactory(
            vacancy=vacancy,
            order=place,
            strong_answer=STRONG,
            weak_answer=WEAK,
            weight=5,
        )
    return SessionFactory(vacancy=vacancy, started=True)


@pytest.fixture
def candidate(client, session):
    client.cookies[cookie_name(session.pk)] = mint_token(session.pk)
    return client


def assert_secret(response):
    assert response.status_code < 400
    for word in (STRONG, WEAK, "strong_answer", "weak_answer", "strongAnswer"):
        assert word not in response.text


@pytest.mark.parametrize("with_agent", [False, True])
@pytest.mark.parametrize("query", ["", "?writing"])
def test_no_page_before_the_end_tells_the_rubric(
    candidate, session, settings, with_agent, query
):
    settings.ELEVENLABS_API_KEY = "key" if with_agent else ""
    settings.ELEVENLABS_AGENT_ID = "agent" if with_agent else ""

    for page in ("", "/check", "/practice", "/leave"):
        response = candidate.get(f"{session.get_absolute_url()}{page}{query}")

        assert_secret(response)
        if not page:
            is_agents = with_agent and not query
            assert ('data-page="agent"' in response.text) is is_agents


def test_the_page_before_the_start_does_not_tell_the_rubric(client, session):
    invited = SessionFactory(vacancy=session.vacancy)

    assert_secret(client.get(invited.get_absolute_url()))


def test_the_agent_is_not_told_the_rubric(client, session, agent_headers):
    address = f"/api/interview/{session.pk}"
    headers = agent_headers(session)
    question = session.vacancy.questions.first().pk
    answer = {"questionId": question, "answerText": "I bake"}

    asked = client.get(f"{address}/next", headers=headers)
    saved = client.post(
        f"{address}/answer", answer, content_type="application/json", headers=headers
    )
    refused = client.post(
        f"{address}/answer",
        answer | {"questionId": 10**9},
        content_type="application/json",
        headers=headers,
    )

    assert refused.status_code == 409
    for response in (asked, saved):
        assert_secret(response)
    assert STRONG not in refused.text
    assert set(asked.json()) == {"done", "questionId", "text", "position", "total"}


def test_the_own_copy_does_not_tell_the_rubric(candidate, session):
    for question in session.vacancy.questions.all():
        ProgressFactory(session=session, question=question)
    candidate.get(session.get_absolute_url())  # which ends it: all is answered

    for name in ("copy", "copy_text"):
        assert_secret(candidate.get(reverse(f"interviews:{name}", args=[session.pk])))


def test_the_preview_shows_what_a_candidate_would_see(hr_client, session):
    for passed in ([], [0], [1]):
        address = reverse("interviews:preview", args=[session.vacancy_id, *passed])

        assert_secret(hr_client.get(address))


@pytest.mark.parametrize(
    ("mode", "first", "said"),
    [
        ("any", "speak", None),
        ("spoken", "speak", "best answered aloud"),
        ("written", "write", "best answered in writing"),
    ],
)
def test_the_page_offers_first_what_the_mode_says(
    candidate, session, hr_client, mode, first, said
):
    session.vacancy.questions.update(answer_mode=mode)
    address = reverse("interviews:preview", args=[session.vacancy_id, 0])

    page = hr_client.get(address).text

    ways = [way for way in ("speak", "write") if f'name="way" value="{way}"' in page]
    assert ways == ["speak", "write"]  # either stays reachable
    places = {way: page.index(f'name="way" value="{way}"') for way in ways}
    assert min(places, key=places.get) == first
    assert f'data-mode="{mode}"' in page
    hints = [
        hint for hint in ("aloud", "in writing") if f"best answered {hint}" in page
    ]
    assert hints == ([said.removeprefix("best answered ")] if said else [])

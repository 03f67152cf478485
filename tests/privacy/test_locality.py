"""A vacancy whose voice stays on this server: no call, no foreign host, and it is said."""

import re

import pytest
from django.urls import reverse

from candidates.consent import consent_paragraphs
from interviews import services
from interviews.tokens import cookie_name, mint_token
from tests.factories import SessionFactory, UserFactory, VacancyFactory
from vacancies.companies import Employer
from vacancies.models import Vacancy
from vacancies.scripts import LONGEST_COUNTED_SECONDS
from voice import agent_config
from voice.models import Place

OWN_SOURCES = {"'self'", "'none'", "'unsafe-inline'", "data:", "blob:"}
# Each page of a candidate that can be had while the interview goes on.
PAGES = ["session_detail", "check", "practice", "leave", "withdraw", "copy"]


@pytest.fixture
def agent(settings):
    """Have an account with the voice service."""
    settings.ELEVENLABS_API_KEY = "key"


def started(client, *, keeps_voice_here):
    vacancy = VacancyFactory(questions=2, keeps_voice_here=keeps_voice_here)
    session = services.start(session=SessionFactory(vacancy=vacancy))
    client.cookies[cookie_name(session.pk)] = mint_token(session.pk)
    return session


def sources(response):
    """Return every source that the page's policy names."""
    policy = response["Content-Security-Policy"]
    return {
        source
        for directive in policy.split(";")
        for source in directive.split()[1:]
        if directive.split()[0] not in {"report-uri", "report-to", "sandbox"}
    }


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_no_page_may_reach_a_foreign_host(client, agent, name):
    session = started(client, keeps_voice_here=True)

    response = client.get(reverse(f"interviews:{name}", args=[session.pk]))

    assert response.status_code == 200
    assert sources(response) <= OWN_SOURCES
    assert "elevenlabs" not in response.text.lower()
    assert (
        re.findall(r"(?:https?|wss?)://(?!testserver)[^\s\"'<]+", response.text) == []
    )


@pytest.mark.django_db
def test_other_vacancies_do_reach_the_voice_service(client, agent):
    session = started(client, keeps_voice_here=False)

    response = client.get(session.get_absolute_url())

    assert "wss://api.elevenlabs.io" in sources(response)
    assert "elevenlabs-convai" in response.text


@pytest.mark.django_db
def test_the_page_itself_asks_and_offers_no_call(client, agent):
    session = started(client, keeps_voice_here=True)

    response = client.get(session.get_absolute_url())

    assert response.templates[0].name == "interviews/question.html"
    assert "Continue by voice" not in response.text


@pytest.mark.django_db
@pytest.mark.parametrize("keeps_voice_here", [True, False])
def test_recognition_by_the_browsers_maker_is_offered_elsewhere_alone(
    client, keeps_voice_here
):
    session = started(client, keeps_voice_here=keeps_voice_here)

    for name in ("session_detail", "practice"):
        text = client.get(reverse(f"interviews:{name}", args=[session.pk])).text
        assert ("data-recognise" in text) is not keeps_voice_here
        assert ("data-voice-here" in text) is keeps_voice_here


@pytest.mark.django_db
def test_a_call_is_refused(client, agent):
    session = started(client, keeps_voice_here=True)

    response = client.post(f"/api/interview/{session.pk}/call/start")

    assert (response.status_code, response.json()["code"]) == (409, "not_available")
    assert not Place.objects.exists()
    session.refresh_from_db()
    assert session.conversation_id == ""


@pytest.mark.django_db
def test_the_candidate_reads_it_before_agreeing(client, agent):
    session = SessionFactory(vacancy__keeps_voice_here=True)

    text = client.get(session.get_absolute_url()).text

    assert "No foreign service hears your voice" in text
    assert "ElevenLabs" not in text
    assert "An AI voice, in a call" not in text


def test_the_consent_text_names_no_provider():
    text = " ".join(
        consent_paragraphs(
            Vacancy(keeps_voice_here=True), employer=Employer("A"), spoken_to_ai=False
        )
    )

    assert "goes to our own server and stays there" in text
    assert "Google" not in text


@pytest.mark.django_db
def test_provisioning_knows_nothing_of_it():
    before = agent_config.needed_seconds()
    long = VacancyFactory(questions=30, keeps_voice_here=True)
    long.questions.update(time_limit_seconds=LONGEST_COUNTED_SECONDS)

    assert agent_config.needed_seconds() == before
    long.keeps_voice_here = False
    long.save()
    assert agent_config.needed_seconds() > before


@pytest.mark.django_db
def test_hr_previews_what_candidates_will_see(client, agent):
    client.force_login(UserFactory(hr=True))
    vacancy = VacancyFactory(questions=1, keeps_voice_here=True)

    welcome = client.get(reverse("interviews:preview", args=[vacancy.pk]))
    question = client.get(reverse("interviews:preview", args=[vacancy.pk, 0]))

    assert "No foreign service hears your voice" in welcome.text
    assert "data-recognise" not in question.text
    assert sources(question) <= OWN_SOURCES

"""What a candidate is told before the first question."""

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    CompanyFactory,
    ConsentFactory,
    QuestionFactory,
    SessionFactory,
    VacancyFactory,
)
from tests.interviews.test_views import STATES, past, soon, url

pytestmark = pytest.mark.django_db

DEADLINE = datetime(2999, 12, 6, 20, 30, tzinfo=UTC)
DEADLINE_ELEMENT = (
    '<time datetime="2999-12-06T23:30:00+03:00" data-local>'
    "Dec. 6, 2999, 11:30 p.m. (MSK)</time>"
)


def facts(page):
    """Return the facts of the page as term: text, without the elements in it."""
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    return {
        term: " ".join(re.sub(r"<[^>]+>", "", text).split()) for term, text in found
    }


def welcome(client, **fields):
    return client.get(SessionFactory(**fields).get_absolute_url()).text


def test_welcome_tells_the_facts(client, settings):
    settings.TIME_ZONE = "Europe/Moscow"
    session = SessionFactory(
        candidate__name="Ann",
        vacancy__company=CompanyFactory(name="Umbrella"),
        expires_at=DEADLINE,
    )

    page = client.get(session.get_absolute_url()).text

    assert "Ann, Umbrella invites you to an interview" in page
    assert facts(page) == {
        "How long": "3 questions, one at a time; 3–6 minutes at your own pace",
        "Open until": "Dec. 6, 2999, 11:30 p.m. (MSK)",
        "Who asks": "This page: you read each question, or let a synthetic voice read "
        "it to you",
        "You answer": "Aloud or in writing, as you like at every question. Both count "
        "the same. You are recorded only if you choose to speak.",
        "Who listens": "People of the hiring team. No AI scores your answers.",
        "A break": "Whenever you like: every answer is kept, and the same link brings "
        "you back",
    }


def test_welcome_says_that_an_ai_speaks_where_one_does(client, settings):
    settings.ELEVENLABS_API_KEY = "key"

    told = facts(welcome(client))

    assert told["Who asks"] == "An AI voice, in a call; or this page, if you prefer"


@pytest.mark.parametrize(
    ("limits", "terms"),
    [
        ({}, []),
        ({"time_limit_seconds": 60}, ["How long"]),
        ({"retakes": 0}, ["You answer"]),
        ({"retakes": 2, "time_limit_seconds": 60}, ["How long", "You answer"]),
    ],
)
def test_limits_are_told_where_a_question_has_them(client, limits, terms):
    vacancy = VacancyFactory(questions=1)
    QuestionFactory(vacancy=vacancy, order=2, **limits)

    told = facts(welcome(client, vacancy=vacancy))

    said = [term for term, text in told.items() if "You are told beforehand" in text]
    assert said == terms


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        ("invited", {}),
        ("declined", {"given": False}),
        ("expired", {"expires_at": datetime(1999, 12, 6, 20, 30, tzinfo=UTC)}),
        ("not_open", {"opens_at": datetime(2999, 12, 5, 20, 30, tzinfo=UTC)}),
    ],
)
def test_times_carry_their_zone_and_can_be_put_into_the_readers(
    client, settings, state, changes
):
    settings.TIME_ZONE = "Europe/Moscow"
    fields = {"expires_at": DEADLINE} | changes
    if "given" in fields:
        fields["consent"] = ConsentFactory(given=fields.pop("given"))

    page = welcome(client, **fields)

    shown = {
        "expired": DEADLINE_ELEMENT.replace("2999", "1999"),
        "not_open": DEADLINE_ELEMENT.replace("12-06", "12-05").replace(". 6", ". 5"),
    }
    assert shown.get(state, DEADLINE_ELEMENT) in page


@pytest.mark.parametrize("state", STATES)
def test_every_page_has_one_heading_that_takes_the_focus(client, state):
    page = client.get(STATES[state]().get_absolute_url()).text

    assert re.findall(r"<h1[^>]*>", page) == ['<h1 tabindex="-1">']


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        (lambda: {}, True),
        (lambda: {"consent": ConsentFactory(given=False)}, True),
        (lambda: {"expires_at": past()}, True),
        (lambda: {"opens_at": soon()}, True),
        (lambda: {"cancelled_at": timezone.now()}, False),
    ],
)
def test_another_way_is_offered_where_it_helps(client, fields, offered):
    session = SessionFactory(**fields())

    page = client.get(session.get_absolute_url()).text

    link = reverse("interviews:request", args=[session.pk, "another_way"])
    assert (f'<a href="{link}">' in page) is offered


def test_preview_tells_the_same_without_what_only_a_candidate_has(hr_client):
    vacancy = VacancyFactory(questions=3)
    own = facts(welcome(hr_client, vacancy=vacancy))

    page = hr_client.get(reverse("interviews:preview", args=[vacancy.pk])).text

    own.pop("Open until")
    assert facts(page) == own


@pytest.mark.parametrize("name", ["start", "decline"])
def test_consent_is_kept_with_the_company_it_named(client, name):
    company = CompanyFactory(name="Umbrella", logo=b"x" * 100)
    session = SessionFactory(vacancy__company=company)
    shown = client.get(session.get_absolute_url()).context["consent"]

    client.post(url(name, session))

    session.refresh_from_db()
    assert session.consent.text == "\n\n".join(shown)
    assert "stored for Umbrella." in session.consent.text


@pytest.mark.parametrize("names_company", [True, False])
def test_welcome_costs_few_queries(client, django_assert_num_queries, names_company):
    company = CompanyFactory(is_default=not names_company)
    vacancy = VacancyFactory(questions=3, company=company if names_company else None)
    session = SessionFactory(vacancy=vacancy)

    # The session with all that belongs to it, the questions, the portal's own company.
    with django_assert_num_queries(2 if names_company else 3):
        client.get(session.get_absolute_url())

"""What candidates are told, how long before, and another way for whoever wants one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates.consent import consent_paragraphs
from interviews import services
from interviews.exceptions import NoticeTooShort
from interviews.models import InterviewSession
from interviews.requests import ask
from interviews.tokens import cookie_name, mint_token
from tests.factories import (
    CandidateFactory,
    ConsentFactory,
    RequestFactory,
    SessionFactory,
    UserFactory,
    VacancyFactory,
)
from vacancies.companies import Employer
from vacancies.models import Vacancy
from vacancies.notice import after_working_days, earliest_opening
from voice import agent_config

NEW_YORK = "America/New_York"
SOME_DAYS = timedelta(days=40)


# Notice


@pytest.mark.parametrize(
    ("day", "number", "last"),
    [
        # Monday to Friday count; the day of the invitation does not.
        (date(2026, 11, 2), 10, date(2026, 11, 16)),
        (date(2026, 11, 6), 1, date(2026, 11, 9)),
        (date(2026, 11, 7), 1, date(2026, 11, 9)),
        (date(2026, 11, 8), 5, date(2026, 11, 13)),
        (date(2026, 12, 31), 2, date(2027, 1, 4)),
        (date(2024, 2, 28), 2, date(2024, 3, 1)),
        (date(2026, 11, 2), 60, date(2027, 1, 25)),
    ],
)
def test_working_days_are_counted(day, number, last):
    assert after_working_days(day, number) == last


@pytest.mark.parametrize("start", range(7))
@pytest.mark.parametrize("number", [1, 4, 5, 10, 23])
def test_so_many_working_days_lie_between(start, number):
    day = date(2026, 11, 2) + timedelta(days=start)

    last = after_working_days(day, number)

    between = [day + timedelta(days=n) for n in range(1, (last - day).days + 1)]
    assert sum(one.weekday() < 5 for one in between) == number
    assert last.weekday() < 5


@pytest.mark.parametrize(
    ("invited", "opens"),
    [
        # 23:30 on Monday in New York, which is Tuesday in UTC.
        (datetime(2026, 11, 3, 4, 30, tzinfo=UTC), "2026-11-17T00:00:00-05:00"),
        (datetime(2026, 11, 3, 5, 30, tzinfo=UTC), "2026-11-18T00:00:00-05:00"),
        # The clocks go back on 1 November: it is midnight there all the same.
        (datetime(2026, 10, 26, 12, tzinfo=UTC), "2026-11-10T00:00:00-05:00"),
        # A Friday: what follows is open at the weekend too.
        (datetime(2026, 11, 6, 12, tzinfo=UTC), "2026-11-21T00:00:00-05:00"),
    ],
)
def test_an_invitation_opens_when_the_notice_is_over_where_the_vacancy_is(
    invited, opens
):
    vacancy = Vacancy(notice_days=10, time_zone=NEW_YORK)

    assert earliest_opening(vacancy, invited).isoformat() == opens


def test_a_vacancy_without_notice_opens_at_once():
    assert earliest_opening(Vacancy(), timezone.now()) is None


@pytest.fixture
def with_notice(db):
    return VacancyFactory(questions=1, notice_days=10, time_zone=NEW_YORK)


def test_nobody_is_asked_before_the_notice_is_over(with_notice, settings):
    session = services.invite(candidate=CandidateFactory(), vacancy=with_notice)

    earliest = earliest_opening(with_notice, session.created_at)
    assert session.opens_at == earliest
    assert session.expires_at == earliest + timedelta(days=settings.INVITATION_DAYS)
    assert session.state == "not_open"


def test_a_later_opening_stays(with_notice):
    later = timezone.now() + SOME_DAYS

    session = services.invite(
        candidate=CandidateFactory(), vacancy=with_notice, opens_at=later
    )

    assert session.opens_at == later


def test_an_earlier_opening_is_moved(with_notice):
    session = services.invite(
        candidate=CandidateFactory(), vacancy=with_notice, opens_at=timezone.now()
    )

    assert session.opens_at == earliest_opening(with_notice, session.created_at)


def test_a_deadline_within_the_notice_is_refused(with_notice):
    with pytest.raises(NoticeTooShort):
        services.invite(
            candidate=CandidateFactory(),
            vacancy=with_notice,
            expires_at=timezone.now() + timedelta(days=3),
        )

    assert not InterviewSession.objects.exists()


@pytest.mark.parametrize(
    ("name", "days"), [("expires_at", 3), ("opens_at", 3), ("opens_at", 1)]
)
def test_hr_is_told_of_the_notice(with_notice, hr_client, name, days):
    moment = timezone.now() + timedelta(days=days)

    response = hr_client.post(
        reverse("admin:interviews_interviewsession_invite"),
        {
            "vacancy": with_notice.pk,
            "candidates": [CandidateFactory().pk],
            name: moment.strftime("%Y-%m-%dT%H:%M"),
        },
    )

    assert "This vacancy gives 10 working days’ notice" in response.text
    assert not InterviewSession.objects.exists()


def test_the_opening_of_an_invitation_is_not_moved_into_the_notice(
    with_notice, hr_client
):
    session = services.invite(candidate=CandidateFactory(), vacancy=with_notice)
    url = reverse("admin:interviews_interviewsession_change", args=[session.pk])
    deadline = session.expires_at
    form = {"expires_at_0": f"{deadline:%Y-%m-%d}", "expires_at_1": "12:00:00"}

    response = hr_client.post(url, form)

    assert "This vacancy gives 10 working days’ notice" in response.text
    session.refresh_from_db()
    assert session.opens_at == earliest_opening(with_notice, session.created_at)


def test_the_page_tells_of_scores_by_ai_during_the_notice(with_notice, client):
    with_notice.uses_ai_scores = True
    with_notice.save()
    session = services.invite(candidate=CandidateFactory(), vacancy=with_notice)

    text = client.get(session.get_absolute_url()).text

    assert "So that you know beforehand" in text
    assert "How AI scores work here" in text
    assert another_way(session) in text


# Notice of AI


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_agent_first_says_that_it_is_an_ai(language):
    first = agent_config.FIRST_MESSAGE[language].partition("{{opening}}")[0]

    word = {"en": "an AI", "ru": "искусственного интеллекта"}[language]
    assert word in first
    assert word in agent_config.prompt(language) or "ИИ" in agent_config.prompt(
        language
    )


@pytest.mark.django_db
def test_the_page_says_that_it_is_an_ai_voice(client, settings):
    settings.ELEVENLABS_API_KEY = "key"
    session = SessionFactory()

    before = client.get(session.get_absolute_url()).text
    services.start(session=session)
    client.cookies[cookie_name(session.pk)] = mint_token(session.pk)
    during = client.get(session.get_absolute_url()).text

    assert "You will talk to an AI voice, not to a person." in before
    assert "The interviewer is an AI voice" in during


@pytest.mark.django_db
@pytest.mark.parametrize("uses_ai_scores", [True, False])
def test_scores_by_ai_are_told_of_where_they_are_used_and_nowhere_else(
    client, uses_ai_scores
):
    vacancy = VacancyFactory(questions=1, uses_ai_scores=uses_ai_scores)
    session = SessionFactory(vacancy=vacancy)

    text = client.get(session.get_absolute_url()).text

    assert ("An AI program suggests a score for each answer" in text) is uses_ai_scores
    assert ("How AI scores work here" in text) is uses_ai_scores
    assert ("No AI scores your answers." in text) is not uses_ai_scores


def test_the_consent_text_tells_of_scores_by_ai():
    scored, not_scored = (
        consent_paragraphs(
            Vacancy(uses_ai_scores=uses), employer=Employer("A"), spoken_to_ai=False
        )
        for uses in (True, False)
    )

    [told] = [one for one in scored if one not in not_scored]
    assert told.startswith("An AI program suggests a score")
    assert "You may say no to this" in told


# Another way


def another_way(session):
    return reverse("interviews:request", args=[session.pk, "another_way"])


WAITING_STATES = {
    "not open": lambda: SessionFactory(opens_at=timezone.now() + timedelta(days=1)),
    "invited": SessionFactory,
    "in progress elsewhere": lambda: SessionFactory(started=True),
    "in progress": lambda: SessionFactory(started=True),
    "expired": lambda: SessionFactory(expires_at=timezone.now()),
}


@pytest.mark.django_db
@pytest.mark.parametrize("state", WAITING_STATES)
@pytest.mark.parametrize("has_agent", [True, False])
def test_another_way_is_one_press_away_at_any_time(client, settings, state, has_agent):
    settings.ELEVENLABS_API_KEY = "key" if has_agent else ""
    session = WAITING_STATES[state]()
    if state == "in progress":
        client.cookies[cookie_name(session.pk)] = mint_token(session.pk)

    text = client.get(session.get_absolute_url()).text
    asked = client.post(another_way(session), {"message": "By telephone?"})

    assert f'href="{another_way(session)}"' in text
    assert asked.url == f"{another_way(session)}?sent"


@pytest.mark.django_db
def test_asking_for_another_way_changes_nothing_of_the_interview():
    session = SessionFactory(started=True)
    before = InterviewSession.objects.values().get()

    ask(session=session, kind="another_way")

    assert InterviewSession.objects.values().get() == before


@pytest.mark.django_db
def test_a_request_is_due_some_days_after_it_was_made(settings):
    settings.REQUEST_DAYS = 3
    asked = RequestFactory(kind="another_way")
    assert asked.due_at == asked.created_at + timedelta(days=3)
    assert asked.is_overdue is False

    asked.created_at -= timedelta(days=3)

    assert asked.is_overdue is True
    asked.handled_at = timezone.now()
    assert asked.is_overdue is False


# Consent texts, by version

CONSENT_TEXTS = "/admin/consent-texts/"


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_the_texts_are_found_by_version(hr_client, django_assert_num_queries, rows):
    for number in range(rows):
        for given in (True, True, False):
            ConsentFactory(
                given=given,
                version=f"v{number}",
                text=f"Text {number}",
                text_hash=f"{number:064}",
            )

    with django_assert_num_queries(4):
        response = hr_client.get(CONSENT_TEXTS)

    found = [
        (one["version"], one["words"], one["agreed"], one["refused"])
        for one in response.context["page"]
    ]
    assert sorted(found) == [(f"v{n}", f"Text {n}", 2, 1) for n in range(rows)]
    assert "Text 0" in response.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"),
    [("administrator", 200), ("auditor", 200), ("recruiter", 403), ("reviewer", 403)],
)
def test_the_texts_are_for_those_who_see_everything(client, role, status):
    client.force_login(UserFactory(role=role, is_superuser=role == "administrator"))

    assert client.get(CONSENT_TEXTS).status_code == status
    menu = client.get("/admin/").text
    assert (CONSENT_TEXTS in menu) is (status == 200)

"""The first page: each reader's own, and a fixed number of queries."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from interviews.models import EventKind, InterviewSession, Message, MessageState
from reviews.deciding import decide
from tests.factories import (
    ProgressFactory,
    RequestFactory,
    SessionFactory,
    TakeFactory,
    UserFactory,
    VacancyFactory,
    VoiceEventFactory,
)
from vacancies.models import Part

pytestmark = pytest.mark.django_db

HOME, LIVE = "/admin/", "/admin/live/"
LIST = "/admin/interviews/interviewsession/"


@pytest.fixture
def vacancy():
    return VacancyFactory(questions=3)


def member(vacancy, part=Part.OWNER, role=Role.RECRUITER):
    user = UserFactory(role=role, is_staff=True)
    vacancy.members.create(user=user, part=part)
    return user


@pytest.fixture
def owner(vacancy):
    return member(vacancy)


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner)
    return client


def session_of(vacancy, name, **fields):
    return SessionFactory(vacancy=vacancy, candidate__name=name, **fields)


def finished(vacancy, name, ago=timedelta(hours=1)):
    at = timezone.now() - ago
    session = session_of(vacancy, name, started=True, started_at=at)
    session.finished_at = at
    session.save()
    return session


def names(some):
    return [session.candidate.name for session in some.rows]


def everything(vacancy, owner):
    """One of each thing that the page tells of."""
    session = finished(vacancy, "waits")
    live = session_of(vacancy, "live", started=True)
    ProgressFactory(session=live)
    Message.objects.create(session=live, kind="invitation", state="bounced")
    TakeFactory(session=live, state="unreadable")
    live.events.create(kind=EventKind.CALL_FAILED)
    RequestFactory(session=session)
    session_of(vacancy, "ends", expires_at=timezone.now() + timedelta(days=1))
    decide(sessions=[session], outcome="on_hold", reason="Wait", by=owner)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_has_constant_queries(
    signed_in, owner, vacancy, django_assert_num_queries, rows
):
    for _ in range(rows):
        everything(vacancy, owner)

    with django_assert_num_queries(QUERIES):
        response = signed_in.get(HOME)

    assert len(response.context["live"]) == rows
    assert response.context["to_review"].total == rows


QUERIES = 17


def test_a_stranger_sees_nothing_of_it(client, vacancy, owner):
    everything(vacancy, owner)
    client.force_login(UserFactory(role=Role.RECRUITER, is_staff=True))

    response = client.get(HOME)

    shown = response.context
    assert (shown["to_review"].total, shown["ending_soon"].total) == (0, 0)
    assert (shown["live"], shown["problems"]) == ([], [])
    assert {measure.total for measure in shown["week"]} == {0}
    for name in ("waits", "live<", "ends<"):
        assert f">{name}" not in response.text
    assert "live" not in client.get(LIVE).text


# What waits


def test_the_longest_waiting_is_first(signed_in, owner, vacancy):
    finished(vacancy, "later")
    finished(vacancy, "earlier", ago=timedelta(days=3))
    mine = finished(vacancy, "reviewed")
    mine.reviews.create(reviewer=owner, saved_at=timezone.now())
    over = finished(vacancy, "decided")
    decide(sessions=[over], outcome="hired", reason="Good", by=owner)
    session_of(vacancy, "goes on", started=True)
    finished(vacancy, "long ago", ago=timedelta(days=91))

    waiting = signed_in.get(HOME).context["to_review"]

    assert names(waiting) == ["earlier", "later"]


def test_ten_are_shown_and_the_list_has_the_rest(signed_in, vacancy):
    for number in range(11):
        finished(vacancy, f"Candidate {number}")

    response = signed_in.get(HOME)

    waiting = response.context["to_review"]
    assert (len(waiting.rows), waiting.total, waiting.is_more) == (10, 11, False)
    assert f"{LIST}?review=mine&amp;o=8" in response.text
    rows = signed_in.get(LIST, {"review": "mine", "o": "8"}).context["cl"].result_list
    assert [row.pk for row in rows[:10]] == [row.pk for row in waiting.rows]


def test_a_large_number_is_not_counted_to_its_end(signed_in, vacancy, monkeypatch):
    monkeypatch.setattr("interviews.home.MOST_COUNTED", 2)
    for number in range(3):
        finished(vacancy, f"Candidate {number}")

    waiting = signed_in.get(HOME).context["to_review"]

    assert (waiting.total, waiting.is_more) == (2, True)


def test_auditors_have_nothing_to_review(client, vacancy):
    finished(vacancy, "waits")
    client.force_login(UserFactory(role=Role.AUDITOR, is_staff=True))

    assert "Waits for my review" not in client.get(HOME).text


# What ends


def test_what_ends_within_three_days(signed_in, vacancy):
    now = timezone.now()
    for name, hours in {"second": 48, "first": 1, "later": 73, "over": 0}.items():
        session_of(vacancy, name, expires_at=now + timedelta(hours=hours))

    assert names(signed_in.get(HOME).context["ending_soon"]) == ["first", "second"]


# Problems


def test_each_problem_leads_to_its_list(signed_in, owner, vacancy):
    everything(vacancy, owner)

    problems = signed_in.get(HOME).context["problems"]

    assert [(one.number, one.url) for one in problems] == [
        ("1", f"{LIST}?trouble=mail"),
        ("1", f"{LIST}?trouble=audio"),
        ("1", f"{LIST}?trouble=call"),
        ("1", "/admin/interviews/candidaterequest/?state=open"),
    ]
    for problem in problems:
        response = signed_in.get(problem.url)
        assert response.context["cl"].result_count == 1


def test_a_request_that_waits_too_long_is_overdue(signed_in, vacancy, settings):
    late, _new = (
        RequestFactory(session=session_of(vacancy, name)) for name in ("a", "b")
    )
    late.created_at = timezone.now() - timedelta(days=settings.REQUEST_DAYS)
    late.save(update_fields=["created_at"])

    problems = signed_in.get(HOME).context["problems"]

    assert [(one.number, one.url) for one in problems] == [
        ("2", "/admin/interviews/candidaterequest/?state=open"),
        ("1", "/admin/interviews/candidaterequest/?state=overdue"),
    ]
    response = signed_in.get(problems[1].url)
    assert [one.pk for one in response.context["cl"].result_list] == [late.pk]


def test_no_problem_is_no_list_of_problems(signed_in, vacancy):
    message = Message(session=session_of(vacancy, "a"), kind="invitation")
    message.state = MessageState.SENT
    message.save()

    assert "Problems" not in signed_in.get(HOME).text


def test_the_voice_service_concerns_whoever_may_see_it(client, signed_in):
    VoiceEventFactory(state="quarantined")
    assert signed_in.get(HOME).context["problems"] == []

    client.force_login(UserFactory(hr=True))
    [problem] = client.get(HOME).context["problems"]

    assert problem.url == "/admin/voice/voiceevent/?state__exact=quarantined"
    assert client.get(problem.url).context["cl"].result_count == 1


# Live


def test_live_is_what_gave_a_sign_lately(signed_in, vacancy):
    long_ago = timezone.now() - timedelta(hours=1)
    old = {"started": True, "started_at": long_ago}
    ProgressFactory(session=session_of(vacancy, "answered", **old))
    came_back = session_of(vacancy, "came back", **old)
    came_back.events.create(kind=EventKind.RESUMED)
    ProgressFactory(session=session_of(vacancy, "silent", **old), timestamp=long_ago)
    finished(vacancy, "finished", ago=timedelta())
    session_of(vacancy, "invited")
    session_of(vacancy, "begun", started=True)

    page = signed_in.get(LIVE)

    live = page.context["live"]
    found = {one.session.candidate.name: (one.position, one.total) for one in live}
    assert found == {"answered": (2, 3), "came back": (1, 3), "begun": (1, 3)}
    assert "question 2 of 3" in page.text
    assert signed_in.get(HOME).context["live"] == live


def test_the_last_question_answered_is_not_one_more(signed_in, vacancy):
    session = session_of(vacancy, "done", started=True)
    for question in vacancy.questions.all():
        ProgressFactory(session=session, question=question)

    [one] = signed_in.get(LIVE).context["live"]

    assert (one.position, one.total) == (3, 3)


def test_live_is_for_staff(client):
    assert client.get(LIVE).status_code == 302
    client.force_login(UserFactory(role=Role.RECRUITER, is_staff=True))
    assert client.post(LIVE).status_code == 405


# The week


def test_the_week_counts_each_day(signed_in, owner, vacancy):
    first = finished(vacancy, "first")
    decide(sessions=[first], outcome="hired", reason="Good", by=owner)
    finished(vacancy, "old", ago=timedelta(days=9))
    ages = timezone.now() - timedelta(days=8)
    InterviewSession.objects.filter(candidate__name="old").update(created_at=ages)
    yesterday = timezone.now() - timedelta(days=1)
    session_of(vacancy, "invited")
    InterviewSession.objects.filter(candidate__name="invited").update(
        created_at=yesterday
    )

    week = signed_in.get(HOME).context["week"]

    totals = {measure.name: measure.total for measure in week}
    assert totals == {"invited": 2, "started": 1, "finished": 1, "decided": 1}
    invited = [bar.number for bar in week[0].bars]
    assert invited == [0, 0, 0, 0, 0, 1, 1]
    assert [bar.height for bar in week[0].bars] == [0, 0, 0, 0, 0, 100, 100]

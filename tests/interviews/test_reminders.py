"""Reminders: whom, when, and never again."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from interviews import services
from interviews.mail import outbox, reminders
from interviews.models import InterviewSession, Message, MessageKind
from tests.factories import ConsentFactory, SessionFactory
from tests.jobs import run_jobs
from tests.threads import race
from vacancies.models import Vacancy, VacancyStatus

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(days=10)


@pytest.fixture(autouse=True)
def _mail_is_on(settings):
    settings.PUBLIC_URL = "https://portal.example"


def invited(left, *, ago=LONG_AGO, state="sent", **fields):
    """Return a session whose deadline is so far away, invited by e-mail some time ago."""
    now = timezone.now()
    session = SessionFactory(expires_at=now + left, **fields)
    InterviewSession.objects.filter(pk=session.pk).update(created_at=now - ago)
    if state:
        session.messages.create(kind="invitation", state=state, sent_at=now - ago)
    return session


def kinds():
    return list(
        Message.objects.exclude(kind="invitation").values_list("kind", flat=True)
    )


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (timedelta(days=3, minutes=5), []),
        (timedelta(days=2, hours=23), ["reminder_days"]),
        (timedelta(hours=2, minutes=5), ["reminder_days"]),
        (timedelta(hours=1, minutes=55), ["reminder_hours"]),
        (timedelta(minutes=5), []),
        (-timedelta(minutes=5), []),
    ],
)
def test_who_has_not_finished_is_reminded_in_time(left, expected):
    invited(left)

    reminders.remind()
    run_jobs()

    assert kinds() == expected
    assert len(mail.outbox) == len(expected)


def test_who_has_begun_and_stopped_is_reminded():
    begun = timezone.now() - timedelta(days=2)
    invited(timedelta(days=2), started=True, started_at=begun)

    assert reminders.remind() == 1


NOT_REMINDED = {
    "finished": {"started": True, "finished_at": timezone.now() + LONG_AGO},
    "cancelled": {"cancelled_at": timezone.now()},
    "just begun": {"started": True},
    "not open": {"opens_at": timezone.now() + timedelta(hours=1)},
    "vacancy closed": {"vacancy__status": VacancyStatus.CLOSED},
    "vacancy a draft": {"vacancy__status": VacancyStatus.DRAFT},
    "reminders off": {"vacancy__sends_reminders": False},
    "just invited": {"ago": timedelta(hours=5)},
    "not by e-mail": {"state": None},
    "invitation came back": {"state": "bounced"},
}


@pytest.mark.parametrize("reason", NOT_REMINDED)
def test_nobody_else_is_reminded(reason):
    invited(timedelta(days=2), **NOT_REMINDED[reason])

    assert reminders.remind() == 0


def test_whoever_refused_is_left_alone():
    session = invited(timedelta(days=2))
    session.consent = ConsentFactory(candidate=session.candidate, given=False)
    session.save()

    assert reminders.remind() == 0


def test_without_mail_nothing_is_queued(settings):
    settings.PUBLIC_URL = ""
    invited(timedelta(days=2))

    assert reminders.remind() == 0


def test_a_reminder_comes_once_for_each_deadline():
    session = invited(timedelta(days=2))
    assert [reminders.remind(), reminders.remind()] == [1, 0]
    run_jobs()
    an_hour_later = session.expires_at + timedelta(hours=1)

    services.move_deadline(session=session, expires_at=an_hour_later)
    Message.objects.update(sent_at=timezone.now() - LONG_AGO)

    assert [reminders.remind(), reminders.remind()] == [1, 0]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one():
    invited(timedelta(days=2))

    numbers = race(lambda _: reminders.remind(), lambda _: reminders.remind())

    assert sorted(numbers) == [[0], [1]]


@pytest.mark.parametrize(
    "change",
    [
        lambda session: services.cancel(session=session),
        lambda session: services.decline(session=session),
        lambda session: Vacancy.objects.update(sends_reminders=False),
        lambda session: Vacancy.objects.update(status=VacancyStatus.CLOSED),
        lambda session: services.move_deadline(
            session=session, expires_at=timezone.now() + LONG_AGO
        ),
    ],
)
def test_what_changes_before_it_is_sent_is_minded(change):
    session = invited(timedelta(days=2))
    reminders.remind()
    change(session)

    run_jobs()

    assert mail.outbox == []


@pytest.mark.parametrize("rows", [1, 3])
def test_reminding_has_constant_queries(django_assert_num_queries, rows):
    for _ in range(rows):
        invited(timedelta(days=2))

    with django_assert_num_queries(10):
        assert reminders.remind() == rows


def test_the_occasion_is_the_same_in_the_database_and_here():
    session = invited(timedelta(days=2, microseconds=7))

    [named] = InterviewSession.objects.annotate(
        named=reminders.DEADLINE_AS_OCCASION
    ).values_list("named", flat=True)

    assert named == outbox.deadline_occasion(session.expires_at)
    assert MessageKind.REMINDER_DAYS in outbox.OF_A_DEADLINE

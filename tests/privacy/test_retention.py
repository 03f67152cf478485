"""Periods: from when they run, what goes after them, and what is kept all the same."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from candidates.consent import consent_paragraphs
from candidates.models import Candidate
from interviews.models import InterviewSession, Take
from privacy import retention
from privacy.models import Erasure, LegalHold
from reviews.models import Decision
from tests.factories import (
    CallFactory,
    CandidateFactory,
    SessionFactory,
    TakeFactory,
    UserFactory,
    VacancyFactory,
)
from vacancies.companies import Employer
from vacancies.models import Vacancy
from vacancies.retention import kept_days, recordings_kept_days
from voice.models import Call

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 2, 7, tzinfo=UTC)


def ago(days):
    return NOW - timedelta(days=days)


def ended(days, vacancy, **fields):
    """Return an interview that was finished so many days ago."""
    return SessionFactory(
        vacancy=vacancy,
        started=True,
        started_at=ago(days + 1),
        finished_at=ago(days),
        **fields,
    )


@pytest.fixture
def vacancy():
    """Return a vacancy that keeps interviews for 10 days, and recordings for 4."""
    return VacancyFactory(questions=1, retention_days=10, audio_retention_days=4)


def left():
    return set(InterviewSession.objects.values_list("pk", flat=True))


def test_it_is_counted_from_the_end_of_the_interview(vacancy):
    due, kept = ended(10, vacancy), ended(9, vacancy)

    done = retention.run(NOW)

    assert (done, left()) == ((1, 0), {kept.pk})
    assert not Candidate.objects.filter(pk=due.candidate_id).exists()


def test_a_decision_counts_anew(vacancy):
    session, other = ended(30, vacancy), ended(30, vacancy)
    for one, days in ((session, 9), (other, 10)):
        decision = Decision.objects.create(
            session=one, outcome="hired", reason="Good", decided_by=UserFactory()
        )
        with_time(decision, days)

    retention.run(NOW)

    assert left() == {session.pk}


def with_time(decision, days):
    """Put a decision into the past, which the database allows an erasure alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('parley.erasing', 'on', true)")
        Decision.objects.filter(pk=decision.pk).update(decided_at=ago(days))
        cursor.execute("SELECT set_config('parley.erasing', 'off', true)")


@pytest.mark.parametrize(
    ("fields", "goes"),
    [
        ({"expires_at": 10}, True),  # never begun
        ({"expires_at": 9}, False),
        ({"expires_at": -5}, False),  # open still
        ({"expires_at": -5, "cancelled_at": 10}, True),
        ({"expires_at": 10, "cancelled_at": 9}, False),
        ({"expires_at": 10, "started_at": 20}, True),  # broken off
    ],
)
def test_what_was_never_finished_is_counted_too(vacancy, fields, goes):
    times = {name: ago(days) for name, days in fields.items()}
    session = SessionFactory(vacancy=vacancy, started="started_at" in times, **times)

    retention.run(NOW)

    assert left() == (set() if goes else {session.pk})


@pytest.mark.parametrize(
    ("own", "of_portal", "goes"),
    [(None, 10, True), (None, 0, False), (0, 10, False), (30, 10, False), (5, 0, True)],
)
def test_the_vacancy_comes_before_the_portal(settings, own, of_portal, goes):
    settings.RETENTION_DAYS = of_portal
    ended(10, VacancyFactory(questions=1, retention_days=own))

    assert retention.run(NOW).interviews == goes


def test_nothing_is_overdue_after_a_run(vacancy):
    for days in range(8, 13):
        ended(days, vacancy)

    retention.run(NOW)

    assert not retention.due(NOW).exists()
    assert not retention.due_recordings(NOW).exists()
    assert InterviewSession.objects.count() == 2
    assert retention.run(NOW) == (0, 0)


def test_it_goes_in_batches(vacancy, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        ended(10, vacancy)

    assert retention.run(NOW).interviews == 5


def test_a_run_that_was_broken_off_goes_on(vacancy, monkeypatch):
    for _ in range(3):
        ended(10, vacancy)
    erase, calls = retention.erase, []

    def dies(key):
        calls.append(key)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return erase(key)

    monkeypatch.setattr(retention, "erase", dies)
    with pytest.raises(KeyboardInterrupt):
        retention.run(NOW)
    assert InterviewSession.objects.count() == 2

    assert retention.run(NOW).interviews == 2


@pytest.mark.parametrize("on", ["session", "candidate", "vacancy"])
def test_a_legal_hold_keeps_it(vacancy, on):
    session = ended(10, vacancy)
    TakeFactory(session=session)
    thing = {
        "session": session,
        "candidate": session.candidate,
        "vacancy": vacancy,
    }[on]
    hold = LegalHold.objects.create(
        **{on: thing}, reason="A dispute", placed_by=UserFactory()
    )

    assert retention.run(NOW) == (0, 0)
    [due] = retention.forecast(NOW)
    assert (due.interviews, due.held) == (0, 1)

    LegalHold.objects.filter(pk=hold.pk).update(
        released_at=NOW, released_by=hold.placed_by
    )
    assert retention.run(NOW).interviews == 1


def test_recordings_go_earlier(vacancy):
    session, new = ended(5, vacancy), ended(3, vacancy)
    for one in (session, new):
        TakeFactory(session=one, parts=[[b"sound"]])
        CallFactory(conversation__session=one, has_audio=True, recording="x.mp3")

    assert retention.run(NOW) == (0, 1)

    assert {take.session_id for take in Take.objects.all()} == {new.pk}
    call = Call.objects.get(conversation__session=session)
    assert (call.has_audio, call.recording.name) == (False, "")
    [erasure] = Erasure.objects.all()
    assert (erasure.extent, erasure.cause) == ("recordings", "retention")
    assert erasure.counts == {
        "answer_take": 1,
        "answer_take_chunk": 1,
        "voice_call": 1,
    }
    assert "x.mp3" in erasure.steps.values_list("name", flat=True)
    assert retention.run(NOW) == (0, 0)


def test_a_person_with_another_interview_stays(vacancy):
    candidate = CandidateFactory()
    ended(10, vacancy, candidate=candidate)
    kept = SessionFactory(candidate=candidate)

    retention.run(NOW)

    assert left() == {kept.pk}
    assert Candidate.objects.get() == candidate
    assert Erasure.objects.get().extent == "interview"


def test_the_command_looks_and_changes_nothing(vacancy):
    session = ended(10, vacancy, candidate__name="Kanareika")
    out = StringIO()
    InterviewSession.objects.update(finished_at=timezone.now() - timedelta(days=11))
    InterviewSession.objects.update(started_at=timezone.now() - timedelta(days=12))

    call_command("retention", "--dry-run", stdout=out)

    assert out.getvalue() == (
        f"Vacancy {vacancy.pk} (kept 10 days): 1 interviews due, recordings of 0 more, "
        "0 held, 0 within 30 days\n"
    )
    assert left() == {session.pk}
    call_command("retention", stdout=out)
    assert out.getvalue().endswith(
        "Erased: 1 interviews, and the recordings of 0 more.\n"
    )


@pytest.mark.parametrize("count", [1, 3])
def test_the_forecast_asks_as_much_of_many_as_of_one(count, django_assert_num_queries):
    for _ in range(count):
        ended(10, VacancyFactory(questions=1, retention_days=10))

    with django_assert_num_queries(5):
        found = retention.forecast(NOW)

    assert [due.interviews for due in found] == [1] * count


@pytest.mark.parametrize(
    ("whole", "audio", "kept"),
    [(10, 4, 4), (10, None, 7), (10, 10, 0), (10, 30, 0), (0, 4, 4), (10, 0, 0)],
)
def test_recordings_are_kept_no_longer_than_the_interview(settings, whole, audio, kept):
    settings.RECORDING_RETENTION_DAYS = 7
    vacancy = Vacancy(retention_days=whole, audio_retention_days=audio)

    assert (kept_days(vacancy), recordings_kept_days(vacancy)) == (whole, kept)


def test_candidates_agree_to_the_periods_of_their_vacancy(settings):
    settings.RETENTION_DAYS = 400

    text = " ".join(
        consent_paragraphs(
            Vacancy(retention_days=180, audio_retention_days=90),
            employer=Employer("Umbrella"),
            spoken_to_ai=False,
        )
    )

    assert "at most 180 days after the decision" in text
    assert "deleted earlier: 90 days after the decision" in text

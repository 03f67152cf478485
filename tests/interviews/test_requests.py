"""Recording what candidates ask for, its handling by a person, and the rating."""

import pytest
from django.utils import timezone

from interviews.exceptions import NotAvailable, RequestIsFull
from interviews.models import CandidateRequest, EventKind, RequestKind
from interviews.requests import MAX_REQUEST_LENGTH, ask, handle, rate
from tests.factories import RequestFactory, SessionFactory, UserFactory
from tests.interviews.api.conftest import A_DAY_LATER, LONG_AGO
from tests.threads import race
from vacancies.models import VacancyStatus

pytestmark = pytest.mark.django_db

FINISHED = {"started": True, "started_at": LONG_AGO, "finished_at": A_DAY_LATER}
STATES = {
    "not_open": {"vacancy__status": VacancyStatus.DRAFT},
    "vacancy_closed": {"vacancy__status": VacancyStatus.CLOSED},
    "invited": {},
    "in_progress": {"started": True},
    "finished": FINISHED,
    "expired": {"expires_at": LONG_AGO},
    "expired begun": {"started": True, "expires_at": LONG_AGO},
    "cancelled": {"cancelled_at": LONG_AGO},
    "cancelled begun": {"started": True, "cancelled_at": A_DAY_LATER},
}


def rows():
    return list(CandidateRequest.objects.order_by("pk").values_list("kind", "message"))


def events(session):
    return list(session.events.values_list("kind", "detail"))


# Asking


def test_a_request_is_recorded_with_a_line_of_the_timeline():
    session = SessionFactory()

    is_new = ask(session=session, kind="another_way", message="По телефону 🙏")

    assert is_new
    assert rows() == [("another_way", "По телефону 🙏")]
    assert events(session) == [(EventKind.REQUESTED, "another_way")]


@pytest.mark.parametrize("state", STATES)
def test_what_may_be_asked_depends_on_the_state(state):
    session = SessionFactory(**STATES[state])
    allowed = []
    for kind in RequestKind.values:
        try:
            ask(session=session, kind=kind)
        except NotAvailable:
            continue
        allowed.append(kind)

    expected = {"another_way", "human_review", "erasure"}
    if state == "finished":
        expected.remove("another_way")
    if not session.started_at:
        expected.remove("human_review")
    assert set(allowed) == expected
    assert {kind for kind, _message in rows()} == expected


def test_a_repeated_request_adds_its_message_to_the_open_one():
    session = SessionFactory()

    asked = [
        ask(session=session, kind="erasure", message=message)
        for message in ("", "Please", "", "Soon", "Soon")
    ]

    assert asked == [True, False, False, False, False]
    assert rows() == [("erasure", "Please\n\nSoon")]
    assert events(session) == [(EventKind.REQUESTED, "erasure")]


def test_a_request_does_not_grow_without_end():
    session = SessionFactory()
    full = RequestFactory(session=session, message="x" * (MAX_REQUEST_LENGTH - 3))

    ask(session=session, kind=full.kind, message="1")
    with pytest.raises(RequestIsFull):
        ask(session=session, kind=full.kind, message="2")

    full.refresh_from_db()
    assert full.message.endswith("x\n\n1")
    assert len(full.message) == MAX_REQUEST_LENGTH


def test_after_it_was_handled_the_same_may_be_asked_anew():
    session = SessionFactory()
    ask(session=session, kind="erasure", message="First")
    handle(asked=CandidateRequest.objects.get(), user=UserFactory(), note="Done")

    is_new = ask(session=session, kind="erasure", message="Second")

    assert is_new
    assert rows() == [("erasure", "First"), ("erasure", "Second")]


def test_requests_of_other_kinds_and_sessions_stand_apart():
    one, other = SessionFactory(started=True), SessionFactory(started=True)

    asked = [
        ask(session=session, kind=kind, message=kind)
        for session in (one, other)
        for kind in ("human_review", "erasure")
    ]

    assert asked == [True] * 4
    assert rows() == [("human_review", "human_review"), ("erasure", "erasure")] * 2


@pytest.mark.django_db(transaction=True)
def test_the_same_request_twice_at_once_is_one():
    sessions = SessionFactory.create_batch(4)

    said = race(
        *(
            lambda number, text=text: ask(
                session=sessions[number], kind="erasure", message=text
            )
            for text in ("one", "two")
        ),
        rounds=len(sessions),
    )

    assert [sorted(both) for both in zip(*said, strict=True)] == [[False, True]] * 4
    assert {message for _kind, message in rows()} <= {"one\n\ntwo", "two\n\none"}
    assert len(rows()) == 4


# Handling


def test_a_person_handles_a_request():
    asked, user = RequestFactory(), UserFactory()

    is_first = handle(asked=asked, user=user, note="Called her")

    asked.refresh_from_db()
    assert is_first
    assert (asked.handled_by, asked.note) == (user, "Called her")
    assert asked.handled_at <= timezone.now()


def test_who_handled_it_first_stays():
    asked, first = RequestFactory(), UserFactory()
    handle(asked=asked, user=first, note="First")

    is_first = handle(asked=asked, user=UserFactory(), note="Second")

    asked.refresh_from_db()
    assert not is_first
    assert (asked.handled_by, asked.note) == (first, "First")


# The rating


def test_a_finished_interview_is_rated_and_the_last_word_counts():
    session = SessionFactory(**FINISHED)

    rate(session=session, rating=2)
    rate(session=session, rating=5)

    session.refresh_from_db()
    assert session.rating == 5


@pytest.mark.parametrize("state", [state for state in STATES if state != "finished"])
def test_only_a_finished_interview_is_rated(state):
    session = SessionFactory(**STATES[state])

    with pytest.raises(NotAvailable):
        rate(session=session, rating=5)

    session.refresh_from_db()
    assert session.rating is None

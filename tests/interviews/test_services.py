"""interviews.services: invitations, starts, refusals, cancellations, calls."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from candidates.models import Consent
from interviews.exceptions import NotAvailable
from interviews.models import (
    Conversation,
    EventKind,
    InterviewSession,
    SessionState,
    SessionStatus,
)
from interviews.services import (
    TIME_TO_FINISH,
    cancel,
    decline,
    invite,
    note_call,
    open_conversation,
    resume,
    start,
)
from tests.factories import (
    CandidateFactory,
    ProgressFactory,
    SessionFactory,
    VacancyFactory,
)
from tests.interviews.api.conftest import CLOSED_STATES, LONG_AGO
from tests.threads import race
from vacancies.exceptions import EmptyVacancy
from vacancies.models import VacancyStatus

pytestmark = pytest.mark.django_db

FAR_AHEAD = datetime(2126, 1, 1, tzinfo=UTC)
NOT_STARTABLE = {
    "finished": CLOSED_STATES["finished"],
    "cancelled": {"cancelled_at": LONG_AGO},
    "expired": {"expires_at": LONG_AGO},
    "not open yet": {"opens_at": FAR_AHEAD, "expires_at": FAR_AHEAD + TIME_TO_FINISH},
    "draft": {"vacancy__status": VacancyStatus.DRAFT},
    "closed": {"vacancy__status": VacancyStatus.CLOSED},
}


def kinds(session):
    return list(session.events.values_list("kind", flat=True))


def row(session):
    return InterviewSession.objects.filter(pk=session.pk).values().get()


@pytest.fixture
def people():
    return {"candidate": CandidateFactory(), "vacancy": VacancyFactory(questions=1)}


def test_invite_makes_a_session(people):
    session = invite(**people)

    assert session == InterviewSession.objects.get(**people)
    assert session.status == SessionStatus.INVITED
    assert kinds(session) == [EventKind.INVITED]


def test_invite_repeated_gives_the_same_session(people):
    first = invite(**people)
    before = row(first)

    second = invite(**people)

    assert second == first
    assert row(first) == before
    assert kinds(first) == [EventKind.INVITED]


def test_invite_gives_the_session_in_progress(people):
    started = start(session=invite(**people))

    assert invite(**people) == started


@pytest.mark.parametrize("state", ["finished", "cancelled"])
def test_invite_after_the_end_makes_another_session(people, state):
    old = SessionFactory(**people, **CLOSED_STATES[state])
    before = row(old)

    new = invite(**people)

    assert new != old
    assert row(old) == before


@pytest.mark.parametrize(
    ("started", "state"),
    [(False, SessionState.INVITED), (True, SessionState.IN_PROGRESS)],
)
def test_invite_after_the_deadline_reopens_the_same_link(people, started, state):
    old = SessionFactory(**people, started=started, expires_at=LONG_AGO)
    before = row(old)

    new = invite(**people)

    new.refresh_from_db()
    assert row(new) == before | {"expires_at": new.expires_at}
    assert new.expires_at > timezone.now() + timedelta(days=13)
    assert kinds(new) == [EventKind.INVITED]
    assert new.state == state


def test_invite_keeps_candidates_and_vacancies_apart(people):
    session = invite(**people)

    others = [
        invite(**people | {"candidate": CandidateFactory()}),
        invite(**people | {"vacancy": VacancyFactory(questions=1)}),
    ]

    assert len({session, *others}) == 3


@pytest.mark.django_db(transaction=True)
def test_two_invitations_at_once_give_one_session(people):
    def call(number):
        return invite(**people).pk

    first, second = race(call, call)

    assert first == second
    assert InterviewSession.objects.count() == 1


def test_cancel_keeps_the_answers():
    session = ProgressFactory().session

    assert cancel(session=session) is True

    session.refresh_from_db()
    assert session.status == SessionStatus.CANCELLED
    assert session.answers.count() == 1
    assert kinds(session) == [EventKind.CANCELLED]


@pytest.mark.parametrize("state", ["finished", "cancelled"])
def test_cancel_leaves_what_is_over(state):
    session = SessionFactory(**CLOSED_STATES[state])
    before = row(session)

    assert cancel(session=session) is False

    assert row(session) == before
    assert kinds(session) == []


def test_decline_is_recorded_with_the_text_that_was_shown():
    session = SessionFactory(vacancy__language="ru")

    decline(session=session)

    session.refresh_from_db()
    assert session.state == SessionState.DECLINED
    assert session.consent.given is False
    assert session.consent.language == "ru"
    assert session.consent.candidate == session.candidate
    assert kinds(session) == [EventKind.DECLINED]


def test_decline_repeated_changes_nothing():
    session = SessionFactory()
    decline(session=session)
    before = row(session)

    decline(session=session)

    assert row(session) == before
    assert Consent.objects.count() == 1
    assert kinds(session) == [EventKind.DECLINED]


@pytest.mark.parametrize("state", NOT_STARTABLE)
def test_decline_is_refused_where_nothing_can_be_declined(state):
    session = SessionFactory(**NOT_STARTABLE[state])
    before = row(session)

    with pytest.raises(NotAvailable):
        decline(session=session)

    assert row(session) == before


def test_decline_is_refused_once_started():
    session = SessionFactory(started=True)

    with pytest.raises(NotAvailable):
        decline(session=session)


def test_start_freezes_the_script_and_records_consent():
    session = SessionFactory()

    started = start(session=session)

    session.refresh_from_db()
    assert started == session
    assert session.status == SessionStatus.IN_PROGRESS
    assert session.script.vacancy == session.vacancy
    assert session.consent.given is True
    assert [(e.kind, e.at) for e in session.events.all()] == [
        (EventKind.STARTED, session.started_at)
    ]


def test_start_after_a_change_of_mind_keeps_both_decisions():
    session = SessionFactory()
    decline(session=session)

    start(session=session)

    session.refresh_from_db()
    decisions = Consent.objects.order_by("pk").values_list("given", flat=True)
    assert list(decisions) == [False, True]
    assert session.consent.given is True
    assert kinds(session) == [EventKind.DECLINED, EventKind.STARTED]


def test_start_repeated_changes_nothing():
    session = SessionFactory()
    start(session=session)
    before = row(session)

    start(session=session)

    assert row(session) == before
    assert Consent.objects.count() == 1
    assert kinds(session) == [EventKind.STARTED]


def test_start_repeated_after_the_vacancy_closed_goes_on():
    session = start(session=SessionFactory())
    session.vacancy.status = VacancyStatus.CLOSED
    session.vacancy.save()

    assert start(session=session).state == SessionState.IN_PROGRESS


@pytest.mark.django_db(transaction=True)
def test_two_starts_at_once_are_one():
    session = SessionFactory()

    race(*[lambda number: start(session=session).pk] * 2)

    assert Consent.objects.count() == 1
    assert kinds(session) == [EventKind.STARTED]


@pytest.mark.parametrize("state", NOT_STARTABLE)
def test_start_is_refused_when_the_interview_cannot_be_held(state):
    session = SessionFactory(**NOT_STARTABLE[state])
    before = row(session)

    with pytest.raises(NotAvailable):
        start(session=session)

    assert row(session) == before
    assert kinds(session) == []


def test_start_without_questions_is_refused_as_a_whole():
    session = SessionFactory(vacancy__questions=0)
    before = row(session)

    with pytest.raises(EmptyVacancy):
        start(session=session)

    assert row(session) == before
    assert Consent.objects.count() == 0


def test_start_shortly_before_the_deadline_leaves_time_to_finish():
    session = SessionFactory(expires_at=timezone.now() + timedelta(minutes=5))

    started = start(session=session)

    assert started.expires_at == started.started_at + TIME_TO_FINISH


def test_start_well_before_the_deadline_leaves_it_as_it_is():
    session = SessionFactory(expires_at=FAR_AHEAD)

    assert start(session=session).expires_at == FAR_AHEAD


def test_resume_is_noted():
    session = SessionFactory(started=True)

    resume(session=session)

    assert kinds(session) == [EventKind.RESUMED]


@pytest.mark.parametrize("state", CLOSED_STATES)
def test_resume_and_calls_are_refused_when_not_in_progress(state):
    session = SessionFactory(**CLOSED_STATES[state])

    with pytest.raises(NotAvailable):
        resume(session=session)
    with pytest.raises(NotAvailable):
        note_call(session=session, event="connected")
    with pytest.raises(NotAvailable):
        open_conversation(session=session, conversation_id="conv_1")

    assert kinds(session) == []


def test_call_holds_the_session_before_it_begins():
    session = SessionFactory(started=True)

    assert open_conversation(session=session, conversation_id="conv_1")
    note_call(session=session, event="connected", conversation_id="conv_1")

    assert row(session)["conversation_id"] == "conv_1"
    assert list(session.conversations.values_list("pk", flat=True)) == ["conv_1"]
    assert kinds(session) == [EventKind.CALL_STARTING, EventKind.CALL_CONNECTED]


def test_page_cannot_name_another_call_than_the_one_begun():
    session = SessionFactory(started=True)
    open_conversation(session=session, conversation_id="conv_1")

    note_call(session=session, event="connected", conversation_id="conv_2")

    assert row(session)["conversation_id"] == "conv_1"
    assert list(session.conversations.values_list("pk", flat=True)) == ["conv_1"]


def test_page_names_the_call_that_the_vendor_did_not():
    session = SessionFactory(started=True)
    open_conversation(session=session, conversation_id="conv_1")

    open_conversation(session=session, conversation_id="")
    freed = row(session)["conversation_id"]
    note_call(session=session, event="connected", conversation_id="conv_2")

    assert freed == ""
    assert row(session)["conversation_id"] == "conv_2"


def test_new_call_replaces_the_one_before():
    session = SessionFactory(started=True)

    open_conversation(session=session, conversation_id="conv_1")
    open_conversation(session=session, conversation_id="conv_2")

    assert row(session)["conversation_id"] == "conv_2"
    assert list(session.conversations.values_list("pk", flat=True)) == [
        "conv_1",
        "conv_2",
    ]


def test_call_that_ends_keeps_the_session():
    session = SessionFactory(started=True)
    note_call(session=session, event="connected", conversation_id="conv_1")

    note_call(session=session, event="disconnected")

    assert row(session)["conversation_id"] == "conv_1"
    assert kinds(session) == [EventKind.CALL_CONNECTED, EventKind.CALL_DISCONNECTED]


def test_conversation_of_another_session_is_not_taken_over():
    theirs = SessionFactory(started=True)
    note_call(session=theirs, event="connected", conversation_id="conv_1")
    ours = SessionFactory(started=True)

    note_call(session=ours, event="connected", conversation_id="conv_1")

    assert not open_conversation(session=ours, conversation_id="conv_1")
    assert row(ours)["conversation_id"] == ""
    assert kinds(ours) == [EventKind.CALL_CONNECTED]
    assert Conversation.objects.get().session == theirs

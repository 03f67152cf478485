"""interviews.turns: the rules of one turn, apart from HTTP (tests/interviews/api)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import Http404
from django.utils import timezone

from interviews import turns
from interviews.exceptions import (
    AnswerRequired,
    Cancelled,
    Expired,
    Finished,
    NotStarted,
    WrongQuestion,
)
from interviews.models import (
    AnswerRevision,
    Channel,
    InterviewProgress,
    InterviewSession,
    SessionStatus,
)
from interviews.services import start
from interviews.turns import AnswerInput, Snapshot, end_interview, next_step
from tests.factories import ProgressFactory, SessionFactory, VacancyFactory
from tests.interviews.api.conftest import CLOSED_STATES
from vacancies.models import VacancyStatus
from vacancies.services import order_questions, remove_question

pytestmark = pytest.mark.django_db

REFUSALS = {
    "not_started": NotStarted,
    "expired": Expired,
    "cancelled": Cancelled,
    "finished": Finished,
}


def answer(session, question, text="An answer", **fields):
    given = AnswerInput(question.pk, text, fields.pop("channel", Channel.AGENT))
    return turns.record_answer(session.pk, given, **fields)


def asked(session):
    """Walk the whole interview; return the texts in the order they are asked."""
    texts = []
    step = next_step(session.pk)
    while step.question and len(texts) < 10:
        texts.append(step.question.text)
        given = AnswerInput(step.question.id, "An answer", Channel.AGENT)
        step = turns.record_answer(session.pk, given)
    return texts


@pytest.fixture
def session():
    return SessionFactory(started=True)


@pytest.fixture
def vacancy():
    """An open vacancy that asks One, Two, Three."""
    vacancy = VacancyFactory(closing="Bye")
    for order, text in enumerate(["One", "Two", "Three"], start=1):
        vacancy.questions.create(order=order, text=text)
    return vacancy


def edit(vacancy):
    vacancy.questions.filter(order=1).update(text="Uno")


def reorder(vacancy):
    order_questions(reversed(vacancy.questions.current()))


def archive(vacancy):
    remove_question(vacancy.questions.get(order=2))


def add(vacancy):
    vacancy.questions.create(order=4, text="Four")


def make_optional(vacancy):
    vacancy.questions.update(required=False)


def close(vacancy):
    vacancy.status = VacancyStatus.CLOSED
    vacancy.save()


CHANGES = {
    edit: ["Uno", "Two", "Three"],
    reorder: ["Three", "Two", "One"],
    archive: ["One", "Three"],
    add: ["One", "Two", "Three", "Four"],
    make_optional: ["One", "Two", "Three"],
}


@pytest.mark.parametrize("change", [*CHANGES, close])
def test_started_interview_asks_what_it_was_started_with(vacancy, change):
    session = start(session=SessionFactory(vacancy=vacancy))

    change(vacancy)

    turns.script_by_id.cache_clear()
    assert asked(session) == ["One", "Two", "Three"]
    assert next_step(session.pk).closing == "Bye"


@pytest.mark.parametrize(("change", "texts"), CHANGES.items())
def test_interview_not_started_yet_asks_the_new_text(vacancy, change, texts):
    start(session=SessionFactory(vacancy=vacancy))
    session = SessionFactory(vacancy=vacancy)

    change(vacancy)

    assert asked(start(session=session)) == texts


def test_question_that_became_optional_stays_required_once_started(vacancy):
    session = start(session=SessionFactory(vacancy=vacancy))

    make_optional(vacancy)

    with pytest.raises(AnswerRequired):
        answer(session, vacancy.questions.first(), "")


def test_archived_question_is_answered_by_a_started_interview(vacancy):
    session = start(session=SessionFactory(vacancy=vacancy))
    question = vacancy.questions.get(order=2)

    remove_question(question)

    answer(session, question, "Still asked")
    assert session.answers.get().question_id == question.pk


def test_question_added_after_the_start_is_a_wrong_one(vacancy):
    session = start(session=SessionFactory(vacancy=vacancy))
    later = vacancy.questions.create(order=4, text="Four")

    with pytest.raises(WrongQuestion) as refusal:
        answer(session, later)

    assert refusal.value.step == next_step(session.pk)
    assert session.answers.count() == 0


def test_answers_go_round_by_the_first_hole(session):
    first, second, third = session.vacancy.questions.current()

    steps = [answer(session, question) for question in (second, third, first)]

    asked_next = [step.question and step.question.id for step in steps]
    assert asked_next == [first.pk, first.pk, None]
    assert steps[-1] == next_step(session.pk)


def test_answer_repeated_leaves_the_row_as_it_was(session):
    question = session.vacancy.questions.first()
    answer(session, question)
    before = InterviewProgress.objects.values().get()

    answer(session, question, channel=Channel.WRITTEN)

    assert InterviewProgress.objects.values().get() == before
    assert AnswerRevision.objects.count() == 0


def test_every_replaced_answer_is_kept_in_order(session):
    question = session.vacancy.questions.first()

    for text in ["one", "two", "two", "one", "three"]:
        answer(session, question, text)

    revisions = AnswerRevision.objects.values_list("answer_text", flat=True)
    assert session.answers.get().answer_text == "three"
    assert list(revisions) == ["one", "two", "one"]


def test_replaced_answer_keeps_its_channel(session):
    question = session.vacancy.questions.first()
    answer(session, question, "spoken", channel=Channel.AGENT)

    answer(session, question, "written", channel=Channel.WRITTEN)

    assert session.answers.get().channel == Channel.WRITTEN
    assert AnswerRevision.objects.get().channel == Channel.AGENT


def test_skipped_question_can_be_answered_later(vacancy):
    make_optional(vacancy)
    session = start(session=SessionFactory(vacancy=vacancy))
    question = vacancy.questions.first()
    answer(session, question, "")

    answer(session, question, "After all")

    assert list(session.answers.values_list("answered", "answer_text")) == [
        (True, "After all")
    ]
    assert list(AnswerRevision.objects.values_list("answer_text")) == [("",)]


def test_answered_question_can_be_taken_back_when_optional(vacancy):
    make_optional(vacancy)
    session = start(session=SessionFactory(vacancy=vacancy))
    question = vacancy.questions.first()
    answer(session, question, "Too much")

    step = answer(session, question, "")

    assert step.position == 2
    assert list(session.answers.values_list("answered", "answer_text")) == [(False, "")]
    assert list(AnswerRevision.objects.values_list("answer_text")) == [("Too much",)]


def test_answers_of_other_sessions_are_not_touched(session):
    question = session.vacancy.questions.first()
    other = SessionFactory(started=True, vacancy=session.vacancy)
    ProgressFactory(session=other, question=question, answer_text="Theirs")

    step = answer(session, question, "Ours")

    assert step.position == 2
    assert other.answers.get().answer_text == "Theirs"
    assert AnswerRevision.objects.count() == 0


@pytest.mark.parametrize("state", REFUSALS)
def test_refusal_of_next_and_answer_fits_the_state(state):
    session = SessionFactory(**CLOSED_STATES[state])

    with pytest.raises(REFUSALS[state]):
        next_step(session.pk)
    with pytest.raises(REFUSALS[state]):
        answer(session, session.vacancy.questions.first())


@pytest.mark.parametrize("state", ["not_started", "expired", "cancelled"])
def test_refusal_of_end_fits_the_state(state):
    session = SessionFactory(**CLOSED_STATES[state])

    with pytest.raises(REFUSALS[state]):
        end_interview(session.pk)


def test_unknown_session_is_not_found():
    with pytest.raises(Http404):
        next_step(uuid4())
    with pytest.raises(Http404):
        turns.record_answer(uuid4(), AnswerInput(1, "a", Channel.AGENT))
    with pytest.raises(Http404):
        end_interview(uuid4())


def test_call_that_was_replaced_cannot_even_see_the_end(session):
    InterviewSession.objects.update(conversation_id="new")
    end_interview(session.pk, conversation_id="new")

    with pytest.raises(Http404):
        end_interview(session.pk, conversation_id="old")


def test_end_never_precedes_the_start():
    ahead = timezone.now() + timedelta(minutes=1)
    session = SessionFactory(started=True, started_at=ahead)

    finished_at = end_interview(session.pk)

    assert finished_at == ahead


def test_end_takes_nothing_from_the_answers(session):
    answer(session, session.vacancy.questions.first(), "Kept")

    end_interview(session.pk, reason="candidate_left")

    session.refresh_from_db()
    assert session.status == SessionStatus.FINISHED
    assert session.answers.get().answer_text == "Kept"


def test_session_that_starts_between_two_statements_of_end_is_not_started(
    session, monkeypatch
):
    monkeypatch.setattr(turns, "END", "SELECT 1 WHERE %(reason)s = 'never'")

    with pytest.raises(NotStarted):
        end_interview(session.pk)


def test_snapshot_without_a_script_is_not_started():
    snapshot = Snapshot(None, "in_progress", timezone.now(), None, "", [])

    with pytest.raises(NotStarted):
        _ = snapshot.script

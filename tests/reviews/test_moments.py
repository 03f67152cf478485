"""Places in an interview worth coming back to."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEvent
from reviews import moments
from reviews.models import Moment
from reviews.moments import NotSaid, Nowhere, TooManyMoments, mark_moment, remove_moment
from tests.factories import UserFactory
from tests.reviews.reviewing import answered, marked_moment, reviewer_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return answered()


@pytest.fixture
def author(session):
    return reviewer_of(session)


@pytest.fixture
def mark(session, author):
    question = session.vacancy.questions.first()

    def marked(**fields):
        return mark_moment(
            session=session, author=author, question_id=question.pk, **fields
        )

    return marked


def test_a_second_is_marked(mark, author):
    moment = mark(at_ms=65_000, note="Leads")

    assert Moment.objects.get() == moment
    assert (moment.at_ms, moment.quote, moment.note) == (65_000, "", "Leads")
    assert AuditEvent.objects.get().detail == (
        f"moment marked, question {moment.question_id}"
    )


def test_words_are_marked_however_they_are_spaced(mark):
    moment = mark(quote=" five,\nand  I led ")

    assert moment.quote == "five, and I led"


def test_words_of_corrections_and_of_what_was_verbatim_can_be_marked(session, mark):
    answer = session.answers.get()
    answer.verbatim_text = "I led, well, five people"
    answer.save()
    answer.corrections.create(text="I led six people")

    assert mark(quote="well, five").quote == "well, five"
    assert mark(quote="six people").quote == "six people"


def test_nobody_is_given_words_they_did_not_say(mark):
    with pytest.raises(NotSaid):
        mark(quote="and I was sacked")

    assert not Moment.objects.exists()


def test_words_of_another_answer_are_not_of_this_one(session, author):
    other = session.vacancy.questions.last()

    with pytest.raises(NotSaid):
        mark_moment(session=session, author=author, question_id=other.pk, quote="five")


def test_moment_is_somewhere(mark):
    with pytest.raises(Nowhere):
        mark(quote="  ", note="But where?")


def test_double_click_marks_once_and_the_later_note_stays(mark):
    mark(at_ms=1000, note="First")

    mark(at_ms=1000, note="Second")

    assert [moment.note for moment in Moment.objects.all()] == ["Second"]


def test_there_is_an_end_to_it(mark, monkeypatch):
    monkeypatch.setattr(moments, "MOST", 1)
    mark(at_ms=1000)

    with pytest.raises(TooManyMoments):
        mark(at_ms=2000)


def test_own_moment_is_removed(session, author):
    moment = marked_moment(session, author)

    remove_moment(moment=moment, by=author)

    assert not Moment.objects.exists()
    assert AuditEvent.objects.get().detail.startswith("moment removed")


def test_somebody_elses_moment_stays(session, author):
    moment = marked_moment(session, UserFactory(hr=True))

    with pytest.raises(PermissionDenied):
        remove_moment(moment=moment, by=author)

    assert Moment.objects.get() == moment

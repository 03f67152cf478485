"""Writing, saving and changing a review."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.models import AuditAction, AuditEvent
from reviews.models import QuestionRating, Review
from reviews.rating import (
    Changes,
    EmptyReview,
    NotStarted,
    peek,
    save_review,
    write_review,
)
from tests.factories import SessionFactory, UserFactory
from tests.reviews.reviewing import answered, reviewer_of, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return answered()


@pytest.fixture
def reviewer(session):
    return reviewer_of(session)


@pytest.fixture
def write(session, reviewer):
    def written(**changes):
        return write_review(
            session=session, reviewer=reviewer, changes=Changes(**changes)
        )

    return written


def ratings_of(review):
    return list(review.ratings.order_by("pk").values_list("mark", "note", "first_mark"))


def audited():
    rows = AuditEvent.objects.filter(action=AuditAction.RATED).order_by("pk")
    return list(rows.values_list("detail", flat=True))


# Writing


def test_draft_is_written_field_by_field(session, write):
    first, second, _ = session.vacancy.questions.all()

    write(marks={first.pk: 4})
    write(notes={first.pk: "Clear", second.pk: "Vague"})
    review = write(comment="Would work", recommendation="yes")

    assert (review.recommendation, review.comment) == ("yes", "Would work")
    assert ratings_of(review) == [(4, "Clear", None), (None, "Vague", None)]
    assert review.saved_at is None
    assert audited() == []


def test_of_two_pages_neither_loses_a_word(session, write):
    question = session.vacancy.questions.first()

    write(marks={question.pk: 4}, comment="From the first page")
    write(marks={question.pk: 2})
    review = write(notes={question.pk: "From the second"})

    assert review.comment == "From the first page"
    assert ratings_of(review) == [(2, "From the second", None)]


def test_mark_and_text_can_be_taken_back(session, write):
    question = session.vacancy.questions.first()
    write(marks={question.pk: 4}, comment="Hm", recommendation="no")

    review = write(marks={question.pk: None}, comment="", recommendation="")

    assert (review.recommendation, review.comment) == ("", "")
    assert ratings_of(review) == [(None, "", None)]


def test_what_has_not_started_cannot_be_rated():
    session = SessionFactory()
    user = UserFactory(hr=True)

    for service in [save_review, peek]:
        with pytest.raises(NotStarted):
            service(session=session, reviewer=user)
    with pytest.raises(NotStarted):
        write_review(session=session, reviewer=user, changes=Changes(comment="No"))

    assert not Review.objects.exists()


# Saving


def test_saved_review_counts_and_keeps_what_was_said_first(
    session, reviewer, write, django_assert_num_queries
):
    question = session.vacancy.questions.first()
    write(marks={question.pk: 4}, recommendation="yes")

    review = save_review(session=session, reviewer=reviewer)

    assert review.saved_at is not None
    assert review.is_blind
    assert review.first_recommendation == "yes"
    assert ratings_of(review) == [(4, "", 4)]
    assert audited() == ["saved, marks=1"]


@pytest.mark.parametrize("comment", ["", "Words alone"])
def test_review_needs_a_mark_or_a_recommendation(session, reviewer, write, comment):
    write(comment=comment)

    with pytest.raises(EmptyReview):
        save_review(session=session, reviewer=reviewer)

    assert Review.objects.get().saved_at is None
    assert Review.objects.get().comment == comment


def test_saving_twice_is_saving_once(session, reviewer, write):
    write(recommendation="no")
    first = save_review(session=session, reviewer=reviewer)

    again = save_review(session=session, reviewer=reviewer)

    assert again.saved_at == first.saved_at
    assert audited() == ["saved, marks=0"]


def test_change_after_saving_counts_and_is_on_record(session, reviewer, write):
    question = session.vacancy.questions.first()
    write(marks={question.pk: 4}, recommendation="yes")
    save_review(session=session, reviewer=reviewer)

    review = write(marks={question.pk: 2}, recommendation="no", comment="On reflection")

    assert review.changed_at is not None
    assert review.is_blind
    assert (review.recommendation, review.first_recommendation) == ("no", "yes")
    assert ratings_of(review) == [(2, "", 4)]
    assert audited()[1:] == [f"changed: recommendation, comment, mark_{question.pk}"]


def test_words_alone_do_not_change_the_judgement(session, reviewer, write):
    write(recommendation="yes")
    save_review(session=session, reviewer=reviewer)

    review = write(comment="More words", recommendation="yes")

    assert review.changed_at is None


def test_saved_review_cannot_become_empty(session, reviewer, write):
    question = session.vacancy.questions.first()
    write(marks={question.pk: 4})
    save_review(session=session, reviewer=reviewer)

    with pytest.raises(EmptyReview):
        write(marks={question.pk: None})

    assert QuestionRating.objects.get().mark == 4


# Blindness


def test_whoever_looked_first_is_not_blind(session, reviewer, write):
    said(session, recommendation="yes")
    peeked = peek(session=session, reviewer=reviewer)
    write(recommendation="yes")

    review = save_review(session=session, reviewer=reviewer)

    assert peeked.peeked_at is not None
    assert peeked.saved_at is None
    assert not review.is_blind


def test_looking_after_saving_changes_nothing(session, reviewer, write):
    write(recommendation="yes")
    save_review(session=session, reviewer=reviewer)

    review = peek(session=session, reviewer=reviewer)

    assert review.peeked_at is None
    assert review.is_blind


def test_review_after_the_decision_is_not_blind(session, reviewer, write):
    session.decisions.create(
        outcome="advanced", reason="Good", decided_by=UserFactory(hr=True)
    )
    write(recommendation="yes")

    review = save_review(session=session, reviewer=reviewer)

    assert not review.is_blind


# At the same time


@pytest.mark.django_db(transaction=True)
def test_two_pages_at_once_make_one_review(session, reviewer):
    questions = list(session.vacancy.questions.all())

    def mark(question):
        try:
            write_review(
                session=session,
                reviewer=reviewer,
                changes=Changes(marks={question.pk: 3}),
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(mark, questions))

    review = Review.objects.get()
    assert sorted(review.ratings.values_list("question_id", "mark")) == [
        (question.pk, 3) for question in questions
    ]

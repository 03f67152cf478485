"""Who sees what others said, and when."""

import pytest
from django.utils import timezone

from accounts.models import Role
from interviews.models import InterviewSession
from reviews.blind import may_see_others, open_to, views_of
from tests.factories import UserFactory
from tests.reviews.reviewing import answered, marked_moment, reviewer_of, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return answered()


@pytest.fixture
def other(session):
    """A colleague's saved review, with a moment."""
    question = session.vacancy.questions.first()
    review = said(session, recommendation="no", marks={question.pk: 2})
    marked_moment(session, review.reviewer)
    return review


def test_before_rating_one_sees_how_many_rated_and_nothing_else(session, other):
    user = reviewer_of(session)
    own = marked_moment(session, user)

    views = views_of(session, user)

    assert views == (False, None, 1, [], [own])


def test_draft_opens_nothing(session, other):
    user = reviewer_of(session)
    draft = said(session, user, saved=False, recommendation="yes")

    views = views_of(session, user)

    assert views == (False, draft, 1, [], [])


def test_after_rating_one_sees_what_is_saved(session, other):
    said(session, saved=False, comment="A draft of somebody's")
    own = said(session, recommendation="yes")

    views = views_of(session, own.reviewer)

    assert views == (True, own, 1, [other, own], list(session.moments.all()))


@pytest.mark.parametrize("saved", [True, False])
def test_whoever_said_what_they_think_or_will_not_sees(session, saved):
    times = {} if saved else {"peeked_at": timezone.now()}
    review = said(session, saved=saved, **times)

    assert may_see_others(review.reviewer, session)


def test_decision_opens_it_to_all(session):
    user = reviewer_of(session)
    assert not may_see_others(user, session)

    session.decisions.create(
        outcome="rejected", reason="Too far", decided_by=UserFactory(hr=True)
    )

    assert may_see_others(user, session)


def test_those_who_cannot_rate_see_all(session):
    assert may_see_others(UserFactory(role=Role.AUDITOR), session)


def test_administrators_are_blind_too(session, other):
    assert not may_see_others(UserFactory(hr=True), session)


def test_one_interview_opens_none_but_itself(session):
    review = said(session, recommendation="yes")
    answered(vacancy=session.vacancy)

    seen = InterviewSession.objects.filter(open_to(review.reviewer))

    assert list(seen) == [session]

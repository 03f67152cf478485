"""What tests of reviewing share."""

import json

from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from reviews.models import Moment, QuestionRating, Review
from tests.factories import MemberFactory, ProgressFactory, SessionFactory, UserFactory
from vacancies.models import Part

NAME = "admin:interviews_interviewsession_review"


def page_of(session, action="", *keys):
    return reverse(NAME + action, args=[session.pk, *keys])


def answered(*, finished=True, **fields):
    """An interview whose first question is answered."""
    session = SessionFactory(started=True, **fields)
    ProgressFactory(session=session, answer_text="We were five, and I led.")
    session.finished_at = timezone.now() if finished else None
    session.save(update_fields=["finished_at"])
    return session


def reviewer_of(session, part=Part.REVIEWER, **fields):
    user = UserFactory(**{"role": Role.REVIEWER, "is_staff": True} | fields)
    MemberFactory(vacancy=session.vacancy, user=user, part=part)
    return user


def said(session, user=None, *, saved=True, marks=None, notes=None, **fields):
    """A review; `marks` and `notes` by question id."""
    times = {"saved_at": timezone.now()} if saved else {}
    user = user or reviewer_of(session)
    review = Review.objects.create(session=session, reviewer=user, **times | fields)
    for key in {*(marks or {}), *(notes or {})}:
        QuestionRating.objects.create(
            review=review,
            question_id=key,
            mark=(marks or {}).get(key),
            note=(notes or {}).get(key, ""),
        )
    return review


def marked_moment(session, author, **fields):
    question = session.vacancy.questions.first()
    fields = {"question": question, "at_ms": 1000} | fields
    return Moment.objects.create(session=session, author=author, **fields)


def sent(client, address, **fields):
    """Post as the page's script does; return the status and what was answered."""
    response = client.post(address, fields, headers={"accept": "application/json"})
    return response.status_code, json.loads(response.content)

"""What the first page tells of reviews: what waits for the reader, what was decided."""

from datetime import date

from accounts.models import User
from interviews.home import Some, by_day, some
from interviews.models import InterviewSession
from reviews.figures import waiting_for
from reviews.models import Decision
from vacancies.models import Vacancy


def to_review(user: User) -> Some:
    """Return the finished interviews that wait for the person's review, oldest first."""
    waiting = waiting_for(user, InterviewSession.objects.all())
    return some(waiting.order_by("finished_at"))


def decided(first: date, user: User) -> dict[date, int]:
    """Return how many decisions were taken on each day since the first."""
    decisions = Decision.objects.all()
    if not user.sees_everything:
        vacancies = Vacancy.objects.visible_to(user)
        decisions = decisions.filter(session__vacancy__in=vacancies)
    return by_day(decisions, "decided_at", first)

"""What the first page tells of reviews: what waits for the reader, what was decided."""

from datetime import date, timedelta

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from interviews.home import Some, by_day, some
from interviews.models import InterviewSession
from reviews.figures import waiting_for
from reviews.models import Decision
from vacancies.models import Vacancy

# What nobody cared for longer is in the list; here it would stand before the new for ever.
LATELY = timedelta(days=90)


def to_review(user: User) -> Some:
    """Return the lately finished interviews that wait for the person's review, oldest first."""
    finished = InterviewSession.objects.filter(finished_at__gte=timezone.now() - LATELY)
    # As the index is read backwards; there is no null among them.
    oldest = F("finished_at").asc(nulls_first=True)
    return some(waiting_for(user, finished).order_by(oldest))


def decided(first: date, user: User) -> dict[date, int]:
    """Return how many decisions were taken on each day since the first."""
    decisions = Decision.objects.all()
    if not user.sees_everything:
        vacancies = Vacancy.objects.visible_to(user)
        decisions = decisions.filter(session__vacancy__in=vacancies)
    return by_day(decisions, "decided_at", first)

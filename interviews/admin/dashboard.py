"""The first page of the admin: what waits to be read, and what is going on now."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from interviews.models import CandidateRequest, InterviewSession, SessionStatus
from vacancies.models import Vacancy, VacancyStatus

LATELY = timedelta(days=14)
ROWS = 10


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the landing page's figures to the context, for those who may see them."""
    context["title"] = gettext("Overview")
    if request.user.has_perm("interviews.view_interviewsession"):
        context |= interviews_now()
    if request.user.has_perm("interviews.view_candidaterequest"):
        open_requests = CandidateRequest.objects.filter(handled_at=None)
        context["open_requests"] = open_requests.count()
    if request.user.has_perm("vacancies.view_vacancy"):
        context["open_vacancies"] = Vacancy.objects.filter(
            status=VacancyStatus.OPEN
        ).count()
    context["may_invite"] = request.user.has_perm("interviews.add_interviewsession")
    context["may_add_vacancy"] = request.user.has_perm("vacancies.add_vacancy")
    return context


def interviews_now() -> dict[str, Any]:
    now = timezone.now()
    lately = Q(status=SessionStatus.FINISHED, finished_at__gte=now - LATELY)
    going_on = Q(status=SessionStatus.IN_PROGRESS, expires_at__gt=now)
    waiting = Q(status=SessionStatus.INVITED, expires_at__gt=now)
    rows = InterviewSession.objects.select_related("candidate", "vacancy")
    return {
        "counts": InterviewSession.objects.aggregate(
            finished=Count("pk", filter=lately),
            in_progress=Count("pk", filter=going_on),
            invited=Count("pk", filter=waiting),
        ),
        "finished_lately": rows.filter(lately)
        .with_progress()
        .order_by("-finished_at")[:ROWS],
        "in_progress": rows.filter(going_on)
        .with_progress()
        .order_by("-started_at")[:ROWS],
        "days": LATELY.days,
    }

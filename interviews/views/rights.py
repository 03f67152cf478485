"""The pages on which a candidate takes the consent back, or refuses scores by AI."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from interviews import rights
from interviews.exceptions import NotAvailable
from interviews.models import InterviewSession
from interviews.views.common import candidate_view


@require_http_methods(["GET", "HEAD", "POST"])
@candidate_view
def withdraw(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Say what taking the consent back does, and do it."""
    if session.started_at is None:
        raise NotAvailable
    if request.method == "POST":
        rights.withdraw_consent(session=session)
        return redirect(session)
    if session.consent_withdrawn_at:
        return redirect(session)
    return render(request, "interviews/withdraw.html", {"session": session})


@require_http_methods(["GET", "HEAD", "POST"])
@candidate_view
def scoring(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Explain scores by AI, and take the candidate's yes or no to them."""
    if not rights.has_scoring_choice(session):
        raise NotAvailable
    if request.method == "POST":
        rights.choose_scoring(session=session, allows="allow" in request.POST)
        return redirect(f"{request.path}?kept")
    context = {"session": session, "is_kept": "kept" in request.GET}
    return render(request, "interviews/scoring.html", context)

"""The candidate's page: one address, and what it shows in each state of the session."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from candidates.consent import consent_hash
from interviews import services
from interviews.exceptions import ConsentTextChanged
from interviews.models import InterviewSession, SessionState
from interviews.views.after import finished
from interviews.views.common import candidate_view, in_this_browser
from interviews.views.questions import in_progress
from vacancies.companies import employer
from vacancies.models import Vacancy
from vacancies.scripts import FrozenScript
from vacancies.services import current_script


@require_safe
@candidate_view
def session_detail(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Show the page of the session's state."""
    if session.state == SessionState.INVITED or reads_again(request, session):
        return invited(request, session)
    if session.state == SessionState.IN_PROGRESS:
        return in_progress(request, session)
    if session.state == SessionState.FINISHED:
        return finished(request, session)
    return render(
        request, f"interviews/{session.state.value}.html", {"session": session}
    )


def reads_again(request: HttpRequest, session: InterviewSession) -> bool:
    """Tell whether somebody who refused wants to see the text again, or has to."""
    return session.state == SessionState.DECLINED and "changed" in request.GET


def invited(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    script = current_script(session.vacancy)
    if not script.questions:
        return render(request, "interviews/not_open.html", {"session": session})
    context = {
        "session": session,
        "text_changed": "changed" in request.GET,
    } | welcome(session.vacancy, script)
    return render(request, "interviews/invited.html", context)


def welcome(vacancy: Vacancy, script: FrozenScript) -> dict[str, object]:
    """Return what is told before the first question; HR's preview tells it too."""
    who = employer(vacancy)
    consent = services.consent_text(vacancy, who)
    return {
        "script": script,
        "employer": who,
        "consent": consent,
        "consent_hash": consent_hash(consent),
        "spoken_to_ai": services.offers_call(vacancy),
        "uses_ai_scores": vacancy.uses_ai_scores,
    }


@require_POST
@candidate_view
def start(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Take the consent and begin in this browser."""
    try:
        session = services.start(
            session=session,
            agreed_to=request.POST.get("text", ""),
            declines_scores="no_ai_scores" in request.POST,
        )
    except ConsentTextChanged:
        return redirect(f"{session.get_absolute_url()}?changed")
    return in_this_browser(session, redirect("interviews:check", session.pk))


@require_POST
@candidate_view
def decline(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Record the refusal; the page that follows offers to come back."""
    services.decline(session=session)
    return redirect(session)


@require_POST
@candidate_view
def resume(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Continue in this browser an interview begun here or elsewhere."""
    services.resume(session=session)
    return in_this_browser(session, redirect(session))

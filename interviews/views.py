"""The candidate's pages: one address, and a page for each state of the session."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from candidates.consent import consent_paragraphs
from core.exceptions import DomainError
from interviews import agent, services, turns
from interviews.forms import AnswerForm, blank_form
from interviews.models import InterviewSession, SessionState
from interviews.tokens import cookie_name, mint_token, read_token
from vacancies.scripts import FrozenScript, Step
from vacancies.services import current_script

View = Callable[[HttpRequest, InterviewSession], HttpResponse]


def candidate_view(view: View) -> Callable[[HttpRequest, UUID], HttpResponse]:
    """Find the session of the link and speak its language; keep the page private.

    A refusal by a rule leads back to the session's page, which says what is the matter.
    """

    @wraps(view)
    @never_cache
    def wrapper(request: HttpRequest, session_id: UUID) -> HttpResponse:
        session = (
            InterviewSession.objects.select_related(
                "candidate", "vacancy", "script", "consent"
            )
            .filter(pk=session_id)
            .first()
        )
        if session is None:
            return unknown_link(request)
        with override(session.vacancy.language):
            try:
                response = view(request, session)
            except DomainError:
                response = redirect(session)
        return private(response)

    return wrapper


def private(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex"
    response["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=()"
    return response


@never_cache
def unknown_link(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer a link that leads to no interview."""
    return private(render(request, "interviews/unknown_link.html", status=404))


@require_safe
@candidate_view
def session_detail(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Show the page of the session's state."""
    if session.state == SessionState.INVITED:
        return invited(request, session)
    if session.state == SessionState.IN_PROGRESS:
        return in_progress(request, session)
    return render(
        request, f"interviews/{session.state.value}.html", {"session": session}
    )


def invited(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    script = current_script(session.vacancy)
    if not script.questions:
        return render(request, "interviews/not_open.html", {"session": session})
    context = {"session": session} | welcome(script)
    return render(request, "interviews/invited.html", context)


def welcome(script: FrozenScript) -> dict[str, object]:
    """Return what is told before the first question; HR's preview tells it too."""
    spoken_to_ai = services.spoken_to_ai()
    consent = consent_paragraphs(script.language, spoken_to_ai=spoken_to_ai)
    return {"script": script, "consent": consent, "spoken_to_ai": spoken_to_ai}


def in_progress(
    request: HttpRequest, session: InterviewSession, form: AnswerForm | None = None
) -> HttpResponse:
    """Show where the interview stands; `form` is an answer that could not be taken."""
    if not is_this_browser(request, session):
        return render(request, "interviews/resume.html", {"session": session})
    step = turns.next_step(session.pk)
    if step.question is None:
        # The last answer was stored, but what should have followed it was cut off.
        turns.end_interview(session.pk, reason="completed")
        return redirect(session)
    if services.spoken_to_ai() and not form and "writing" not in request.GET:
        return agent.page(request, session, step)
    # In an old tab the form may be about a question that is not asked any more.
    if form and form.data.get("question") != str(step.question.id):
        form = None
    return question_page(request, session, step, form)


def is_this_browser(request: HttpRequest, session: InterviewSession) -> bool:
    """Tell whether the interview was started, or continued, in this browser."""
    token = request.COOKIES.get(cookie_name(session.pk), "")
    return read_token(token) == session.pk


def question_page(
    request: HttpRequest,
    session: InterviewSession,
    step: Step,
    form: AnswerForm | None,
) -> HttpResponse:
    context = {
        "session": session,
        "step": step,
        "form": form or blank_form(step),
        "language": session.vacancy.language,
        "offers_agent": services.spoken_to_ai(),
    }
    return render(
        request, "interviews/question.html", context, status=422 if form else 200
    )


@require_POST
@candidate_view
def start(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Take the consent and begin in this browser."""
    return in_this_browser(services.start(session=session))


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
    return in_this_browser(session)


def in_this_browser(session: InterviewSession) -> HttpResponse:
    response = redirect(session)
    response.set_cookie(
        cookie_name(session.pk),
        mint_token(session.pk),
        expires=session.expires_at,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_POST
@candidate_view
def answer(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Store a written answer; the page that follows asks the next question."""
    if session.state != SessionState.IN_PROGRESS or not is_this_browser(
        request, session
    ):
        return redirect(session)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return in_progress(request, session, form)
    step = turns.record_answer(session.pk, form.answer())
    if step.done:
        turns.end_interview(session.pk, reason="completed")
    return redirect(f"{session.get_absolute_url()}?writing")

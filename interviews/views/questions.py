"""The built-in interviewer: one question at a time, answered in writing or aloud."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from interviews import agent, services, turns
from interviews.forms import AnswerForm, blank_form
from interviews.models import InterviewSession, SessionState
from interviews.views.common import candidate_view, is_this_browser
from vacancies.scripts import Step


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

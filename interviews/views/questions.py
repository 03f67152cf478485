"""The built-in interviewer: one question at a time, answered in writing or aloud."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from interviews import agent, pacing, services, turns
from interviews.forms import AnswerForm, PageForm, blank_form
from interviews.models import InterviewSession, SessionState
from interviews.takes import answer_aloud, takes_so_far
from interviews.views.common import (
    candidate_view,
    is_this_browser,
    with_own_recording,
)
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
    if (
        services.offers_call(session.vacancy)
        and not form
        and "writing" not in request.GET
    ):
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
    assert step.question is not None
    context = {
        "session": session,
        "step": step,
        "form": form or blank_form(step),
        "language": session.vacancy.language,
        "offers_agent": services.offers_call(session.vacancy),
        "takes": takes_so_far(session, step.question),
        "more_time_taken": pacing.took_more_time(session, step.question),
    }
    status = 422 if form else 200
    page = render(request, "interviews/question.html", context, status=status)
    return with_own_recording(request, page)


@require_POST
@candidate_view
def answer(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Store an answer; the page that follows asks the next question."""
    if not may_answer(request, session):
        return redirect(session)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return in_progress(request, session, form)
    if pacing.goes_on_elsewhere(session, form.cleaned_data["page"]):
        return elsewhere(request, session)
    step = store(session, form)
    if step.done:
        turns.end_interview(session.pk, reason="completed")
    return redirect(f"{session.get_absolute_url()}?writing")


def store(session: InterviewSession, form: AnswerForm) -> Step:
    data = form.cleaned_data
    if not data["take"] or data["skip"]:
        return turns.record_answer(session.pk, form.answer())
    return answer_aloud(
        session=session,
        take_id=data["take"],
        question_id=data["question"],
        text=data["text"],
        duration_ms=data["duration_ms"],
    )


def may_answer(request: HttpRequest, session: InterviewSession) -> bool:
    return session.state == SessionState.IN_PROGRESS and is_this_browser(
        request, session
    )


def elsewhere(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Say that a later page has taken over; what was typed stays on the device."""
    return render(
        request, "interviews/elsewhere.html", {"session": session}, status=409
    )


@require_POST
@candidate_view
def here(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Take the interview over: from now on only this page's answers are stored."""
    form = PageForm(request.POST)
    if not may_answer(request, session) or not form.is_valid():
        return JsonResponse({"taken": False}, status=409)
    pacing.take_over(session=session, page_id=form.cleaned_data["page"])
    return JsonResponse({"taken": True})


@require_POST
@candidate_view
def more_time(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Give the question at hand its time once more; once for each question."""
    if not may_answer(request, session):
        return JsonResponse({"given": False}, status=409)
    given = pacing.give_more_time(session=session, step=turns.next_step(session.pk))
    return JsonResponse({"given": given}, status=200 if given else 409)


@require_safe
@candidate_view
def check(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Let the candidate try microphone, sound and connection before the questions."""
    if not may_answer(request, session):
        return redirect(session)
    context = {
        "session": session,
        "goes_on": session.answers.exists(),
        "offers_agent": services.offers_call(session.vacancy),
    }
    return with_own_recording(
        request, render(request, "interviews/check.html", context)
    )


@candidate_view
def practice(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Ask a question of which nothing is stored, to see how answering works."""
    if not may_answer(request, session):
        return redirect(session)
    if request.method == "POST":
        return render(request, "interviews/practised.html", {"session": session})
    context = {
        "session": session,
        "step": pacing.practice_step(),
        "language": session.vacancy.language,
        "practice_url": reverse("interviews:practice", args=[session.pk]),
        "form": AnswerForm(initial={"question": pacing.PRACTICE_ID}),
    }
    page = render(request, "interviews/question.html", context)
    return with_own_recording(request, page)

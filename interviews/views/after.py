"""The pages for afterwards, and for a break: thanks, rating, own copy, leaving."""

from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from interviews import copies, requests
from interviews.exceptions import NotAvailable, NothingToCorrect, TooManyCorrections
from interviews.forms_after import CorrectionForm, RatingForm
from interviews.models import InterviewSession, SessionState
from interviews.views.common import (
    View,
    candidate_view,
    in_this_browser,
    is_this_browser,
)

UNCORRECTED = {
    NothingToCorrect: _(
        "This is what the answer says already: change what is wrong in it, then save."
    ),
    TooManyCorrections: _(
        "This answer has as many corrections as we can keep. Please write to a person "
        "about anything further."
    ),
}


def finished(
    request: HttpRequest, session: InterviewSession, form: RatingForm | None = None
) -> HttpResponse:
    """Thank the candidate; `form` is a rating that could not be taken."""
    context = {
        "session": session,
        "form": form or RatingForm(initial={"rating": session.rating}),
        "is_rated": "rated" in request.GET and session.rating and not form,
    }
    return render(
        request, "interviews/finished.html", context, status=422 if form else 200
    )


@require_POST
@candidate_view
def rate(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Take the candidate's rating of the interview."""
    if session.state != SessionState.FINISHED:
        raise NotAvailable
    form = RatingForm(request.POST)
    if not form.is_valid():
        return finished(request, session, form)
    requests.rate(session=session, rating=form.cleaned_data["rating"])
    return redirect(f"{session.get_absolute_url()}?rated#rating")


def for_own_browser(view: View) -> View:
    """Show a copy only where the interview was held, or its holder asked for it."""

    @wraps(view)
    def wrapper(
        request: HttpRequest, session: InterviewSession, **kwargs: Any
    ) -> HttpResponseBase:
        if session.started_at is None:
            raise NotAvailable
        if not is_this_browser(request, session):
            return copy_closed(request, session)
        return view(request, session, **kwargs)

    return wrapper


def copy_closed(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    return render(request, "interviews/copy_closed.html", {"session": session})


@require_POST
@candidate_view
def copy_open(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Let this browser, too, show the answers."""
    if session.started_at is None:
        raise NotAvailable
    return in_this_browser(session, redirect("interviews:copy", session.pk))


@require_safe
@candidate_view
@for_own_browser
def own_copy(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Show the candidate what was asked and answered."""
    return copy_page(request, session)


def copy_page(
    request: HttpRequest,
    session: InterviewSession,
    question_id: int | None = None,
    form: CorrectionForm | None = None,
) -> HttpResponse:
    """Show the copy; `form` is a correction of one answer that could not be taken."""
    context = {
        "session": session,
        "language": session.vacancy.language,
        "turns": copies.own_copy(session),
        "corrected": request.GET.get("corrected", ""),
        "question_id": question_id,
        "form": form or CorrectionForm(),
    }
    return render(request, "interviews/copy.html", context, status=422 if form else 200)


@require_safe
@candidate_view
@for_own_browser
def copy_text(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Hand out the copy as a file of plain text."""
    text = copies.copy_text(session, copies.own_copy(session))
    # The mark and the line ends are for the editors that guess wrong without them.
    content = text.replace("\n", "\r\n").encode("utf-8-sig")
    name = quote(copies.file_name(session), safe="")
    headers = {
        "Content-Disposition": f'attachment; filename="interview.txt"; '
        f"filename*=UTF-8''{name}",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, "text/plain; charset=utf-8", headers=headers)


@require_POST
@candidate_view
@for_own_browser
def correct(
    request: HttpRequest, session: InterviewSession, question_id: int
) -> HttpResponse:
    """Take what an answer should read; it is kept beside the answer."""
    answer = session.answers.filter(question_id=question_id).first()
    if answer is None:
        raise Http404
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return copy_page(request, session, question_id, form)
    try:
        copies.correct(answer=answer, text=form.cleaned_data["text"])
    except tuple(UNCORRECTED) as refusal:
        form.add_error("text", UNCORRECTED[type(refusal)])
        return copy_page(request, session, question_id, form)
    address = reverse("interviews:copy", args=[session.pk])
    return redirect(f"{address}?corrected={question_id}#answer-{question_id}")


@require_safe
@candidate_view
def leave(request: HttpRequest, session: InterviewSession) -> HttpResponse:
    """Tell whoever leaves for now what is kept, and how to come back."""
    if session.state != SessionState.IN_PROGRESS or session.script is None:
        raise NotAvailable
    context = {
        "session": session,
        "answered": session.answers.count(),
        "total": len(session.script.frozen().questions),
    }
    return render(request, "interviews/leave.html", context)

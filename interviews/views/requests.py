"""The pages on which a candidate asks the hiring team for something."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from interviews import requests
from interviews.exceptions import RequestIsFull
from interviews.forms_after import RequestForm
from interviews.models import InterviewSession, RequestKind, SessionState
from interviews.views.common import candidate_view, unknown_link

TITLES = {
    RequestKind.ANOTHER_WAY: _("Would you prefer another way?"),
    RequestKind.HUMAN_REVIEW: _("A review by a person"),
    RequestKind.ERASURE: _("Erasure of your data"),
}
STILL_OPEN = {SessionState.INVITED, SessionState.DECLINED, SessionState.IN_PROGRESS}


@require_http_methods(["GET", "HEAD", "POST"])
@candidate_view
def request_page(
    request: HttpRequest, session: InterviewSession, kind: str
) -> HttpResponse:
    """Say what a request of this kind does, and take it."""
    if kind not in TITLES:
        return unknown_link(request)
    requests.check_may_ask(session, kind)
    if request.method == "POST":
        return asked(request, session, kind)
    is_open = session.requests.filter(kind=kind, handled_at=None).exists()
    if is_open and request.GET.keys() & {"sent", "already"}:
        return sent_page(request, session, kind)
    return form_page(request, session, kind, RequestForm(), is_open=is_open)


def asked(request: HttpRequest, session: InterviewSession, kind: str) -> HttpResponse:
    form = RequestForm(request.POST)
    if not form.is_valid():
        return form_page(request, session, kind, form)
    try:
        is_new = requests.ask(
            session=session, kind=kind, message=form.cleaned_data["message"]
        )
    except RequestIsFull:
        form.add_error(
            "message",
            _(
                "You have written a lot already, and the team will read it first. "
                "Your request itself is with them."
            ),
        )
        return form_page(request, session, kind, form)
    address = reverse("interviews:request", args=[session.pk, kind])
    return redirect(f"{address}?{'sent' if is_new else 'already'}")


def form_page(
    request: HttpRequest,
    session: InterviewSession,
    kind: str,
    form: RequestForm,
    *,
    is_open: bool = False,
) -> HttpResponse:
    context = page_context(session, kind) | {"form": form, "is_open": is_open}
    return render(
        request,
        "interviews/request.html",
        context,
        status=422 if form.errors else 200,
    )


def sent_page(
    request: HttpRequest, session: InterviewSession, kind: str
) -> HttpResponse:
    context = page_context(session, kind) | {"is_new": "sent" in request.GET}
    return render(request, "interviews/request_sent.html", context)


def page_context(session: InterviewSession, kind: str) -> dict[str, Any]:
    return {
        "session": session,
        "kind": kind,
        "title": TITLES[RequestKind(kind)],
        "stays_open": session.state in STILL_OPEN,
    }

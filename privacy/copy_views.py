"""The candidate's own page for a copy of all that is held of an interview."""

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from interviews.models import CopyState, DataCopy, InterviewSession
from interviews.views.after import for_own_browser
from interviews.views.common import candidate_view
from privacy import copy_making


@require_http_methods(["GET", "HEAD", "POST"])
@candidate_view
@for_own_browser
def everything(request: HttpRequest, session: InterviewSession) -> HttpResponseBase:
    """Explain the copy, have it made, and say when it is there."""
    if request.method == "POST":
        wanted = copy_making.ask_for_own(session, language=get_language() or "en")
        copy_making.make_if_small(wanted)
        return redirect(request.path)
    context = {
        "session": session,
        "copy": latest(session),
        "days": copy_making.KEPT.days,
    }
    return render(request, "privacy/everything.html", context)


@require_safe
@candidate_view
@for_own_browser
def download(request: HttpRequest, session: InterviewSession) -> HttpResponseBase:
    """Hand the copy out."""
    wanted = latest(session)
    if wanted is None or wanted.state != CopyState.READY:
        raise Http404
    return handed_out(request, wanted)


def latest(session: InterviewSession) -> DataCopy | None:
    return session.copies.filter(asked_by=None).first()


def handed_out(request: HttpRequest, wanted: DataCopy) -> HttpResponse | FileResponse:
    """Stream a copy that is ready, and record that it was taken; raises Http404."""
    try:
        copy_making.record_download(wanted, request=request)
        file = copy_making.opened(wanted)
    except FileNotFoundError as error:
        raise Http404 from error
    name = slugify(gettext("Copy of the data"), allow_unicode=True)
    return FileResponse(file, as_attachment=True, filename=f"{name}.zip")

"""The pages behind a shared link, for people without an account.

The link itself is looked at once: it leaves a cookie, and leads to an address without the
token in it. Every request asks anew whether the share still works. Unknown, expired and
revoked links, and whatever a link does not show, are one and the same page.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core.addresses import client_address
from core.audio_files import audio_response
from core.cookies import host_only, keep
from interviews.listening import recording_of
from interviews.models import InterviewProgress
from reviews import opinions, shared, sharing
from reviews.forms_sharing import OpinionForm
from reviews.models import Share
from vacancies.companies import employer

View = Callable[..., HttpResponseBase]
Response = TypeVar("Response", bound=HttpResponseBase)


def shared_view(view: View) -> View:
    """Find the share whose link this browser has opened; keep its pages private."""

    @wraps(view)
    @never_cache
    def wrapper(request: HttpRequest, key: UUID, **kwargs: Any) -> HttpResponseBase:
        kept = request.COOKIES.get(cookie_name(key), "")
        share = sharing.share_of_browser(key, kept)
        try:
            response = view(request, share, **kwargs) if share else closed(request)
        except Http404:
            response = closed(request)
        return private(response)

    return wrapper


def cookie_name(key: UUID) -> str:
    """Name the cookie of a share, so that two in one browser do not meet."""
    return host_only(f"share-{key.hex}")


def private(response: Response) -> Response:
    response["X-Robots-Tag"] = "noindex, nofollow"
    # Not "no-referrer": a form would then be sent from nowhere, and be refused. Only the
    # link's own address is a secret, and that one is never left by a page.
    response.setdefault("Referrer-Policy", "same-origin")
    return response


@never_cache
def closed(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer whatever leads nowhere, or no longer: nobody learns which."""
    context = {"employer": employer(None)}
    response = render(request, "reviews/share_closed.html", context, status=404)
    response["Referrer-Policy"] = "no-referrer"
    return private(response)


@require_safe
@never_cache
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Let this browser in, and lead it to the share's own address.

    Nothing is used up or counted: the programs that look at links in mail come here too.
    """
    share = sharing.share_of_token(token)
    if share is None:
        return closed(request)
    address = reverse("reviews:share", args=[share.key])
    response = HttpResponseRedirect(address, status=303)
    keep(
        response,
        cookie_name(share.key),
        sharing.browser_pass(share),
        expires=share.expires_at,
    )
    response["Referrer-Policy"] = "no-referrer"
    return private(response)


@require_safe
@shared_view
def share(request: HttpRequest, share: Share) -> HttpResponse:
    """List the interviews of a share."""
    note(request, share)
    context = {"interviews": shared.interviews(share), **about(share)}
    return render(request, "reviews/share.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@shared_view
def interview(request: HttpRequest, share: Share, number: int) -> HttpResponse:
    """Show one interview, and take what the reader thinks of it."""
    found = find(share, number)
    if request.method != "POST":
        return interview_page(request, found)
    if not (share.asks_feedback and found.has_answers):
        raise Http404
    form = OpinionForm(request.POST)
    if not (form.is_valid() and kept_opinion(found, form)):
        return interview_page(request, found, form)
    return redirect(f"{request.path}?thanks#opinion")


def kept_opinion(found: shared.SharedInterview, form: OpinionForm) -> bool:
    try:
        opinions.give_opinion(
            share=found.share, session=found.session, **form.cleaned_data
        )
    except opinions.TooManyOpinions:
        form.add_error(
            None,
            _(
                "So many opinions came by this link that no more are taken. Please write "
                "to whoever sent it to you."
            ),
        )
    return form.is_valid()


def interview_page(
    request: HttpRequest,
    found: shared.SharedInterview,
    form: OpinionForm | None = None,
) -> HttpResponse:
    """Show an interview; `form` is an opinion that could not be taken."""
    note(request, found.share, session=found.session)
    numbers = list(found.share.rows.values_list("number", flat=True))
    place = numbers.index(found.number)
    context = {
        "interview": found,
        "answers": found.answers(),
        "previous": numbers[place - 1] if place else None,
        "next": numbers[place + 1] if place + 1 < len(numbers) else None,
        "form": form or OpinionForm(),
        "is_thanked": "thanks" in request.GET and not form,
        **about(found.share),
    }
    status = 422 if form else 200
    return render(request, "reviews/share_interview.html", context, status=status)


@require_safe
@shared_view
def recording(
    request: HttpRequest, share: Share, number: int, position: int
) -> HttpResponseBase:
    """Play the recording of an answer, under a name that says nothing."""
    found = find(share, number)
    audio = recording_of(found.session, answer_at(found, position))
    note(request, share, session=found.session, position=position)
    return audio_response(request, audio)


def find(share: Share, number: int) -> shared.SharedInterview:
    found = shared.interview(share, number)
    if found is None:
        raise Http404
    return found


def answer_at(found: shared.SharedInterview, position: int) -> InterviewProgress:
    for one in found.answers():
        if one.position == position and one.answer:
            return one.answer
    raise Http404


def note(request: HttpRequest, share: Share, **about: Any) -> None:
    """Keep that something was shown; asking for the headers alone shows nothing."""
    if request.method != "HEAD":
        sharing.note_view(share=share, address=client_address(request), **about)


def about(share: Share) -> dict[str, Any]:
    """Return what every page of a share shows.

    Without the company's contact, who answers candidates: a reader knows who shared.
    """
    looks = msgspec.structs.replace(employer(share.vacancy), contact_email="")
    return {"share": share, "vacancy": share.vacancy, "employer": looks}

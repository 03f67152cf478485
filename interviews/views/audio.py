"""Spoken answers, played to the candidate who gave them and to staff."""

from uuid import UUID

from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from accounts.audit import record_listening
from core.audio_files import audio_response
from interviews.models import InterviewSession, Take
from interviews.takes import take_audio
from interviews.views.common import candidate_view, is_this_browser

# A part's number has no more digits.
MAX_DIGITS = 4


@require_safe
@candidate_view
def own_take(
    request: HttpRequest, session: InterviewSession, take_id: UUID
) -> HttpResponseBase:
    """Play a take, or one part of it, in the browser that recorded it."""
    if not is_this_browser(request, session):
        raise Http404
    return play(request, get_object_or_404(Take, pk=take_id, session=session))


@staff_member_required
@permission_required("interviews.view_interviewsession", raise_exception=True)
@never_cache
@require_safe
def take_recording(request: HttpRequest, take_id: UUID) -> HttpResponseBase:
    """Play a take, or one part of it, to whoever may read the interview."""
    sessions = InterviewSession.objects.visible_to(signed_in(request))
    takes = Take.objects.select_related("session").filter(session__in=sessions)
    take = get_object_or_404(takes, pk=take_id)
    response = play(request, take)
    record_listening(take.session, f"take {take.pk}", request=request)
    return response


def play(request: HttpRequest, take: Take) -> HttpResponseBase:
    part = request.GET.get("part", "1")
    if not (part.isascii() and part.isdigit() and len(part) <= MAX_DIGITS):
        raise Http404
    return audio_response(request, take_audio(take, int(part)))

"""The recording of an answer, wherever it is kept, for whoever may hear that interview.

An answer names its recording by the address at which staff hear it. Pages for others must
not lead there: they ask for the sound itself, and it must be of the interview at hand.
"""

import re
from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import Resolver404, ResolverMatch, resolve

from core.audio_files import Audio
from interviews.models import Answer, InterviewSession, Take
from interviews.takes import take_audio

Source = Callable[..., Audio]

# "#t=12,34.5": where in a call's recording the answer is.
STRETCH = re.compile(r"t=\d{1,7}(\.\d{1,3})?(,\d{1,7}(\.\d{1,3})?)?", re.ASCII)


def take_of_session(session: InterviewSession, *, take_id: Any) -> Audio:
    takes = Take.objects.filter(session=session, size__gt=0)
    return take_audio(get_object_or_404(takes, pk=take_id))


# By the name of the address. Apps that keep recordings of their own add theirs.
SOURCES: dict[str, Source] = {"take_recording": take_of_session}


def recording_of(session: InterviewSession, answer: Answer) -> Audio:
    """Return the sound of an answer of this interview.

    Raises Http404 if there is none, it is kept elsewhere, or is not this interview's:
    an address is whatever the voice agent sent.
    """
    match = recording_match(answer)
    if match is None:
        raise Http404
    return SOURCES[str(match.url_name)](session, **match.kwargs)


def recording_match(answer: Answer) -> ResolverMatch | None:
    """Return where the portal keeps an answer's recording, None if it does not."""
    try:
        match = resolve(answer.answer_audio_url.partition("#")[0])
    except Resolver404:
        return None
    return match if match.url_name in SOURCES else None


def stretch_of(answer: Answer) -> str:
    """Return the part of the recording that is the answer, "#t=12,34", or nothing."""
    fragment = answer.answer_audio_url.partition("#")[2]
    return f"#{fragment}" if STRETCH.fullmatch(fragment) else ""

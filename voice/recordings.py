"""Recordings of calls: fetched from the vendor, kept privately, played to HR staff."""

import logging
from datetime import timedelta
from tempfile import TemporaryFile

from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.core.files.base import ContentFile, File
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from accounts.audit import record_listening
from core.audio_files import CHUNK, Audio, audio_response, stored_audio
from interviews.models import InterviewSession
from voice.bodies import MAX_BYTES
from voice.models import Call, CallStatus
from voice.vendor import VendorError, client, vendor_errors
from voice.workspaces import find

logger = logging.getLogger("parley.voice")

# What the vendor says it has not got is asked for again after a quarter of the call's
# age, and no more after a fortnight.
SHORTEST_WAIT = timedelta(minutes=4)
# Longer than a call and an outage: so long each pull asks a vendor that was away.
OFTEN_FOR = timedelta(hours=12)
GIVE_UP_AFTER = timedelta(days=14)


def is_missing(call: Call) -> bool:
    return (
        call.has_audio
        and not call.recording
        and not call.conversation.session.consent_withdrawn_at
    )


def missing() -> QuerySet[Call]:
    """Return the calls whose recording should be asked for now."""
    now = timezone.now()
    return Call.objects.filter(
        status__in=[CallStatus.DONE, CallStatus.FAILED],
        has_audio=True,
        recording="",
        pull_after__lte=now,
        conversation__session__consent_withdrawn_at=None,
        conversation__opened_at__gt=now - GIVE_UP_AFTER,
    )


def fetch(conversation_id: str) -> Call | None:
    """Fetch a call's recording unless it is here; return the call if it has come.

    What fails is left for a later time.
    """
    call = Call.objects.select_related("conversation__session").get(pk=conversation_id)
    if not is_missing(call):
        return None
    try:
        download(call)
    except VendorError as error:
        logger.warning("no recording came", extra={"problem": str(error)})
        now = timezone.now()
        wait = wait_after(error, age=now - call.conversation.opened_at)
        Call.objects.filter(pk=call.pk).update(pull_after=now + wait)
        return None
    return call


def wait_after(error: VendorError, *, age: timedelta) -> timedelta:
    """Return when to ask again; the recordings of an outage come with the next pull."""
    if error.is_passing and age < OFTEN_FOR:
        return SHORTEST_WAIT
    return max(SHORTEST_WAIT, age / 4)


def download(call: Call) -> None:
    """Store the recording, once all of it is here; raises VendorError."""
    workspace = find(call.workspace)
    if workspace is None:
        raise VendorError(f"The workspace {call.workspace} is not configured")
    audio = client(workspace).conversational_ai.conversations.audio
    with TemporaryFile() as file:
        with vendor_errors(workspace):
            for chunk in audio.get(call.pk, request_options={"chunk_size": CHUNK}):
                file.write(chunk)
                if file.tell() > MAX_BYTES:
                    raise VendorError("The recording is too large", 502)
        if not file.tell():
            raise VendorError("The recording is empty", 502)
        file.seek(0)
        save(call, File(file))


def keep(call: Call, audio: bytes) -> None:
    """Store a recording that a webhook brought, unless there is one."""
    if not call.recording:
        save(call, ContentFile(audio))


def save(call: Call, content: File) -> None:
    """Put the whole file into the storage, and only then say that the call has it."""
    name = call.recording.storage.save(f"{call.pk}.mp3", content)
    Call.objects.filter(pk=call.pk).update(recording=name, has_audio=True)


def call_of_session(session: InterviewSession, *, conversation_id: str) -> Audio:
    """Return the recording of one of the interview's calls; raises Http404."""
    calls = Call.objects.filter(conversation__session=session)
    return call_audio(
        get_object_or_404(calls.exclude(recording=""), pk=conversation_id)
    )


def call_audio(call: Call) -> Audio:
    return stored_audio(call.recording.storage, str(call.recording), "audio/mpeg")


@staff_member_required
@permission_required("interviews.view_interviewsession", raise_exception=True)
@never_cache
@require_safe
def recording(request: HttpRequest, conversation_id: str) -> HttpResponseBase:
    """Play a call's recording, or a part of it, to whoever may read the interview."""
    sessions = InterviewSession.objects.visible_to(signed_in(request))
    calls = Call.objects.filter(conversation__session__in=sessions)
    call = get_object_or_404(
        calls.exclude(recording="").select_related("conversation__session"),
        pk=conversation_id,
    )
    response = audio_response(request, call_audio(call))
    session = call.conversation.session
    record_listening(session, f"call {call.pk}", request=request)
    return response

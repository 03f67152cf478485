"""Background work of the voice service. Every task may run twice without harm.

What a task defers inside the worker is queued at once, whatever becomes of the task's
own transaction: so it defers last.
"""

import logging
from uuid import UUID

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from core.queue import queue_once
from interviews.services import spoken_to_ai
from voice import processing, provisioning, pull, reconciliation, recordings
from voice.models import VoiceEvent
from voice.vendor import VendorError
from voice.workspaces import workspaces

logger = logging.getLogger("parley.voice")

# 4 s, 16 s, 64 s … more than an hour: whatever passes by itself has passed by then.
PASSING = RetryStrategy(
    max_attempts=6,
    exponential_wait=4,
    retry_exceptions=[OperationalError, InterfaceError, VoiceEvent.DoesNotExist],
)


@app.task(retry=PASSING)
def process_event(event_id: int) -> None:
    """Make of a stored event what is in it.

    A worker may have died when that was done, and nothing queued yet.
    """
    call = processing.process(event_id) or processing.call_told_of(event_id)
    if call and recordings.is_missing(call):
        queue_once(fetch_recording.name, call.pk, conversation_id=call.pk)


@app.task(retry=PASSING)
def fetch_recording(conversation_id: str) -> None:
    """Fetch a call's recording, and let the answers be heard in it.

    What fails is tried again by the next pull.
    """
    if call := recordings.fetch(conversation_id):
        reconciliation.reconcile(call.conversation.session_id)


@app.task(retry=PASSING)
def reconcile_session(session_id: str) -> None:
    """Hold a session's answers against its calls once more."""
    reconciliation.reconcile(UUID(session_id))


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="pull_calls", lock="pull_calls")
def pull_calls(timestamp: int) -> None:
    """Fetch what no webhook brought: the records of calls and their recordings."""
    pull.pull_now()
    for call in recordings.missing():
        queue_once(fetch_recording.name, call.pk, conversation_id=call.pk)


@app.periodic(cron="2-59/5 * * * *")
@app.task(queueing_lock="reconcile_late")
def reconcile_late(timestamp: int) -> None:
    """Look again at the calls of sessions that have ended meanwhile."""
    for session in reconciliation.late_sessions():
        queue_once(reconcile_session.name, str(session.pk), session_id=str(session.pk))


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="keep_duration")
def keep_duration(timestamp: int) -> None:
    """Let calls last as long as the vacancies of the day need, in every workspace."""
    for workspace in workspaces() if spoken_to_ai() else ():
        try:
            provisioning.keep_duration(workspace)
        except VendorError as error:
            logger.warning("the calls' duration was not checked: %s", error)

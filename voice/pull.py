"""Fetching from the vendor what no webhook has brought.

A webhook may be lost, switched off or refused, and its repeats end after 41 minutes. So
every call that was opened is asked for until its record is here.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote

import httpx
from django.db.models import QuerySet
from django.utils import timezone

from interviews.models import Conversation
from interviews.services import spoken_to_ai
from voice import processing, reconciliation, transcripts
from voice.bodies import MAX_BYTES
from voice.events import store_event
from voice.models import FIRST_PULL, Call, CallStatus, EventSource
from voice.recordings import OFTEN_FOR
from voice.vendor import TIMEOUT_SECONDS, VendorError, vendor_errors
from voice.workspaces import Workspace, workspaces

logger = logging.getLogger("parley.voice")

# Requests under way at once; the vendor's limit is not published.
THREADS = 8
# A call must begin within 15 minutes; what the vendor does not know then never began.
UNKNOWN_OFTEN_FOR = timedelta(hours=1)
UNKNOWN_FOR = timedelta(days=1)
SELDOM = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=14)

Answer = bytes | VendorError


def pull_now() -> int:
    """Fetch and process the record of every call that is due; return how many came."""
    if not spoken_to_ai():
        return 0
    expect_calls()
    now = timezone.now()
    come = [pull_from(workspace, now) for workspace in workspaces()]
    pass_over_strangers(now)
    return sum(come)


def pull_from(workspace: Workspace, now: datetime) -> int:
    """Fetch what is due in a workspace; return how much came.

    Stops early when the vendor is away or refuses the key: the next pull asks again.
    """
    calls = Call.objects.due(now).filter(workspace=workspace.name)
    due, came = list(calls.select_related("conversation")), 0
    with api(workspace) as client, ThreadPoolExecutor(THREADS) as pool:
        for start in range(0, len(due), THREADS):
            batch = due[start : start + THREADS]
            # Only the waiting is done in threads; the database is this one's.
            answers = list(pool.map(partial(fetch, client, workspace), batch))
            came += sum(map(take, batch, answers))
            if is_away(answers):
                logger.warning(
                    "the vendor is away",
                    extra={"workspace": workspace.name, "problem": str(answers[0])},
                )
                break
    return came


def pass_over_strangers(now: datetime) -> None:
    """Leave for later the calls of a workspace that is not configured any more."""
    names = [workspace.name for workspace in workspaces()]
    strangers = Call.objects.due(now).exclude(workspace__in=names)
    for call in strangers.select_related("conversation"):
        ask_again(call)


def expect_calls() -> None:
    """Expect a record for conversations whose id only the candidate's page knew."""
    Call.objects.bulk_create(
        [
            Call(
                conversation=conversation,
                pull_after=conversation.opened_at + FIRST_PULL,
            )
            for conversation in Conversation.objects.filter(call=None)
        ],
        ignore_conflicts=True,
    )


def api(workspace: Workspace) -> httpx.Client:
    """Return a client that hands out bytes as they came; the SDK's makes objects of them."""
    return httpx.Client(
        base_url=workspace.base_url,
        headers={"xi-api-key": workspace.api_key},
        timeout=TIMEOUT_SECONDS,
    )


def fetch(client: httpx.Client, workspace: Workspace, call: Call) -> Answer:
    """Return the vendor's record of a call, or why there is none."""
    try:
        with vendor_errors(workspace):
            return bounded(
                client, f"/v1/convai/conversations/{quote(call.pk, safe='')}"
            )
    except VendorError as error:
        return error


def bounded(client: httpx.Client, path: str) -> bytes:
    """Return what is there, up to the size of a report; raises VendorError."""
    content = bytearray()
    with client.stream("GET", path) as answer:
        if answer.status_code != httpx.codes.OK:
            raise VendorError(
                f"ElevenLabs answered {answer.status_code}", answer.status_code
            )
        for piece in answer.iter_bytes():
            content += piece
            if len(content) > MAX_BYTES:
                raise VendorError("The record is too large", 502)
    return bytes(content)


def is_away(answers: Sequence[Answer]) -> bool:
    """Tell whether asking on is useless. One conversation may fail by itself."""
    return all(
        isinstance(answer, VendorError)
        and (answer.is_passing or answer.status in {401, 403})
        for answer in answers
    )


def take(call: Call, answer: Answer) -> bool:
    """Make of the vendor's answer what it is; return whether a record came."""
    if not isinstance(answer, VendorError):
        return take_record(call, answer)
    if answer.status == httpx.codes.NOT_FOUND:
        ask_again(call, CallStatus.GONE, often_for=UNKNOWN_OFTEN_FOR, after=UNKNOWN_FOR)
    else:
        ask_again(call)
    return False


def take_record(call: Call, raw: bytes) -> bool:
    event_bytes = as_event(raw)
    if is_over(event_bytes):
        event, _ = store_event(
            event_bytes, source=EventSource.PULL, workspace=call.workspace
        )
        if processing.process(event.pk):
            return True
    ask_again(call)
    return False


def as_event(raw: bytes) -> bytes:
    """Wrap a record as the webhook does, so that one way leads through both."""
    return b'{"type":"%s","data":%s}' % (transcripts.TRANSCRIPT.encode(), raw)


def is_over(raw: bytes) -> bool:
    """Tell whether the record is final; one that cannot be read is kept for people."""
    try:
        return transcripts.read_call(transcripts.read(raw).data).is_over
    except transcripts.Unreadable:
        return True


def ask_again(
    call: Call,
    in_the_end: CallStatus = CallStatus.FAILED,
    *,
    often_for: timedelta = OFTEN_FOR,
    after: timedelta = GIVE_UP_AFTER,
) -> None:
    """Let a later pull ask, the next one while the call is young; give up `after`."""
    now = timezone.now()
    age = now - call.conversation.opened_at
    if age > after:
        give_up(call, in_the_end)
    else:
        pull_after = now if age < often_for else now + SELDOM
        open_call(call).update(pull_after=pull_after)


def give_up(call: Call, status: CallStatus) -> None:
    open_call(call).update(status=status, end_reason=reconciliation.NO_RECORD)
    reconciliation.reconcile(call.conversation.session_id)


def open_call(call: Call) -> QuerySet[Call]:
    """The call, unless a webhook has brought its record meanwhile."""
    return Call.objects.filter(pk=call.pk, status=CallStatus.OPEN)

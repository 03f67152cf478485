"""Starting a call: a place, an address signed by the vendor, and whose call it is."""

import logging
import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from django.core.cache import cache
from django.db import transaction

from interviews import pacing, services, turns
from interviews.agent import call_hosts, dynamic_variables
from interviews.exceptions import NotAvailable
from interviews.models import InterviewSession
from voice import admission, provisioning
from voice.exceptions import CallReplaced, VoiceUnavailable
from voice.models import Call
from voice.vendor import VendorError, client, vendor_errors

logger = logging.getLogger("parley.voice")

# Short: a candidate waits, and so does the thread that other interviews need.
SIGNING = {"timeout_in_seconds": 6, "max_retries": 1}
CALL_ID = re.compile(r"[\w-]{1,100}", re.ASCII)
# After the vendor could not be reached, nobody is kept waiting for it again so soon.
REST_SECONDS = 10
RESTING = "voice-vendor-is-away"


@dataclass(frozen=True)
class ReadyCall:
    """What the page needs to begin; the id is empty if the vendor told none."""

    signed_url: str
    conversation_id: str
    dynamic_variables: dict[str, str | int]


@dataclass(frozen=True)
class SignedAddress:
    """Where a private agent takes one call; the id is empty if the vendor told none."""

    url: str
    conversation_id: str


def start_call(session: InterviewSession) -> ReadyCall | int:
    """Return a call that is ready to begin, or the session's number in the queue.

    The conversation is the session's before its address leaves the portal: only that
    call may use the session's endpoints. Raises NotAvailable, InterviewRefusal or
    VoiceUnavailable; then no place is taken.
    """
    step = turns.next_step(session.pk)
    if step.done:
        raise NotAvailable
    if number := admission.ask(session.pk):
        return number
    try:
        address = signed_address()
        bind(session, address.conversation_id)
    except NotAvailable:
        admission.leave(session.pk)
        raise
    except VendorError as error:
        admission.leave(session.pk)
        logger.error("no call could be started", extra={"problem": str(error)})
        raise VoiceUnavailable from error
    variables = dynamic_variables(session, step)
    return ReadyCall(address.url, address.conversation_id, variables)


def follow_call(
    *, session: InterviewSession, event: str, conversation_id: str, detail: str
) -> None:
    """Note what the candidate's page saw of a call; keep its place, or give it back.

    Raises NotAvailable if the interview is not in progress; the place is seen to first.
    Raises CallReplaced, and touches nothing, if another page has the interview by now:
    the end of an older call must not cost the newer one its place.
    """
    if is_replaced(session, conversation_id) or (
        event == "alive" and goes_on_in_writing(session)
    ):
        raise CallReplaced
    if event == "disconnected":
        admission.leave(session.pk)
    else:
        admission.renew(session.pk)
    # A sign of life is no news.
    if event != "alive":
        services.note_call(
            session=session,
            event=event,
            conversation_id=conversation_id,
            detail=detail,
        )


def is_replaced(session: InterviewSession, conversation_id: str) -> bool:
    """Tell whether another call is the session's; an id that is not known proves nothing."""
    ids = {conversation_id, session.conversation_id}
    return len(ids) == 2 and "" not in ids


def goes_on_in_writing(session: InterviewSession) -> bool:
    """Tell whether a page that asks by itself took the interview over from the call."""
    return pacing.goes_on_elsewhere(session, services.PAGE_OF_THE_CALL)


@transaction.atomic
def bind(session: InterviewSession, conversation_id: str) -> None:
    """Make the conversation the session's, and expect its record."""
    if not services.open_conversation(session=session, conversation_id=conversation_id):
        raise VendorError("The vendor gave one conversation id twice")
    if conversation_id:
        Call.objects.get_or_create(conversation_id=conversation_id)


def signed_address() -> SignedAddress:
    """Ask the vendor for an address, unless it was away a moment ago."""
    if cache.get(RESTING):
        raise VendorError("The vendor was away a moment ago")
    try:
        address = sign()
    except VendorError as error:
        if error.is_passing:
            cache.set(RESTING, True, REST_SECONDS)
        raise
    if urlsplit(address.url).netloc not in call_hosts():
        raise VendorError("The call would lead to a host that the page may not reach")
    return address


def sign() -> SignedAddress:
    try:
        return sign_for(provisioning.agent_id())
    except VendorError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
    # The agent that this process remembers is gone: another may have its name now.
    provisioning.forget_agent_id()
    return sign_for(provisioning.agent_id())


def sign_for(agent_id: str) -> SignedAddress:
    with vendor_errors():
        answer = client().conversational_ai.conversations.get_signed_url(
            agent_id=agent_id, include_conversation_id=True, request_options=SIGNING
        )
    # Where the id stands is not documented: beside the address, or within it.
    query = parse_qs(urlsplit(answer.signed_url).query)
    beside = (answer.model_extra or {}).get("conversation_id")
    found = str(beside or query.get("conversation_id", [""])[0])
    # What is no id cannot be stored as one; the page will report the call's.
    return SignedAddress(answer.signed_url, found if CALL_ID.fullmatch(found) else "")

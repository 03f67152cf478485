"""Starting a call: a place, an address signed by the vendor, and whose call it is."""

import logging
import re
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from urllib.parse import parse_qs, urlsplit

from django.db import transaction

from interviews import pacing, services, turns
from interviews.agent import call_hosts, dynamic_variables
from interviews.exceptions import NotAvailable
from interviews.models import Conversation, InterviewSession
from voice import absences, admission, provisioning
from voice.exceptions import CallReplaced, VoiceUnavailable
from voice.models import Call
from voice.vendor import VendorError, client, vendor_errors
from voice.workspaces import Workspace, workspaces

logger = logging.getLogger("parley.voice")

# Short: a candidate waits, and so does the thread that other interviews need.
SIGNING_SECONDS = 6
# A lone workspace is asked twice; where there are others, the next one is the second try.
PATIENCE_SECONDS = 10
CALL_ID = re.compile(r"[\w-]{1,100}", re.ASCII)


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
    call may use the session's endpoints. Raises NotAvailable, also where the vacancy
    keeps voice on this server, InterviewRefusal or VoiceUnavailable; then no place is
    taken.
    """
    step = turns.next_step(session.pk)
    if step.done or not services.offers_call(session.vacancy):
        raise NotAvailable
    try:
        address = begin(session)
    except (NotAvailable, VoiceUnavailable):
        admission.leave(session.pk)
        raise
    if isinstance(address, int):
        return address
    variables = dynamic_variables(session, step)
    return ReadyCall(address.url, address.conversation_id, variables)


def begin(session: InterviewSession) -> SignedAddress | int:
    """Find a workspace that takes the call: where one fails, the next is asked."""
    absent, patience = set(absences.absent()), monotonic() + PATIENCE_SECONDS
    while True:
        place = admission.ask(session.pk, absent)
        if isinstance(place, int):
            return place
        if place.name in absent or monotonic() > patience:
            # All have failed, just now or a moment ago.
            raise VoiceUnavailable
        try:
            return call_in(place, session)
        except VendorError as error:
            logger.error(
                "no call could be started",
                extra={"workspace": place.name, "problem": str(error)},
            )
            absences.leave_out(place, error)
            absent.add(place.name)


def call_in(workspace: Workspace, session: InterviewSession) -> SignedAddress:
    """Sign a call in the workspace, and make it the session's; raises VendorError."""
    address = signed_address(workspace)
    bind(session, address.conversation_id, workspace)
    return address


def follow_call(
    *, session: InterviewSession, event: str, conversation_id: str, detail: str
) -> None:
    """Note what the candidate's page saw of a call; keep its place, or give it back.

    Raises NotAvailable if the interview is not in progress; the place is seen to first.
    Raises CallReplaced, and touches nothing, if another page has the interview by now:
    the end of an older call must not cost the newer one its place.
    """
    if session.started_at is None or session.consent_withdrawn_at:
        admission.leave(session.pk)
        raise NotAvailable
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
    if event == "connected":
        expect_record(session, conversation_id)


def is_replaced(session: InterviewSession, conversation_id: str) -> bool:
    """Tell whether another call is the session's; an id that is not known proves nothing."""
    ids = {conversation_id, session.conversation_id}
    return len(ids) == 2 and "" not in ids


def goes_on_in_writing(session: InterviewSession) -> bool:
    """Tell whether a page that asks by itself took the interview over from the call."""
    return pacing.goes_on_elsewhere(session, services.PAGE_OF_THE_CALL)


@transaction.atomic
def bind(session: InterviewSession, conversation_id: str, workspace: Workspace) -> None:
    """Make the conversation the session's, and expect its record from the workspace."""
    if not services.open_conversation(session=session, conversation_id=conversation_id):
        raise VendorError("The vendor gave one conversation id twice")
    if conversation_id:
        Call.objects.get_or_create(
            conversation_id=conversation_id, defaults={"workspace": workspace.name}
        )


def expect_record(session: InterviewSession, conversation_id: str) -> None:
    """Expect the record of a call whose id only the page knew: its place tells where."""
    if Conversation.objects.filter(pk=conversation_id, session=session).exists():
        Call.objects.get_or_create(
            conversation_id=conversation_id,
            defaults={"workspace": admission.workspace_of(session.pk)},
        )


def signed_address(workspace: Workspace) -> SignedAddress:
    """Ask the vendor for an address to which the candidate's page may connect."""
    address = sign(workspace)
    if urlsplit(address.url).netloc not in call_hosts():
        raise VendorError("The call would lead to a host that the page may not reach")
    return address


def sign(workspace: Workspace) -> SignedAddress:
    try:
        return sign_for(provisioning.agent_id(workspace), workspace)
    except VendorError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
    # The agent that this process remembers is gone: another may have its name now.
    provisioning.forget_agent_id(workspace)
    return sign_for(provisioning.agent_id(workspace), workspace)


def sign_for(agent_id: str, workspace: Workspace) -> SignedAddress:
    options = {
        "timeout_in_seconds": SIGNING_SECONDS,
        "max_retries": 1 if len(workspaces()) == 1 else 0,
    }
    with vendor_errors(workspace):
        answer = client(workspace).conversational_ai.conversations.get_signed_url(
            agent_id=agent_id, include_conversation_id=True, request_options=options
        )
    # Where the id stands is not documented: beside the address, or within it.
    query = parse_qs(urlsplit(answer.signed_url).query)
    beside = (answer.model_extra or {}).get("conversation_id")
    found = str(beside or query.get("conversation_id", [""])[0])
    # What is no id cannot be stored as one; the page will report the call's.
    return SignedAddress(answer.signed_url, found if CALL_ID.fullmatch(found) else "")

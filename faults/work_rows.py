"""Jobs with effects outside, and what came of them, by the portal's own models.

See `faults.child`. The tasks: letters to candidates and links for colleagues (both by
SMTP), reports of calls (which make turns, answers, and a recording fetched from the
vendor).
"""

from typing import Any

from faults.voice_rows import TRANSCRIPT, record, turns
from faults.webhooks import event

TURNS = 10


def queue(letters: int, links: int, calls: list[str]) -> list[str]:
    """Queue the jobs; return who is to get a letter. `calls`: ids of conversations."""
    return [*queue_letters(letters), *queue_links(links), *queue_calls(calls)]


def queue_letters(number: int) -> list[str]:
    from interviews.mail import outbox
    from interviews.models import InterviewSession, MessageKind
    from interviews.simulation import people

    made = people.make(number, 1)
    sessions = InterviewSession.objects.filter(pk__in=[one.session_id for one in made])
    outbox.queue(sessions=sessions, kind=MessageKind.INVITATION)
    return list(sessions.values_list("candidate__email", flat=True))


def queue_links(number: int) -> list[str]:
    from uuid import uuid4

    from django.test import RequestFactory

    from accounts.links import send_password_link
    from accounts.models import User

    request = RequestFactory().get("/")
    addresses = [f"{uuid4().hex}@simulation.invalid" for _ in range(number)]
    for address in addresses:
        user = User.objects.create(email=address, is_staff=True)
        send_password_link(user=user, request=request)
    return addresses


def queue_calls(keys: list[str]) -> list[str]:
    from interviews.models import Conversation
    from interviews.simulation import people
    from voice.events import store_event
    from voice.models import EventSource

    for place, (key, each) in enumerate(
        zip(keys, people.make(len(keys), 3), strict=True)
    ):
        Conversation.objects.create(id=key, session_id=each.session_id)
        data = record(key, place, turns(each, "said"))
        store_event(event(TRANSCRIPT, data, place), source=EventSource.WEBHOOK)
    return []


def outcome(calls: list[str]) -> dict[str, Any]:
    """Count the calls without all their effects, and files and letters beyond one each."""
    from interviews.models import Message, MessageState
    from voice.models import Call, CallStatus

    found = Call.objects.filter(pk__in=calls, status=CallStatus.DONE).exclude(
        recording=""
    )
    whole = [call for call in found if call.turns.count() == TURNS]
    storage = Call._meta.get_field("recording").storage
    _, files = storage.listdir("")
    unsent = Message.objects.exclude(state=MessageState.SENT)
    return {
        "incomplete": len(calls) - len(whole),
        "files": len(files) - len(found),
        "unsent": unsent.count(),
    }

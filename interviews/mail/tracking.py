"""What a mail service tells later: that a letter came back."""

from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, tracking
from django.dispatch import receiver
from django.utils.translation import gettext_noop

from core.fields import sealed
from interviews.models import Message, MessageState

CAME_BACK = {
    EventType.BOUNCED: gettext_noop("The candidate’s mail server refused it."),
    EventType.REJECTED: gettext_noop("The mail service did not send it."),
    EventType.FAILED: gettext_noop("The mail service did not send it."),
    EventType.COMPLAINED: gettext_noop("The candidate marked it as spam."),
}


@receiver(tracking, dispatch_uid="candidate_letters")
def note_bounce(event: AnymailTrackingEvent, **kwargs: Any) -> None:
    """Mark the letter as come back, in the words of whoever refused it."""
    if event.event_type not in CAME_BACK or not event.message_id:
        return
    words = event.description or event.mta_response or event.reject_reason or ""
    problem = " ".join((words or CAME_BACK[event.event_type]).split())[:500]
    recipient = (event.recipient or "").lower()
    for message in Message.objects.filter(provider_id=event.message_id):
        # A service that copies a letter to others tells of each of them.
        if message.to.lower() == recipient:
            Message.objects.filter(pk=message.pk).update(
                state=MessageState.BOUNCED, problem=sealed(message, "problem", problem)
            )

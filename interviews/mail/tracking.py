"""What a mail service tells later: that a letter came back."""

from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, tracking
from django.dispatch import receiver
from django.utils.translation import gettext_noop

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
    Message.objects.filter(
        provider_id=event.message_id,
        # A service that copies a letter to others tells of each of them.
        to__iexact=event.recipient or "",
    ).update(
        state=MessageState.BOUNCED,
        problem=" ".join((words or CAME_BACK[event.event_type]).split())[:500],
    )

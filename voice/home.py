"""What the first page tells of the voice service: what it sent and nobody could read."""

from accounts.models import User
from interviews.home import capped
from voice.models import EventState, VoiceEvent


def unread_events(user: User) -> int | None:
    """Return how many events could not be read; None for whom they do not concern."""
    if not user.has_perm("voice.view_voiceevent"):
        return None
    return capped(VoiceEvent.objects.filter(state=EventState.QUARANTINED))

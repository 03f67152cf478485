"""What the first page tells of erasures."""

from accounts.models import User
from interviews.home import capped
from privacy.models import Erasure


def unfinished_erasures(user: User) -> int | None:
    """Return how many erasures are not done after a day; None if that is not theirs to see."""
    if not user.has_perm("privacy.view_erasure"):
        return None
    return capped(Erasure.objects.overdue())

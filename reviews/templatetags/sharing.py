"""What people without an account said, for the pages of an interview."""

from typing import Any

from django import template

from accounts.models import User
from interviews.models import InterviewSession
from reviews.opinions import by_person, opinions_seen_by

register = template.Library()


@register.inclusion_tag("admin/reviews/_feedback.html")
def shared_feedback(session: InterviewSession, user: User) -> dict[str, Any]:
    """Show the opinions of an interview, or how many wait for the reader's own review.

    Two queries, whatever there is.
    """
    seen = list(opinions_seen_by(user).filter(session=session))
    hidden = session.feedback.count() - len(seen)
    return {"people": by_person(seen), "hidden": hidden}

"""Who may see what others think of an interview: whoever has said what they think.

The one place of this rule: pages, lists, comparisons, exports ask it.
"""

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from interviews.models import InterviewSession
from reviews.models import Decision, Review


def open_to(user: User) -> Q:
    """Return the condition on interviews whose ratings the person may see.

    Those who cannot rate see all; the others once they saved a rating of their own, or
    said that they will not rate, or once the decision is taken.
    """
    if not user.has_perm("reviews.add_review"):
        return Q()
    own = Review.objects.filter(
        Q(saved_at__isnull=False) | Q(peeked_at__isnull=False),
        session=OuterRef("pk"),
        reviewer=user,
    )
    return Q(Exists(own)) | Q(Exists(Decision.objects.filter(session=OuterRef("pk"))))


def may_see_others(user: User, session: InterviewSession) -> bool:
    return InterviewSession.objects.filter(open_to(user), pk=session.pk).exists()

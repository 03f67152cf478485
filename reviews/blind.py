"""Who may see what others think of an interview: whoever has said what they think.

The one place of this rule: pages, lists, comparisons, exports ask it.
"""

from typing import NamedTuple

from django.db.models import Exists, OuterRef, Prefetch, Q

from accounts.models import User
from interviews.models import InterviewSession
from reviews.models import Decision, Moment, QuestionRating, Review


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


class Views(NamedTuple):
    """What one person may see of what people said of an interview.

    `own` is the person's review, a draft too. `others` counts the colleagues who saved
    one; `reviews` are all that are saved, the person's own among them, and empty unless
    `is_open`. `moments` are the person's own, and the others' if `is_open`.
    """

    is_open: bool
    own: Review | None
    others: int
    reviews: list[Review]
    moments: list[Moment]


def views_of(session: InterviewSession, user: User) -> Views:
    """Return what the person may see; the number of queries is always the same."""
    is_open = may_see_others(user, session)
    # Only what may be seen leaves the database: nothing of it can slip into a page.
    seen = Q(reviewer=user) | (Q(saved_at__isnull=False) if is_open else Q(pk=None))
    rows = Review.objects.filter(seen, session=session).select_related("reviewer")
    marks = QuestionRating.objects.order_by("question_id")
    reviews = list(rows.prefetch_related(Prefetch("ratings", queryset=marks)))
    moments = Moment.objects.filter(session=session).select_related("author")
    saved = Review.objects.saved().filter(session=session)
    return Views(
        is_open=is_open,
        own=next((one for one in reviews if one.reviewer_id == user.pk), None),
        others=saved.exclude(reviewer=user).count(),
        reviews=[one for one in reviews if one.saved_at],
        moments=list(moments if is_open else moments.filter(author=user)),
    )

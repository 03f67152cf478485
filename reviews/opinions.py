"""What people without an account say of interviews that were shared with them."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import User
from core.exceptions import DomainError
from interviews.models import InterviewSession
from reviews.blind import open_to
from reviews.models import Share, ShareFeedback

# Of one link about one interview: a few people, who may think again.
MOST_OPINIONS = 40


class TooManyOpinions(DomainError):
    """More was said of one interview by one link than anybody reads."""

    code = "too_many_opinions"


class Opinions(NamedTuple):
    """What one person says of an interview now, and what they said before, latest first."""

    latest: ShareFeedback
    earlier: list[ShareFeedback]


@transaction.atomic
def give_opinion(
    *,
    share: Share,
    session: InterviewSession,
    name: str,
    recommendation: str = "",
    comment: str = "",
) -> bool:
    """Keep what somebody thinks of a shared interview; False if that was said already.

    Nothing is replaced: the same person's next opinion stands beside this one. Raises
    Http404 if the link has just been closed, and TooManyOpinions.
    """
    # One at a time by one link, or the same one sent twice would be kept twice.
    get_object_or_404(Share.objects.working().select_for_update(), pk=share.pk)
    given = ShareFeedback.objects.filter(share=share, session=session)
    said = {"recommendation": recommendation, "comment": comment}
    last = given.filter(name=name).last()
    if last and said == {field: getattr(last, field) for field in said}:
        return False
    if given.count() >= MOST_OPINIONS:
        raise TooManyOpinions
    given.create(share=share, session=session, name=name, **said)
    return True


def opinions_seen_by(user: User) -> QuerySet[ShareFeedback]:
    """Return what the person may read, the latest first: `reviews.blind` holds here too."""
    sessions = InterviewSession.objects.visible_to(user).filter(open_to(user))
    return (
        ShareFeedback.objects.filter(session__in=sessions)
        .select_related("share")
        .order_by("-created_at", "-pk")
    )


def by_person(feedback: Iterable[ShareFeedback]) -> list[Opinions]:
    """Gather what each person said of an interview; a name is a person within a link."""
    people: dict[tuple[int, object, str], Opinions] = {}
    for one in feedback:
        key = (one.share_id, one.session_id, one.name.casefold())
        if key in people:
            people[key].earlier.append(one)
        else:
            people[key] = Opinions(one, [])
    return list(people.values())

"""Places in an interview worth coming back to."""

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.audit import record
from accounts.models import AuditAction, User
from core.exceptions import DomainError
from interviews.models import InterviewProgress, InterviewSession
from reviews.models import Moment

# In ms: longer than any recording.
LATEST = 24 * 60 * 60 * 1000


class Nowhere(DomainError):
    """A moment with neither a time nor words."""

    status_code = 400
    code = "nowhere"
    detail = _("Say where it is: a time in the recording, or words of the answer.")  # type: ignore[assignment]


class NotSaid(DomainError):
    """Words that the candidate's answer does not have."""

    status_code = 400
    code = "not_said"
    detail = _("These words are not in the answer: choose them exactly as they stand.")  # type: ignore[assignment]


class TooManyMoments(DomainError):
    """More than anybody comes back to."""

    code = "too_many"
    detail = _("You have marked very many moments here: remove one first.")  # type: ignore[assignment]


MOST = 100


@transaction.atomic
def mark_moment(
    *,
    session: InterviewSession,
    author: User,
    question_id: int,
    at_ms: int | None = None,
    quote: str = "",
    note: str = "",
) -> Moment:
    """Mark a place of an answer; the same place again takes the later note.

    `at_ms` counts from the beginning of the answer's recording; `quote` are words of the
    answer, however they are spaced. Raises Nowhere, NotSaid, TooManyMoments.
    """
    quote = spaced(quote)
    if at_ms is None and not quote:
        raise Nowhere
    if quote and not any(quote in text for text in texts(session, question_id)):
        raise NotSaid
    # The lock makes of two clicks at once two after one another.
    InterviewSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    own = Moment.objects.filter(session=session, author=author)
    place = {"question_id": question_id, "at_ms": at_ms, "quote": quote}
    # The words are compared here: in the table they may be encrypted.
    there = own.filter(question_id=question_id, at_ms=at_ms)
    moment = next((one for one in there if one.quote == quote), None)
    if moment is None and own.count() >= MOST:
        raise TooManyMoments
    moment = moment or Moment(session=session, author=author, **place)
    moment.note = note
    moment.save()
    log(moment, session, author, "moment marked")
    return moment


@transaction.atomic
def remove_moment(*, moment: Moment, by: User) -> None:
    """Take back a moment; raises PermissionDenied for somebody else's."""
    if moment.author_id != by.pk:
        raise PermissionDenied
    log(moment, moment.session, by, "moment removed")
    moment.delete()


def spaced(text: str) -> str:
    return " ".join(text.split())


def texts(session: InterviewSession, question_id: int) -> Iterator[str]:
    """Yield what the answer to a question says, in all its versions."""
    rows = InterviewProgress.objects.filter(session=session, question=question_id)
    for answer in rows.prefetch_related("revisions", "corrections"):
        for one in (answer, *answer.revisions.all()):
            yield spaced(one.answer_text)
            yield spaced(one.verbatim_text)
        for correction in answer.corrections.all():
            yield spaced(correction.text)


def log(moment: Moment, session: InterviewSession, user: User, detail: str) -> None:
    record(
        AuditAction.RATED,
        session,
        user=user,
        vacancy_id=session.vacancy_id,
        detail=f"{detail}, question {moment.question_id}",
    )

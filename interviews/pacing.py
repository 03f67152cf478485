"""The pace of the built-in interview: practice, more time, and which page goes on."""

from django.db import transaction
from django.utils.translation import gettext

from interviews.models import EventKind, InterviewSession
from vacancies.scripts import FrozenQuestion, Step

# No row of `question` has this key.
PRACTICE_ID = 0


def practice_step() -> Step:
    """Return the practice question, in the language of the page."""
    question = FrozenQuestion(
        id=PRACTICE_ID,
        text=gettext("For practice: what did you enjoy doing last weekend?"),
        required=False,
    )
    return Step(question, position=1, total=1, closing="")


def took_more_time(session: InterviewSession, question: FrozenQuestion) -> bool:
    """Tell whether the candidate had more time for the question; asks only if there is a limit."""
    return bool(question.time_limit_seconds) and (
        session.events.filter(
            kind=EventKind.MORE_TIME, detail=str(question.id)
        ).exists()
    )


@transaction.atomic
def give_more_time(*, session: InterviewSession, step: Step) -> bool:
    """Note that the question at hand gets its time once more.

    False if it has no limit, or was given more before.
    """
    if step.question is None or not step.question.time_limit_seconds:
        return False
    _, is_new = session.events.get_or_create(
        kind=EventKind.MORE_TIME, detail=str(step.question.id)
    )
    return is_new


def take_over(*, session: InterviewSession, page_id: str) -> None:
    """Let the page be the one that writes; the page before it rests."""
    InterviewSession.objects.filter(pk=session.pk).update(page_id=page_id)


def goes_on_elsewhere(session: InterviewSession, page_id: str) -> bool:
    """Tell whether a later page has the interview now.

    A page without JavaScript has no id, and asks for nothing.
    """
    return bool(page_id and session.page_id) and page_id != session.page_id

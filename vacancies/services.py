"""Changes of state around vacancies."""

from collections.abc import Iterable
from operator import attrgetter

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, override

from vacancies.exceptions import EmptyVacancy
from vacancies.models import Question, Script, ScriptQuestion, Vacancy
from vacancies.scripts import FrozenScript


def current_script(vacancy: Vacancy) -> FrozenScript:
    """Return what an interview started now would ask; nothing is stored."""
    return script_of(vacancy, vacancy.questions.current())


def script_of(vacancy: Vacancy, questions: Iterable[Question]) -> FrozenScript:
    with override(vacancy.language):
        return FrozenScript(
            title=vacancy.title,
            language=vacancy.language,
            greeting=vacancy.greeting.strip()
            or gettext("Hello! It is good to have you here."),
            closing=vacancy.closing.strip()
            or gettext("Thank you! Those were all the questions."),
            questions=tuple(question.frozen() for question in questions),
        )


@transaction.atomic
def freeze_script(vacancy: Vacancy) -> Script:
    """Return the vacancy's script as of now; equal content is the same row."""
    # In this order, as the admin saves: or two of them could wait for each other.
    Vacancy.objects.select_for_update(no_key=True).get(pk=vacancy.pk)
    # A question deleted between reading and freezing would leave a hole. And whoever
    # waits for a lock gets the new order in the rows, but the rows in the old order.
    locked = sorted(
        vacancy.questions.current().select_for_update(), key=attrgetter("order")
    )
    if not locked:
        raise EmptyVacancy
    frozen = script_of(vacancy, locked)
    script, is_new = Script.objects.get_or_create(
        vacancy=vacancy,
        content_hash=frozen.content_hash,
        defaults={"content": frozen.content},
    )
    if is_new:
        ScriptQuestion.objects.bulk_create(
            ScriptQuestion(script=script, question=question) for question in locked
        )
    return script


@transaction.atomic
def order_questions(questions: Iterable[Question]) -> None:
    """Give the questions, in the order given, the places 1, 2, 3 …"""
    for place, question in enumerate(questions, start=1):
        if question.order != place:
            question.order = place
            question.save(update_fields=["order"])


@transaction.atomic
def remove_question(question: Question) -> None:
    """Take a question out of the vacancy: archived if any script asks it, else deleted.

    Started interviews go on asking it, and its answers stay.
    """
    Question.objects.select_for_update().get(pk=question.pk)
    if question.scripts.exists():
        question.order = None
        question.archived_at = timezone.now()
        question.save(update_fields=["order", "archived_at"])
    else:
        question.delete()

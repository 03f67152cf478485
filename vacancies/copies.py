"""Questions and whole vacancies used again: clones, templates, the bank."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from vacancies.models import (
    ASKED_FIELDS,
    AskedQuestion,
    BankQuestion,
    Part,
    Question,
    Tag,
    Vacancy,
    VacancyMember,
)

# What a clone has of its original; its title, status and team are its own.
COPIED_FIELDS = [
    "description",
    "language",
    "company_id",
    "greeting",
    "closing",
    "time_zone",
    "sends_reminders",
    "uses_ai_scores",
    "notice_days",
    "keeps_voice_here",
    "retention_days",
    "audio_retention_days",
]


def asked(question: AskedQuestion) -> dict[str, Any]:
    """Return all that a question is, wherever it is kept."""
    return {name: getattr(question, name) for name in ASKED_FIELDS}


@transaction.atomic
def copy_vacancy(
    *, vacancy: Vacancy, title: str, user: User, is_template: bool = False
) -> Vacancy:
    """Return a new draft, or template, with the vacancy's words and questions.

    It is the person's own: nobody else of the original's team is in its team.
    """
    copied = {name: getattr(vacancy, name) for name in COPIED_FIELDS}
    copy = Vacancy.objects.create(title=title, is_template=is_template, **copied)
    make_owner(vacancy=copy, user=user)
    append(copy, vacancy.questions.current())
    return copy


def make_owner(*, vacancy: Vacancy, user: User) -> None:
    """Give the vacancy to whoever made it."""
    VacancyMember.objects.get_or_create(
        vacancy=vacancy, user=user, defaults={"part": Part.OWNER}
    )


@transaction.atomic
def add_from_bank(*, vacancy: Vacancy, questions: Sequence[BankQuestion]) -> int:
    """Put copies after the vacancy's last question, in the order given; return how many."""
    # As the admin and `freeze_script` do: two who add at once get different places.
    locked = Vacancy.objects.select_for_update(no_key=True).get(pk=vacancy.pk)
    append(locked, questions)
    # Whoever has the vacancy open in a form learns that it changed.
    Vacancy.objects.filter(pk=locked.pk).update(updated_at=timezone.now())
    return len(questions)


def append(vacancy: Vacancy, questions: Iterable[AskedQuestion]) -> None:
    last = vacancy.questions.current().aggregate(last=Max("order"))["last"] or 0
    Question.objects.bulk_create(
        Question(vacancy=vacancy, order=place, **asked(question))
        for place, question in enumerate(questions, start=last + 1)
    )


@transaction.atomic
def save_to_bank(
    *, questions: Iterable[Question], language: str, tags: Iterable[str], user: User
) -> tuple[int, int]:
    """Keep copies in the bank; return how many are new, and how many it had already."""
    new = known = 0
    named = tags_named(tags)
    for question in questions:
        if BankQuestion.objects.filter(language=language, **asked(question)).exists():
            known += 1
            continue
        kept = BankQuestion.objects.create(
            language=language, created_by=user, **asked(question)
        )
        kept.tags.set(named)
        new += 1
    return new, known


def tags_named(names: Iterable[str]) -> list[Tag]:
    """Return the tags of these names, in any case of letters; make what is missing."""
    return [
        Tag.objects.get_or_create(name__iexact=name, defaults={"name": name})[0]
        for name in names
    ]

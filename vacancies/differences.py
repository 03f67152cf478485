"""What differs between two scripts, as data that a page can show."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vacancies.models import AnswerModeChoice, Question, Vacancy
from vacancies.scripts import FrozenQuestion, FrozenScript

SAME, ADDED, REMOVED = "same", "added", "removed"
WORDS = re.compile(r"\s+|\w+|[^\w\s]")
RUBRIC = ["strong_answer", "weak_answer"]
SETTINGS = ["required", "answer_mode", "time_limit_seconds", "retakes", "weight"]
OUTER_TEXTS = ["title", "greeting", "closing"]


class Piece(NamedTuple):
    """A stretch of text; `kind` is SAME, ADDED or REMOVED."""

    kind: str
    text: str


class TextChange(NamedTuple):
    """A text before and after, in pieces."""

    label: str | Promise
    pieces: list[Piece]


class ValueChange(NamedTuple):
    """A setting before and after, in words."""

    label: str | Promise
    before: str
    after: str


class QuestionChange(NamedTuple):
    """What became of one question; places count from 1, None where it is not asked."""

    before: int | None
    after: int | None
    wording: list[Piece]
    rubric: list[TextChange]
    settings: list[ValueChange]
    is_moved: bool = False

    @property
    def is_added(self) -> bool:
        return self.before is None

    @property
    def is_removed(self) -> bool:
        return self.after is None


class Difference(NamedTuple):
    """All that differs; false if nothing does."""

    texts: list[TextChange]
    questions: list[QuestionChange]

    def __bool__(self) -> bool:
        return bool(self.texts or self.questions)


def compare(before: FrozenScript, after: FrozenScript) -> Difference:
    """Return what an author changed on the way from one script to the other."""
    return Difference(
        texts=text_changes(Vacancy, OUTER_TEXTS, before, after),
        questions=[*kept_and_added(before, after), *removed(before, after)],
    )


def kept_and_added(before: FrozenScript, after: FrozenScript) -> list[QuestionChange]:
    """Return the questions of the later script that are not as and where they were."""
    places = {question.id: place for place, question in enumerate(before.questions, 1)}
    moved = moved_ids(list(places), [question.id for question in after.questions])
    changes = []
    for place, question in enumerate(after.questions, 1):
        earlier = before.by_id.get(question.id)
        if earlier is None:
            changes.append(added(question, place))
        elif earlier != question or question.id in moved:
            changes.append(
                QuestionChange(
                    before=places[question.id],
                    after=place,
                    wording=word_pieces(earlier.text, question.text),
                    rubric=text_changes(Question, RUBRIC, earlier, question),
                    settings=setting_changes(earlier, question),
                    is_moved=question.id in moved,
                )
            )
    return changes


def added(question: FrozenQuestion, place: int) -> QuestionChange:
    return QuestionChange(None, place, [Piece(ADDED, question.text)], [], [])


def removed(before: FrozenScript, after: FrozenScript) -> list[QuestionChange]:
    return [
        QuestionChange(place, None, [Piece(REMOVED, question.text)], [], [])
        for place, question in enumerate(before.questions, 1)
        if question.id not in after.by_id
    ]


def moved_ids(before: Sequence[int], after: Sequence[int]) -> set[int]:
    """Return the fewest ids whose moving makes one order of the other.

    The rest are the longest run that is in the same order in both.
    """
    places = {key: place for place, key in enumerate(before)}
    common = [key for key in after if key in places]
    ends: list[int] = []  # the place that ends the best run of each length
    lengths = []
    for key in common:
        length = bisect_left(ends, places[key])
        ends[length : length + 1] = [places[key]]
        lengths.append(length)
    still, wanted = set(), len(ends) - 1
    for key, length in zip(reversed(common), reversed(lengths), strict=True):
        if length == wanted:
            still.add(key)
            wanted -= 1
    return set(common) - still


def text_changes(
    model: type[Question | Vacancy],
    names: list[str],
    before: FrozenScript | FrozenQuestion,
    after: FrozenScript | FrozenQuestion,
) -> list[TextChange]:
    return [
        TextChange(label(model, name), word_pieces(old, new))
        for name in names
        if (old := getattr(before, name)) != (new := getattr(after, name))
    ]


def setting_changes(before: FrozenQuestion, after: FrozenQuestion) -> list[ValueChange]:
    return [
        ValueChange(label(Question, name), shown(before, name), shown(after, name))
        for name in SETTINGS
        if getattr(before, name) != getattr(after, name)
    ]


def label(model: type[Question | Vacancy], name: str) -> str | Promise:
    if name == "time_limit_seconds":
        return _("time limit")  # it is shown in minutes
    return model._meta.get_field(name).verbose_name  # type: ignore[union-attr]


def shown(question: FrozenQuestion, name: str) -> str:
    """Return a setting in words."""
    value = getattr(question, name)
    if name == "required":
        return gettext("yes") if value else gettext("no")
    if name == "answer_mode":
        return str(AnswerModeChoice(value).label)
    if value is None:
        return gettext("no limit")
    return question.time_limit if name == "time_limit_seconds" else str(value)


def word_pieces(before: str, after: str) -> list[Piece]:
    """Return both texts in one, word by word: what stayed, what went, what came."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    pieces = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(Piece(SAME, "".join(old[old_start:old_end])))
            continue
        if old_end > old_start:
            pieces.append(Piece(REMOVED, "".join(old[old_start:old_end])))
        if new_end > new_start:
            pieces.append(Piece(ADDED, "".join(new[new_start:new_end])))
    return pieces

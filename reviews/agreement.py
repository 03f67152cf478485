"""How far reviewers agree, question by question: figures of a vacancy, of no person.

What counts is the mark that each person first saved, blind: later ones follow others'.
Of these, only answers that two or more people marked.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count

from reviews.models import QuestionRating
from vacancies.models import Question, Vacancy

# Fewer pairs of marks say nothing, and would tell whose they are.
FEWEST_PAIRS = 5
# Where Krippendorff draws the lines: to rely on, and to rely on with care.
RELIABLE, TENTATIVE = 0.8, 0.667

# How often an answer got these marks: {(3, 4): 12}; the marks in rising order.
Marks = Mapping[tuple[int, ...], int]


class Verdict(StrEnum):
    """What the figures say in plain words."""

    TOO_FEW = "too_few"
    ALIKE = "alike"
    MOSTLY = "mostly"
    DIFFERENTLY = "differently"


class Agreement(NamedTuple):
    """How alike people marked the answers to one question.

    `pairs` of marks in `answers` answers; `exact`: the share of equal pairs, 0 to 1;
    `difference`: the mean distance of a pair, in marks; `alpha`: Krippendorff's, None if
    all marks are the same. The three are None with too few pairs.
    """

    question: Question
    answers: int
    pairs: int
    exact: float | None = None
    difference: float | None = None
    alpha: float | None = None

    @property
    def verdict(self) -> Verdict:
        if self.exact is None:
            return Verdict.TOO_FEW
        if self.alpha is None or self.alpha >= RELIABLE:
            return Verdict.ALIKE
        return Verdict.MOSTLY if self.alpha >= TENTATIVE else Verdict.DIFFERENTLY


def agreement_of(vacancy: Vacancy) -> list[Agreement]:
    """Return the agreement on each question of the vacancy that was ever marked twice.

    In the order of the questions; archived ones last. Two queries.
    """
    marks = marks_by_question(vacancy)
    questions = vacancy.questions.filter(pk__in=marks).order_by("order", "pk")
    return [measure(question, marks[question.pk]) for question in questions]


def marks_by_question(vacancy: Vacancy) -> dict[int, Counter[tuple[int, ...]]]:
    rows = (
        QuestionRating.objects.filter(
            review__session__vacancy=vacancy,
            review__saved_at__isnull=False,
            review__is_blind=True,
            first_mark__isnull=False,
        )
        .values("question", "review__session")
        .annotate(
            people=Count("pk"), marks=ArrayAgg("first_mark", order_by="first_mark")
        )
        .filter(people__gte=2)
        .values_list("question", "marks")
    )
    found: dict[int, Counter[tuple[int, ...]]] = {}
    for question, marks in rows:
        found.setdefault(question, Counter())[tuple(marks)] += 1
    return found


def measure(question: Question, marks: Marks) -> Agreement:
    distances: Counter[int] = Counter()
    for values, times in marks.items():
        for one, other in combinations(values, 2):
            distances[abs(one - other)] += times
    answers, pairs = sum(marks.values()), distances.total()
    if pairs < FEWEST_PAIRS:
        return Agreement(question, answers, pairs)
    total = sum(distance * times for distance, times in distances.items())
    return Agreement(
        question, answers, pairs, distances[0] / pairs, total / pairs, alpha(marks)
    )


def alpha(marks: Marks) -> float | None:
    """Return Krippendorff's alpha with the interval metric; None if no marks differ.

    1 - observed / expected disagreement (K. Krippendorff, Computing Krippendorff's
    Alpha-Reliability, 2011). Units with one value alone do not count.
    """
    units = {values: times for values, times in marks.items() if len(values) > 1}
    values: Counter[int] = Counter()
    observed = 0.0
    for unit, times in units.items():
        observed += times * squares(Counter(unit)) / (len(unit) - 1)
        for value in unit:
            values[value] += times
    expected = squares(values) / (values.total() - 1) if values else 0.0
    return 1 - observed / expected if expected else None


def squares(values: Mapping[int, int]) -> float:
    """Return the sum of squared distances of all ordered pairs of the values."""
    number = sum(values.values())
    total = sum(value * times for value, times in values.items())
    square = sum(value * value * times for value, times in values.items())
    return 2.0 * (number * square - total * total)


def counted(units: Iterable[Iterable[int]]) -> Counter[tuple[int, ...]]:
    """Return units of marks as `measure` and `alpha` take them."""
    return Counter(tuple(sorted(unit)) for unit in units)

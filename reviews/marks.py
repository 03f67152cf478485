"""Arithmetic of marks."""

from collections.abc import Iterable, Mapping
from statistics import fmean

from vacancies.scripts import FrozenScript


def weighted_mark(marks: Mapping[int, int], script: FrozenScript) -> float | None:
    """Return the mean of marks by question id, each counting by its question's weight.

    None if there is no mark; questions without one do not count.
    """
    weights = {q.id: q.weight for q in script.questions if q.id in marks}
    total = sum(weights.values())
    if not total:
        return None
    return sum(marks[key] * weight for key, weight in weights.items()) / total


def mean_mark(
    reviewers: Iterable[Mapping[int, int]], script: FrozenScript
) -> float | None:
    """Return the mean of the reviewers' weighted marks: each person counts as one."""
    marks = [weighted_mark(marks, script) for marks in reviewers]
    given = [mark for mark in marks if mark is not None]
    return fmean(given) if given else None

"""Whether the agent asked what HR wrote: a comparison of texts, no opinion.

Candidates are to be compared by their answers to the same questions; so HR sees where a
question was put in other words, left out, repeated, or out of turn.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vacancies.scripts import FrozenQuestion, FrozenScript
from voice.askings import Asking, Spoken, askings


class Verdict(TextChoices):
    """How a question was put, over all calls; of several times the least faithful."""

    WORD_FOR_WORD = "word_for_word", _("Word for word")
    PARAPHRASED = "paraphrased", _("In other words")
    NOT_FOUND = "not_found", _("Not found in the transcript")
    SKIPPED = "skipped", _("Not asked")
    ON_THE_PAGE = "on_the_page", _("Answered on the page")
    NOT_REACHED = "not_reached", _("Not reached")


ASKED = {Verdict.WORD_FOR_WORD, Verdict.PARAPHRASED}
ALOUD = ASKED | {Verdict.NOT_FOUND, Verdict.SKIPPED}


class QuestionReport(NamedTuple):
    """What became of one question.

    `said` and `similarity` (0 to 1) are of the least faithful time; `times` counts how
    often it was put, in all calls.
    """

    position: int
    question: FrozenQuestion
    verdict: Verdict
    times: int = 0
    is_out_of_order: bool = False
    said: str = ""
    similarity: float = 0


class Report(NamedTuple):
    """What became of the questions of a session's script, in its order."""

    questions: list[QuestionReport]

    @property
    def summary(self) -> str:
        """One line, such as "5 of 6 word for word, 1 in other words"."""
        counts = Counter(report.verdict for report in self.questions)
        parts = [
            gettext("%(exact)d of %(total)d word for word")
            % {
                "exact": counts[Verdict.WORD_FOR_WORD],
                "total": sum(counts[verdict] for verdict in ALOUD),
            }
        ]
        parts += [
            text % {"count": count} for text, count in self.remarks(counts) if count
        ]
        return ", ".join(parts)

    def remarks(self, counts: Counter[Verdict]) -> list[tuple[str, int]]:
        paraphrased = counts[Verdict.PARAPHRASED]
        missing, skipped = counts[Verdict.NOT_FOUND], counts[Verdict.SKIPPED]
        again = sum(report.times > 1 for report in self.questions)
        moved = sum(report.is_out_of_order for report in self.questions)
        return [
            (gettext("%(count)d in other words"), paraphrased),
            (gettext("%(count)d not found"), missing),
            (gettext("%(count)d not asked"), skipped),
            (gettext("%(count)d asked more than once"), again),
            (gettext("%(count)d out of order"), moved),
        ]


def report(
    script: FrozenScript,
    calls: Sequence[Sequence[Spoken]],
    *,
    spoken: Collection[int],
    written: Collection[int],
) -> Report:
    """Compare what the agent said in the calls with the script.

    `spoken` and `written` are the ids of questions answered in a call, and on the page.
    """
    found = [asking for turns in calls for asking in askings(script, turns)]
    times: dict[int, list[Asking]] = {question.id: [] for question in script.questions}
    for asking in found:
        times[asking.question.id].append(asking)
    late = out_of_order(script, found)
    last = max((n for n, q in enumerate(script.questions) if times[q.id]), default=-1)
    return Report(
        [
            asked(number + 1, question, times[question.id], question.id in late)
            if times[question.id]
            else QuestionReport(
                number + 1,
                question,
                not_asked(question.id, number < last, spoken, written),
            )
            for number, question in enumerate(script.questions)
        ]
    )


def asked(
    position: int, question: FrozenQuestion, times: Sequence[Asking], is_late: bool
) -> QuestionReport:
    worst = min(times, key=lambda asking: asking.similarity)
    is_exact = worst.similarity == 1
    return QuestionReport(
        position=position,
        question=question,
        verdict=Verdict.WORD_FOR_WORD if is_exact else Verdict.PARAPHRASED,
        times=len(times),
        is_out_of_order=is_late,
        said="" if is_exact else worst.said,
        similarity=worst.similarity,
    )


def not_asked(
    question_id: int,
    is_passed: bool,
    spoken: Collection[int],
    written: Collection[int],
) -> Verdict:
    if question_id in spoken:
        return Verdict.NOT_FOUND
    if question_id in written:
        return Verdict.ON_THE_PAGE
    return Verdict.SKIPPED if is_passed else Verdict.NOT_REACHED


def out_of_order(script: FrozenScript, found: Sequence[Asking]) -> set[int]:
    """Return the ids of questions first put after one that follows them."""
    place = {question.id: number for number, question in enumerate(script.questions)}
    late, furthest, seen = set(), -1, set()
    for asking in found:
        key = asking.question.id
        if key not in seen and place[key] < furthest:
            late.add(key)
        seen.add(key)
        furthest = max(furthest, place[key])
    return late

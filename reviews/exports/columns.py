"""The columns of tables: what stands in each, for people, in the language that is active."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reviews.exports.rows import Answered, Interview, name_of
from vacancies.models import Language

Cell = str | int | float | datetime | None

NARROW, MIDDLE, WIDE = 12, 24, 60


class Column(NamedTuple):
    """A column of what belongs to an interview; `width` in characters."""

    heading: str | Promise
    value: Callable[[Interview], Cell]
    width: int = NARROW
    is_moment: bool = False


class AnswerColumn(NamedTuple):
    """A column of what belongs to an answer."""

    heading: str | Promise
    value: Callable[[Answered], Cell]
    width: int = NARROW
    is_moment: bool = False


def recommendations(interview: Interview) -> str:
    return "\n".join(
        f"{name_of(review.reviewer)}: {review.get_recommendation_display()}"
        for review in interview.reviews
        if review.recommendation
    )


def comments(interview: Interview) -> str:
    return "\n".join(
        f"{name_of(review.reviewer)}: {review.comment}"
        for review in interview.reviews
        if review.comment
    )


def marks(answer: Answered) -> str:
    return "\n".join(
        f"{mark.reviewer}: "
        + " – ".join(filter(None, [str(mark.mark or ""), mark.note]))
        for mark in answer.marks
    )


def rounded(mark: float | None) -> float | None:
    return None if mark is None else round(mark, 2)


WHO = [
    Column(_("Interview"), lambda i: str(i.session.pk), MIDDLE),
    Column(_("Candidate"), lambda i: i.session.candidate.name, MIDDLE),
    Column(_("E-mail"), lambda i: i.session.candidate.email, MIDDLE),
    Column(_("Vacancy"), lambda i: i.session.vacancy.title, MIDDLE),
]
INTERVIEW = [
    *WHO,
    Column(_("Status"), lambda i: str(i.session.state.label)),
    Column(_("Invited"), lambda i: i.session.created_at, MIDDLE, True),
    Column(_("Deadline"), lambda i: i.session.expires_at, MIDDLE, True),
    Column(_("Started"), lambda i: i.session.started_at, MIDDLE, True),
    Column(_("Finished"), lambda i: i.session.finished_at, MIDDLE, True),
    Column(_("Language"), lambda i: Language(i.script.language).label),
    Column(_("Questions"), lambda i: len(i.answers)),
    Column(_("Answered"), lambda i: i.answered),
    Column(_("Skipped"), lambda i: i.skipped),
    Column(_("The candidate’s rating of the interview"), lambda i: i.session.rating),
    Column(_("Stage"), lambda i: str(i.stage.label)),
    Column(_("Mark"), lambda i: rounded(i.mark)),
    Column(_("Recommendations"), recommendations, MIDDLE),
    Column(_("Reviewers’ comments"), comments, WIDE),
    Column(
        _("Decision"),
        lambda i: str(i.decision.get_outcome_display()) if i.decision else None,
    ),
    Column(
        _("Reason for the decision"),
        lambda i: i.decision.reason if i.decision else None,
        WIDE,
    ),
    Column(
        _("Decided by"),
        lambda i: name_of(i.decision.decided_by) if i.decision else None,
        MIDDLE,
    ),
    Column(
        _("Decided"),
        lambda i: i.decision.decided_at if i.decision else None,
        MIDDLE,
        True,
    ),
]
ANSWER = [
    AnswerColumn(_("Question no."), lambda a: a.position),
    AnswerColumn(_("Question"), lambda a: a.question.text, WIDE),
    AnswerColumn(_("Answered or not"), lambda a: a.state),
    AnswerColumn(
        _("Answer"), lambda a: a.progress.answer_text if a.progress else None, WIDE
    ),
    AnswerColumn(
        _("In the candidate’s own words"),
        lambda a: a.progress.verbatim_text if a.progress else None,
        WIDE,
    ),
    AnswerColumn(_("The candidate’s correction"), lambda a: a.correction, WIDE),
    AnswerColumn(
        _("Way of answering"),
        lambda a: str(a.progress.get_channel_display()) if a.progress else None,
    ),
    AnswerColumn(
        _("Duration, ms"), lambda a: a.progress.duration_ms if a.progress else None
    ),
    AnswerColumn(
        _("Confidence of the recognition"),
        lambda a: a.progress.confidence if a.progress else None,
    ),
    AnswerColumn(
        _("Time of the answer"),
        lambda a: a.progress.timestamp if a.progress else None,
        MIDDLE,
        True,
    ),
    AnswerColumn(_("Recording of the answer"), lambda a: a.audio, MIDDLE),
    AnswerColumn(_("Mark for the answer"), lambda a: rounded(a.mark)),
    AnswerColumn(_("Marks of the reviewers"), marks, WIDE),
]


def headings(*parts: Sequence[Column | AnswerColumn]) -> list[str]:
    return [str(column.heading) for columns in parts for column in columns]


def answer_lines(
    interview: Interview, columns: Sequence[Column], shown: Callable[[Cell], Any]
) -> Iterator[list[Any]]:
    """Give a line for each question, each cell as it is `shown`.

    An interview that asks nothing keeps one line.
    """
    about = [shown(column.value(interview)) for column in columns]
    for answer in interview.answers:
        yield about + [shown(column.value(answer)) for column in ANSWER]
    if not interview.answers:
        yield about + [shown(None)] * len(ANSWER)

"""PDF: a report of each interview, to be read, printed and filed."""

import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import IO, NamedTuple

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext

from interviews.templatetags.interview_admin import elapsed, seconds
from reviews.exports.names import file_name
from reviews.exports.page import MUTED, Page
from reviews.exports.rows import Answered, Interview, name_of
from reviews.models import BEST_MARK, Review
from vacancies.models import Company, Language, Vacancy


class Employer(NamedTuple):
    name: str
    logo: bytes


class Employers:
    """Whose the vacancies are; each is read once, however many reports name it."""

    def __init__(self) -> None:
        self.known: dict[int | None, Employer] = {}

    def of(self, vacancy: Vacancy) -> Employer:
        key = vacancy.company_id
        if key not in self.known:
            its = {"pk": key} if key else {"is_default": True}
            company = Company.objects.filter(**its).first()
            self.known[key] = (
                Employer(company.name, bytes(company.logo))
                if company
                else Employer(settings.COMPANY_NAME, b"")
            )
        return self.known[key]


def write_reports(
    interviews: Iterator[Interview], file: IO[bytes], *, for_whom: str
) -> str:
    """Write one report as a PDF, several as a ZIP of PDFs; return the extension.

    One file a person: so that a report
    is passed on without the others.
    """
    employers = Employers()
    first = next(interviews, None)
    if first is None:
        return "pdf"
    second = next(interviews, None)
    if second is None:
        file.write(report(first, employers.of(first.session.vacancy), for_whom))
        return "pdf"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for count, one in enumerate(chain([first, second], interviews), start=1):
            content = report(one, employers.of(one.session.vacancy), for_whom)
            archive.writestr(f"{count:03} {file_name('pdf', one.session)}", content)
    return "zip"


def report(interview: Interview, employer: Employer, for_whom: str) -> bytes:
    """Return the report of an interview, in the language that is active."""
    made = gettext("Made %(time)s for %(person)s")
    page = Page(
        footer=made % {"time": written(timezone.now()), "person": for_whom},
        language=get_language() or settings.LANGUAGE_CODE,
    )
    page.set_title(file_name("pdf", interview.session).removesuffix(".pdf"))
    write_head(page, interview, employer)
    write_outcome(page, interview)
    write_chart(page, interview)
    write_answers(page, interview)
    write_reviews(page, interview)
    if page.misses_signs:
        note = gettext(
            "□ stands for a sign that this report cannot draw. The other formats have it."
        )
        page.text_block(note, 8, MUTED)
    return bytes(page.output())


def written(at: datetime | None) -> str:
    """Write a moment as people do, with its time zone."""
    if at is None:
        return ""
    local = localtime(at)
    return f"{date_format(local, 'DATETIME_FORMAT')} ({date_format(local, 'T')})"


def number(mark: float) -> str:
    return f"{mark:.1f}"


def write_head(page: Page, interview: Interview, employer: Employer) -> None:
    session = interview.session
    if employer.logo:
        page.logo(employer.logo)
    page.set_right_margin(page.r_margin + 54 if employer.logo else page.r_margin)
    page.text_block(str(employer.name), 10, MUTED)
    page.text_block(session.candidate.name, 18, bold=True)
    page.text_block(session.vacancy.title, 12, MUTED, after=4)
    page.set_right_margin(page.l_margin)
    page.facts(
        [
            (gettext("E-mail"), session.candidate.email),
            (gettext("Status"), str(session.state.label)),
            (gettext("Invited"), written(session.created_at)),
            (gettext("Deadline"), written(session.expires_at)),
            (gettext("Started"), written(session.started_at)),
            (gettext("Finished"), written(session.finished_at)),
            (gettext("Time taken"), time_taken(interview)),
            (gettext("Language"), str(Language(interview.script.language).label)),
            (gettext("How it was held"), ways(interview)),
            (gettext("Questions"), numbers(interview)),
            (
                gettext("The candidate’s rating of the interview"),
                f"{session.rating}/5" if session.rating else "",
            ),
        ]
    )


def time_taken(interview: Interview) -> str:
    session = interview.session
    if session.started_at is None or session.finished_at is None:
        return ""
    return elapsed(session.finished_at - session.started_at)


def ways(interview: Interview) -> str:
    """Say by which ways the answers came, and how many by each."""
    counted = Counter(
        str(answer.progress.get_channel_display())
        for answer in interview.answers
        if answer.progress
    )
    return ", ".join(f"{way}: {count}" for way, count in counted.most_common())


def numbers(interview: Interview) -> str:
    text = gettext("%(answered)d of %(total)d answered, %(skipped)d skipped")
    return text % {
        "answered": interview.answered,
        "total": len(interview.answers),
        "skipped": interview.skipped,
    }


def write_outcome(page: Page, interview: Interview) -> None:
    decision, mark = interview.decision, interview.mark
    page.heading(gettext("Where it stands"))
    page.facts(
        [
            (gettext("Stage"), str(interview.stage.label)),
            (gettext("Mark"), f"{number(mark)}/{BEST_MARK}" if mark else ""),
            (
                gettext("Decision"),
                str(decision.get_outcome_display())
                if decision
                else gettext("Not taken yet"),
            ),
            (gettext("Reason"), decision.reason if decision else ""),
            (gettext("Decided by"), name_of(decision.decided_by) if decision else ""),
            (gettext("Decided"), written(decision.decided_at) if decision else ""),
        ]
    )


def write_chart(page: Page, interview: Interview) -> None:
    marks = [
        (f"{answer.position}. {answer.question.text}", answer.mark)
        for answer in interview.answers
        if answer.mark is not None
    ]
    if marks:
        page.heading(gettext("Marks by question, 1 to 5"))
        page.bars(marks, BEST_MARK)


def write_answers(page: Page, interview: Interview) -> None:
    page.heading(gettext("Questions and answers"))
    for answer in interview.answers:
        write_answer(page, answer)
    if not interview.answers:
        page.text_block(gettext("No questions."), colour=MUTED)


def write_answer(page: Page, answer: Answered) -> None:
    page.keep_together(22)
    page.text_block(f"{answer.position}. {answer.question.text}", bold=True)
    if not answer.progress:
        page.text_block(gettext("No answer."), colour=MUTED, after=4)
        return
    page.text_block(answer.shown)
    for label, text in [
        (gettext("In the candidate’s own words"), answer.progress.verbatim_text),
        (gettext("The candidate says it should read:"), answer.correction),
    ]:
        if text:
            page.text_block(label, 8.5, MUTED, indent=5, after=0)
            page.text_block(text, indent=5)
    page.text_block(about(answer), 8, MUTED)
    for mark in answer.marks:
        given = f"{mark.mark}/{BEST_MARK}" if mark.mark else ""
        text = " – ".join(filter(None, [given, mark.note]))
        page.text_block(f"{mark.reviewer}: {text}", 9, indent=5)
    page.ln(3)


def about(answer: Answered) -> str:
    assert answer.progress is not None
    duration = answer.progress.duration_ms
    return " · ".join(
        filter(
            None,
            [
                str(answer.progress.get_channel_display()),
                written(answer.progress.timestamp),
                "" if duration is None else seconds(duration),
                answer.audio,
            ],
        )
    )


def write_reviews(page: Page, interview: Interview) -> None:
    if not interview.shows_reviews:
        note = gettext(
            "What colleagues think is left out until you have saved a review of your own."
        )
        page.heading(gettext("Reviews"))
        page.text_block(note, colour=MUTED)
    elif interview.reviews:
        page.heading(gettext("Reviews"))
        for review in interview.reviews:
            write_review(page, interview, review)


def write_review(page: Page, interview: Interview, review: Review) -> None:
    page.keep_together(18)
    page.text_block(name_of(review.reviewer), bold=True, after=0)
    mark = interview.mark_by(review)
    parts = [
        str(review.get_recommendation_display()),
        f"{number(mark)}/{BEST_MARK}" if mark else "",
        written(review.saved_at),
    ]
    page.text_block(" · ".join(filter(None, parts)), 8.5, MUTED)
    if review.comment:
        page.text_block(review.comment)
    page.ln(2)

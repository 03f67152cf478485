"""What the tests of exports export, and how they open it again."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime

from openpyxl import load_workbook
from pypdf import PdfReader

from accounts.models import Role
from interviews.models import Channel
from reviews.exports import making
from reviews.models import Decision, Export, Outcome, Review, Stage, Standing
from tests.factories import (
    CandidateFactory,
    ProgressFactory,
    QuestionFactory,
    SessionFactory,
    UserFactory,
    VacancyFactory,
)
from vacancies.models import Part

NOON = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)
PORTAL = "https://portal.example"


def recruiter(*vacancies, **fields):
    user = UserFactory(is_staff=True, role=Role.RECRUITER, **fields)
    for vacancy in vacancies:
        vacancy.members.create(user=user, part=Part.OWNER)
    return user


def bakery(**fields):
    """Return an open vacancy with two questions."""
    vacancy = VacancyFactory(title="Пекарь", language="ru", **fields)
    QuestionFactory(vacancy=vacancy, order=1, text="Расскажите о хлебе", weight=3)
    QuestionFactory(vacancy=vacancy, order=2, text="Почему «мы»?")
    return vacancy


def interview(vacancy, name="Анна Ёжикова", text="Пеку № 1 🍞", **fields):
    """Return a finished interview: the first question answered, the second skipped."""
    session = SessionFactory(
        vacancy=vacancy,
        candidate=CandidateFactory(name=name, email=fields.pop("email", "a@b.example")),
        started=True,
        started_at=NOON,
        finished_at=NOON.replace(hour=13),
    )
    first, second = vacancy.questions.order_by("order")
    answer = ProgressFactory(
        session=session,
        question=first,
        answer_text=text,
        channel=Channel.AGENT,
        duration_ms=61_000,
        confidence=0.5,
        timestamp=NOON,
        **fields,
    )
    answer.corrections.create(text="Не то")
    answer.corrections.create(text="Пеку № 2")
    ProgressFactory(
        session=session,
        question=second,
        answered=False,
        answer_text="",
        channel=Channel.WRITTEN,
        timestamp=NOON,
    )
    return session


def review(session, reviewer, marks=(4, 2), comment="Хорошо", saved_at=NOON):
    one = Review.objects.create(
        session=session,
        reviewer=reviewer,
        recommendation="yes",
        comment=comment,
        saved_at=saved_at,
    )
    for question, mark in zip(
        session.vacancy.questions.order_by("order"), marks, strict=True
    ):
        one.ratings.create(question=question, mark=mark, note=f"за {mark}")
    return one


def decide(session, user, reason="Лучший хлеб"):
    decision = Decision.objects.create(
        session=session, outcome=Outcome.HIRED, reason=reason, decided_by=user
    )
    Standing.objects.create(session=session, stage=Stage.OFFER, decision=decision)
    return decision


def asked(user, export_format, *sessions, language="en", **chosen):
    """Return an export, not saved, of these interviews, or of the list if there are none."""
    if sessions:
        chosen["ids"] = [str(session.pk) for session in sessions]
    return Export(
        user=user,
        format=export_format,
        language=language,
        chosen=chosen | {"portal": PORTAL},
    )


def made(user, export_format, *sessions, **options):
    """Make a file and return its bytes."""
    file = io.BytesIO()
    making.make(asked(user, export_format, *sessions, **options), file)
    return file.getvalue()


# Opened again


def read_csv(content, separator=","):
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))


def read_xlsx(content):
    """Return each sheet's rows, by its title."""
    book = load_workbook(io.BytesIO(content))
    return {
        sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()]
        for sheet in book
    }


def read_json(content):
    return json.loads(content)


def read_pdf(content):
    """Return the text of all pages, its lines and blanks made one."""
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def everything_in(content):
    """Return all text of a file, of whichever format, to look for what must not be there."""
    if content.startswith(b"%PDF"):
        return read_pdf(content)
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [archive.read(name) for name in archive.namelist()]
        names = " ".join(archive.namelist())
    return names + "".join(
        read_pdf(part) if part.startswith(b"%PDF") else part.decode() for part in parts
    )

"""Reports: what stands on their pages, and that any sign is drawn or seen to be missing."""

import io
import threading
import zipfile

import pytest
from fontTools.ttLib import TTFont
from PIL import Image
from pypdf import PdfReader

from interviews.models import Channel
from reviews.exports import fonts
from reviews.exports.making import NothingToExport
from tests.factories import (
    CompanyFactory,
    ProgressFactory,
    QuestionFactory,
    UserFactory,
)
from tests.reviews.exported import (
    bakery,
    decide,
    interview,
    made,
    read_pdf,
    recruiter,
    review,
)

SIGNS = "АБВЯабвяЁё «ёлочки» „лапки“ — – № … • ₽ € § % ’ “ ” éüßłşğіїєґў"


def picture(kind="PNG"):
    file = io.BytesIO()
    Image.new("RGB", (60, 20), "#1d5c8a").save(file, kind)
    return file.getvalue()


@pytest.fixture
def vacancy(db):
    return bakery(company=CompanyFactory(name="ООО «Булочная»", logo=picture()))


@pytest.fixture
def owner(vacancy):
    return recruiter(vacancy, email="anna@example.com")


def test_report_tells_everything_of_an_interview(vacancy, owner):
    session = interview(vacancy, verbatim_text="Ну, пеку номер один")
    review(session, owner, comment="Ёмко и ясно")
    decision = decide(session, owner, reason="Лучший хлеб")

    text = read_pdf(made(owner, "pdf", session))

    started = "Started Nov. 23, 2026, 12:00 p.m. (UTC)"
    told = [
        "ООО «Булочная» Анна Ёжикова Пекарь E-mail a@b.example Status Finished",
        f"{started} Finished Nov. 23, 2026, 1 p.m. (UTC) Time taken 1 h 0 min",
        "How it was held Voice agent: 1, In writing: 1 Questions 1 of 2 answered, 1 skipped",
        "Where it stands Stage Offer Mark 3.5/5 Decision Hired Reason Лучший хлеб",
        "Decided by anna@example.com Decided",
        "Marks by question, 1 to 5 1. Расскажите о хлебе 4.0 2. Почему «мы»? 2.0",
        "Questions and answers 1. Расскажите о хлебе Пеку № 1 □ In the candidate’s own "
        "words Ну, пеку номер один The candidate says it should read: Пеку № 2",
        "Voice agent · Nov. 23, 2026, 12:00 p.m. (UTC) · 1 min 1 s anna@example.com: "
        "4/5 – за 4 2. Почему «мы»? (skipped)",
        "Reviews anna@example.com Rather yes · 3.5/5 · Nov. 23, 2026, 12:00 p.m. (UTC) "
        "Ёмко и ясно",
        "for anna@example.com Page 1 of 2",
    ]
    assert decision.decided_at
    assert [
        part for part in told if part.replace("12:00 p.m.", "noon") not in text
    ] == []


def test_report_has_the_logo_and_says_what_it_is(vacancy, owner):
    reader = PdfReader(io.BytesIO(made(owner, "pdf", interview(vacancy))))

    assert len(reader.pages[0].images) == 1
    assert reader.metadata.title == "Анна Ёжикова – Пекарь"
    assert reader.root_object["/Lang"] == "en"


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_logos_of_every_kind_are_drawn(vacancy, owner, kind):
    vacancy.company.logo = picture(kind)
    vacancy.company.save()

    reader = PdfReader(io.BytesIO(made(owner, "pdf", interview(vacancy))))

    assert len(reader.pages[0].images) == 1


@pytest.mark.parametrize("logo", [b"", b"<svg/>", picture()[:40], picture("JPEG")[:90]])
def test_a_logo_that_is_no_picture_is_left_out(vacancy, owner, logo):
    vacancy.company.logo = logo
    vacancy.company.save()

    assert "ООО «Булочная»" in read_pdf(made(owner, "pdf", interview(vacancy)))


def test_without_a_company_it_is_the_portals(owner, vacancy, settings):
    settings.COMPANY_NAME = "Пекарни города"
    vacancy.company = None
    vacancy.save()

    assert "Пекарни города Анна" in read_pdf(made(owner, "pdf", interview(vacancy)))


def test_without_marks_there_is_no_chart(vacancy, owner):
    text = read_pdf(made(owner, "pdf", interview(vacancy)))

    assert "Marks by question" not in text
    assert "Decision Not taken yet" in text
    assert "left out until you have saved a review of your own" in text


def test_an_answer_goes_on_over_pages(vacancy, owner):
    words = " ".join(f"слово{number}" for number in range(2200))
    content = made(owner, "pdf", interview(vacancy, text=words))

    text = read_pdf(content)
    assert all(f"слово{number}" in text for number in range(2200))
    assert len(PdfReader(io.BytesIO(content)).pages) > 2


def test_a_chart_goes_on_over_pages(vacancy, owner):
    for order in range(3, 43):
        QuestionFactory(vacancy=vacancy, order=order, text=f"Вопрос {order}? " * 20)
    session = ProgressFactory(
        session__vacancy=vacancy, channel=Channel.WRITTEN, session__started=True
    ).session
    one = session.reviews.create(reviewer=owner, saved_at=session.created_at)
    for question in vacancy.questions.all():
        one.ratings.create(question=question, mark=5)

    text = read_pdf(made(owner, "pdf", session))

    assert text.count("5.0") >= 42


# Several


def test_several_reports_are_a_zip_of_one_each(vacancy, owner):
    sessions = [
        interview(vacancy, name=f"../Анна:{n}", email=f"{n}@b.example")
        for n in range(3)
    ]

    with zipfile.ZipFile(io.BytesIO(made(owner, "pdf", *sessions))) as archive:
        reports = {name: read_pdf(archive.read(name)) for name in archive.namelist()}

    assert [name[:4] for name in reports] == ["001 ", "002 ", "003 "]
    assert sorted(name[4:] for name in reports) == [
        f"Анна {n} – Пекарь.pdf" for n in range(3)
    ]
    assert all(f"../Анна:{name[9]}" in text for name, text in reports.items())


@pytest.mark.django_db
def test_nothing_makes_no_report():
    with pytest.raises(NothingToExport):
        made(UserFactory(hr=True), "pdf")


# Letters


def test_cyrillic_and_punctuation_are_drawn_and_found_again(vacancy, owner):
    text = read_pdf(made(owner, "pdf", interview(vacancy, text=SIGNS)))

    assert SIGNS in text
    assert "cannot draw" not in text


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("🍞", "□"),
        ("李明", "□□"),
        ("👩\u200d💻", "□□"),
        ("☎\ufe0f", "□"),
        ("и\u0306", "й"),
        ("а\u0000\u0008б", "аб"),
        ("а\u00a0б\u3000в", "а\u00a0б в"),
        ("а\u2028б\r\nв\rг", "а\nб\nв\nг"),
        ("сло\u00adво", "слово"),
        ("\u202eкот", "кот"),
        ("שלום", "□□□□"),
    ],
)
def test_what_cannot_be_drawn_is_seen_to_be_missing(written, drawn):
    assert fonts.drawable(written) == drawn


def test_report_says_what_the_square_means(vacancy, owner):
    text = read_pdf(
        made(owner, "pdf", interview(vacancy, name="李明 🍞", text="🍞" * 30))
    )

    assert "□□ □ Пекарь" in text
    assert "□ stands for a sign that this report cannot draw." in text


def test_the_font_is_made_once_and_whole(tmp_path, monkeypatch):
    monkeypatch.setenv("VAR_DIR", str(tmp_path))

    threads = [
        threading.Thread(target=fonts.font_file, args=[fonts.REGULAR]) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    [file] = (tmp_path / "fonts").iterdir()
    assert file == fonts.font_file(fonts.REGULAR)
    with TTFont(file) as font:
        assert ord("Ё") in font.getBestCmap()
    assert file.stat().st_mode & 0o777 == 0o600

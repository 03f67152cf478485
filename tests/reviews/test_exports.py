"""What exports hold, in each format, opened again by a library."""

from datetime import datetime
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from interviews.models import InterviewSession
from reviews.exports.as_xlsx import LONGEST_CELL, utf16_length
from reviews.exports.choosing import chosen_sessions
from reviews.exports.making import NothingToExport
from reviews.exports.rows import interviews
from reviews.models import Review
from tests.factories import (
    CandidateFactory,
    ProgressFactory,
    SessionFactory,
    TakeFactory,
    UserFactory,
    VacancyFactory,
)
from tests.reviews.exported import (
    NOON,
    PORTAL,
    bakery,
    decide,
    everything_in,
    interview,
    made,
    read_csv,
    read_json,
    read_pdf,
    read_xlsx,
    recruiter,
    review,
)

pytestmark = pytest.mark.django_db

FORMATS = ["csv", "xlsx", "json", "pdf"]
# What looks like a formula, and how a CSV has it.
FORMULAS = {
    "=1+1": "'=1+1",
    "+7 999": "'+7 999",
    "-1": "'-1",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t'=1",
    "\tтекст": "'\tтекст",
    "\r=1": "'\n'=1",
    "  =cmd|' /C calc'!A0": "  '=cmd|' /C calc'!A0",
    "\u00a0=1": "\u00a0'=1",
    "\u200b=1": "\u200b'=1",
    "\ufeff@A1": "\ufeff'@A1",
    "＝1+1": "'＝1+1",
    "＋1": "'＋1",
    "－1": "'－1",
    "＠A1": "'＠A1",
    "﹦1": "'﹦1",
}


@pytest.fixture
def vacancy():
    return bakery()


@pytest.fixture
def owner(vacancy):
    return recruiter(vacancy, email="anna@example.com")


# JSON


def test_json_holds_everything(vacancy, owner):
    session = interview(vacancy, verbatim_text="Пеку номер один")
    review(session, owner, comment="Ёмко")
    decision = decide(session, owner)
    first, second = vacancy.questions.order_by("order")

    content = read_json(made(owner, "json", session))

    assert content.pop("madeAt")
    assert content == {
        "format": "parley-interviews-1",
        "timeZone": "UTC",
        "interviews": [
            {
                "id": str(session.pk),
                "candidate": {"name": "Анна Ёжикова", "email": "a@b.example"},
                "vacancy": {"id": vacancy.pk, "title": "Пекарь"},
                "state": "finished",
                "language": "ru",
                "invitedAt": session.created_at.isoformat(timespec="seconds"),
                "expiresAt": session.expires_at.isoformat(timespec="seconds"),
                "startedAt": "2026-11-23T12:00:05+00:00",
                "finishedAt": "2026-11-23T13:00:05+00:00",
                "finishReason": "",
                "questions": 2,
                "answered": 1,
                "skipped": 1,
                "candidateRating": None,
                "answers": [
                    {
                        "position": 1,
                        "questionId": first.pk,
                        "question": "Расскажите о хлебе",
                        "answered": True,
                        "skipped": False,
                        "answerText": "Пеку № 1 🍞",
                        "verbatimText": "Пеку номер один",
                        "correction": "Пеку № 2",
                        "channel": "agent",
                        "durationMs": 61_000,
                        "confidence": 0.5,
                        "answeredAt": "2026-11-23T12:00:05+00:00",
                        "audioUrl": None,
                    },
                    {
                        "position": 2,
                        "questionId": second.pk,
                        "question": "Почему «мы»?",
                        "answered": False,
                        "skipped": True,
                        "answerText": "",
                        "verbatimText": None,
                        "correction": None,
                        "channel": "written",
                        "durationMs": None,
                        "confidence": None,
                        "answeredAt": "2026-11-23T12:00:05+00:00",
                        "audioUrl": None,
                    },
                ],
                "reviewsShown": True,
                "reviews": [
                    {
                        "reviewer": "anna@example.com",
                        "savedAt": "2026-11-23T12:00:05+00:00",
                        "blind": True,
                        "recommendation": "yes",
                        "comment": "Ёмко",
                        "mark": 3.5,
                        "marks": [
                            {"questionId": first.pk, "mark": 4, "note": "за 4"},
                            {"questionId": second.pk, "mark": 2, "note": "за 2"},
                        ],
                    }
                ],
                "mark": 3.5,
                "stage": "offer",
                "decision": {
                    "outcome": "hired",
                    "reason": "Лучший хлеб",
                    "decidedBy": "anna@example.com",
                    "decidedAt": decision.decided_at.isoformat(timespec="seconds"),
                },
            }
        ],
    }


def test_json_of_many_is_one_document(vacancy, owner):
    sessions = [interview(vacancy, email=f"{n}@b.example") for n in range(3)]

    content = read_json(made(owner, "json", *sessions))

    keys = {one["id"] for one in content["interviews"]}
    assert keys == {str(session.pk) for session in sessions}


# CSV


def test_csv_has_a_line_for_each_answer(vacancy, owner):
    session = interview(vacancy, verbatim_text="Пеку номер один")
    review(session, owner, comment="Ёмко")
    decision = decide(session, owner)

    content = made(owner, "csv", session, separator=",")

    first, second = read_csv(content)
    assert content.startswith(b"\xef\xbb\xbf")
    assert first == {
        "Interview": str(session.pk),
        "Candidate": "Анна Ёжикова",
        "E-mail": "a@b.example",
        "Vacancy": "Пекарь",
        "Status": "Finished",
        "Invited": session.created_at.isoformat(timespec="seconds"),
        "Deadline": session.expires_at.isoformat(timespec="seconds"),
        "Started": "2026-11-23T12:00:05+00:00",
        "Finished": "2026-11-23T13:00:05+00:00",
        "Language": "Русский",
        "Questions": "2",
        "Answered": "1",
        "Skipped": "1",
        "The candidate’s rating of the interview": "",
        "Stage": "Offer",
        "Mark": "3.5",
        "Recommendations": "anna@example.com: Rather yes",
        "Reviewers’ comments": "anna@example.com: Ёмко",
        "Decision": "Hired",
        "Reason for the decision": "Лучший хлеб",
        "Decided by": "anna@example.com",
        "Decided": decision.decided_at.isoformat(timespec="seconds"),
        "Question no.": "1",
        "Question": "Расскажите о хлебе",
        "Answered or not": "answered",
        "Answer": "Пеку № 1 🍞",
        "In the candidate’s own words": "Пеку номер один",
        "The candidate’s correction": "Пеку № 2",
        "Way of answering": "Voice agent",
        "Duration, ms": "61000",
        "Confidence of the recognition": "0.5",
        "Time of the answer": "2026-11-23T12:00:05+00:00",
        "Recording of the answer": "",
        "Mark for the answer": "4.0",
        "Marks of the reviewers": "anna@example.com: 4 – за 4",
    }
    assert (second["Question no."], second["Answered or not"]) == ("2", "skipped")


def test_csv_for_excel_in_russian_has_semicolons_and_decimal_commas(vacancy, owner):
    session = interview(vacancy)
    review(session, owner)

    [first, _second] = read_csv(
        made(owner, "csv", session, separator=";"), separator=";"
    )

    shown = (first["Mark"], first["Confidence of the recognition"], first["Answered"])
    assert shown == ("3,5", "0,5", "1")


@pytest.mark.parametrize(("text", "cell"), FORMULAS.items())
def test_no_text_of_a_csv_begins_a_formula(vacancy, owner, text, cell):
    session = interview(vacancy, text=text, name=text)

    first, _ = read_csv(made(owner, "csv", session, separator=","))

    assert (first["Answer"], first["Candidate"]) == (cell, cell)


def test_no_text_begins_a_formula_where_another_separator_takes_the_file_apart(
    vacancy, owner
):
    session = interview(vacancy, text="хлеб;=1+1\nи\n@A1,\t+2|-3")

    first, _ = read_csv(made(owner, "csv", session, separator=","))

    assert first["Answer"] == "хлеб;'=1+1\nи\n'@A1,\t'+2|'-3"


def test_text_that_is_no_formula_stays_as_it_is(vacancy, owner):
    text = 'a-b = c, "цитата" — тире; e@mail — 5 % 🍞'
    session = interview(vacancy, text=text)

    first, _ = read_csv(made(owner, "csv", session, separator=","))

    assert first["Answer"] == text


# XLSX


def test_xlsx_has_a_sheet_of_interviews_and_one_of_answers(vacancy, owner):
    session = interview(vacancy)

    sheets = read_xlsx(made(owner, "xlsx", session))

    assert list(sheets) == ["Interviews", "Answers"]
    [heading, row] = sheets["Interviews"]
    shown = dict(zip(heading, row, strict=True))
    assert shown["Candidate"] == "Анна Ёжикова"
    assert shown["Started (UTC)"] == datetime(2026, 11, 23, 12, 0, 5)  # noqa: DTZ001 (as Excel keeps them)
    assert (shown["Questions"], shown["Answered"]) == (2, 1)
    assert shown["Расскажите о хлебе"] == "Пеку № 1 🍞"
    assert shown["Почему «мы»?"] == "(skipped)"
    [heading, first, second] = sheets["Answers"]
    assert dict(zip(heading, first, strict=True)) == {
        "Interview": str(session.pk),
        "Candidate": "Анна Ёжикова",
        "E-mail": "a@b.example",
        "Vacancy": "Пекарь",
        "Question no.": 1,
        "Question": "Расскажите о хлебе",
        "Answered or not": "answered",
        "Answer": "Пеку № 1 🍞",
        "In the candidate’s own words": None,
        "The candidate’s correction": "Пеку № 2",
        "Way of answering": "Voice agent",
        "Duration, ms": 61_000,
        "Confidence of the recognition": 0.5,
        "Time of the answer (UTC)": datetime(2026, 11, 23, 12, 0, 5),  # noqa: DTZ001
        "Recording of the answer": None,
        "Mark for the answer": None,
        "Marks of the reviewers": None,
    }
    assert second[4:7] == [2, "Почему «мы»?", "skipped"]


def test_moments_of_a_sheet_are_in_the_portals_time_zone(vacancy, owner, settings):
    settings.TIME_ZONE = "Asia/Yekaterinburg"
    session = interview(vacancy)

    [heading, row] = read_xlsx(made(owner, "xlsx", session))["Interviews"]

    shown = dict(zip(heading, row, strict=True))
    assert shown["Started (Asia/Yekaterinburg)"].hour == 17


def test_questions_are_no_columns_where_vacancies_differ(vacancy, owner):
    other = bakery()
    other.members.create(user=owner)
    sessions = [interview(vacancy), interview(other, email="c@d.example")]

    [heading, *rows] = read_xlsx(made(owner, "xlsx", *sessions))["Interviews"]

    assert "Расскажите о хлебе" not in heading
    assert len(rows) == 2


def test_sheets_are_ready_to_read(vacancy, owner):
    content = made(owner, "xlsx", interview(vacancy))

    for sheet in load_workbook(BytesIO(content)):
        assert sheet.freeze_panes == "A2"
        assert sheet["A1"].font.bold
        assert sheet.column_dimensions["B"].width == 24
    answer = load_workbook(BytesIO(content))["Answers"]["H2"]
    assert (answer.value, answer.alignment.wrap_text) == ("Пеку № 1 🍞", True)


@pytest.mark.parametrize("text", [*FORMULAS, "#REF!", "{=1}"])
def test_no_text_of_a_sheet_is_a_formula(vacancy, owner, text):
    content = made(owner, "xlsx", interview(vacancy, text=text, name=text))

    book = load_workbook(BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    answer = book["Answers"]["H2"]
    assert answer.value == text.replace("\r", "\n")
    assert answer.quotePrefix == (text not in {"#REF!", "{=1}"})


def test_a_cell_holds_what_excel_can_and_says_what_it_cut(vacancy, owner):
    session = interview(vacancy, text="🍞" * 20_000)

    cell = read_xlsx(made(owner, "xlsx", session))["Answers"][1][7]

    assert utf16_length(cell) in {LONGEST_CELL, LONGEST_CELL - 1}
    assert cell.startswith("🍞🍞")
    assert cell.endswith(
        "[cut: a cell holds no more; the CSV and the JSON have it all]"
    )
    assert len(read_csv(made(owner, "csv", session))[0]["Answer"]) == 20_000


def test_what_a_sheet_cannot_hold_is_taken_out(vacancy, owner):
    session = interview(vacancy, text="до\x0b\x1f\ufffeпосле\r\nконец")

    cell = read_xlsx(made(owner, "xlsx", session))["Answers"][1][7]

    assert cell == "допосле\nконец"


def test_a_full_sheet_goes_on_in_another(vacancy, owner, monkeypatch):
    monkeypatch.setattr("reviews.exports.as_xlsx.MOST_ROWS", 2)
    sessions = [interview(vacancy, email=f"{n}@b.example") for n in range(2)]

    sheets = read_xlsx(made(owner, "xlsx", *sessions))

    assert list(sheets) == [
        "Interviews",
        "Answers",
        "Answers 2",
        "Interviews 2",
        "Answers 3",
        "Answers 4",
    ]
    assert [len(rows) for rows in sheets.values()] == [2] * 6


# Whose, and what of it


@pytest.mark.parametrize("export_format", FORMATS)
def test_nothing_foreign_slips_in(vacancy, owner, export_format):
    own = interview(vacancy, name="Своя", text="свой ответ")
    foreign = interview(
        bakery(), name="КАНАРЕЙКА", text="КАНАРЕЙКА", email="kanareika@b.example"
    )

    for chosen in ([own, foreign], []):
        found = everything_in(made(owner, export_format, *chosen))

        assert "Своя" in found
        assert "КАНАРЕЙКА" not in found
        assert "kanareika" not in found


@pytest.mark.parametrize("chosen", ["ids", "query"])
def test_what_was_chosen_is_what_may_be_seen(vacancy, owner, chosen):
    own, foreign = interview(vacancy), interview(bakery(), email="c@d.example")
    ids = {"ids": [str(own.pk), str(foreign.pk)]}

    sessions = chosen_sessions(ids if chosen == "ids" else {"query": ""}, owner)

    assert list(sessions) == [own]


def test_what_is_lost_from_sight_while_a_file_is_made_is_not_in_it(vacancy, owner):
    own, foreign = interview(vacancy), interview(bakery(), email="c@d.example")
    found_before = InterviewSession.objects.filter(pk__in=[own.pk, foreign.pk])

    read = list(interviews(found_before, owner, portal=PORTAL))

    assert [one.session for one in read] == [own]


@pytest.mark.parametrize("export_format", FORMATS)
def test_a_foreign_interview_alone_makes_no_file(owner, export_format):
    with pytest.raises(NothingToExport):
        made(owner, export_format, interview(bakery()))


@pytest.mark.parametrize("export_format", FORMATS)
def test_reviews_come_only_after_ones_own(vacancy, owner, export_format):
    session = interview(vacancy)
    colleague = UserFactory(email="kanareika@example.com")
    review(session, colleague, comment="КАНАРЕЙКА", marks=(5, 5))

    assert "anareika" not in everything_in(made(owner, export_format, session))
    assert "КАНАРЕЙКА" not in everything_in(made(owner, export_format, session))
    review(session, owner)
    assert "КАНАРЕЙКА" in everything_in(made(owner, export_format, session))


@pytest.mark.parametrize("export_format", FORMATS)
def test_drafts_of_reviews_are_never_exported(vacancy, owner, export_format):
    session = interview(vacancy)
    review(session, owner)
    review(session, UserFactory(), comment="КАНАРЕЙКА", saved_at=None)

    assert "КАНАРЕЙКА" not in everything_in(made(owner, export_format, session))


def test_after_the_decision_reviews_are_open(vacancy, owner):
    session = interview(vacancy)
    review(session, UserFactory(email="boris@example.com"))
    decide(session, UserFactory(email="chief@example.com"))

    [one] = read_json(made(owner, "json", session))["interviews"]

    assert [r["reviewer"] for r in one["reviews"]] == ["boris@example.com"]


@pytest.mark.parametrize(
    "lost",
    [{"is_active": False}, {"role": "reviewer"}, {"role": "auditor"}],
)
def test_whoever_lost_the_right_gets_no_file(vacancy, owner, lost):
    for field, value in lost.items():
        setattr(owner, field, value)

    with pytest.raises(NothingToExport):
        made(owner, "csv", interview(vacancy))


def test_recordings_are_named_by_the_portals_address_alone(vacancy, owner):
    take = TakeFactory(session__vacancy=vacancy)
    addresses = {
        f"/recordings/takes/{take.pk}": f"{PORTAL}/recordings/takes/{take.pk}",
        "/recordings/conv_1#t=1,2": f"{PORTAL}/recordings/conv_1#t=1,2",
        "/recordings/conv_1#<script>": f"{PORTAL}/recordings/conv_1",
        "https://evil.example/a.mp3": None,
        "javascript:alert(1)": None,
        "/admin/": None,
    }

    for number, (stored, shown) in enumerate(addresses.items()):
        session = interview(
            vacancy, answer_audio_url=stored, email=f"{number}@b.example"
        )
        [one] = read_json(made(owner, "json", session))["interviews"]
        assert one["answers"][0]["audioUrl"] == shown


# Interviews of all kinds


@pytest.mark.parametrize("export_format", FORMATS)
def test_an_interview_that_has_not_begun_is_exported(vacancy, owner, export_format):
    session = SessionFactory(vacancy=vacancy, candidate__name="Ещё не начал")

    content = made(owner, export_format, session)

    found = everything_in(content)
    assert "Ещё не начал" in found
    assert "Почему «мы»?" in found


@pytest.mark.parametrize("export_format", FORMATS)
def test_an_interview_without_questions_is_exported(export_format):
    session = SessionFactory(vacancy=VacancyFactory(), candidate__name="Без вопросов")

    content = made(UserFactory(hr=True), export_format, session)

    assert "Без вопросов" in everything_in(content)


def test_what_was_asked_is_exported_though_the_vacancy_changed(vacancy, owner):
    session = interview(vacancy)
    vacancy.questions.filter(order=1).update(text="Уже другой вопрос")

    [first, _] = read_csv(made(owner, "csv", session))

    assert first["Question"] == "Расскажите о хлебе"


def test_the_words_are_in_the_language_of_whoever_asked(vacancy, owner):
    session = interview(vacancy)

    found = read_pdf(made(owner, "pdf", session, language="ru"))

    assert "ноября 2026" in found


def test_interviews_keep_the_order_of_the_list(vacancy, owner):
    for name in ("Вера", "Анна", "Борис"):
        SessionFactory(vacancy=vacancy, candidate=CandidateFactory(name=name))

    lines = read_csv(made(owner, "csv", query="o=1"))

    assert [line["Candidate"] for line in lines[::2]] == ["Анна", "Борис", "Вера"]


def test_queries_are_constant(vacancy, owner):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            list(interviews(vacancy.sessions.all(), owner, portal=PORTAL))
        return len(captured)

    session = interview(vacancy)
    review(session, owner)
    SessionFactory(vacancy=vacancy)
    of_two = queries()
    for number in range(3):
        session = interview(vacancy, email=f"{number}@b.example")
        review(session, owner)
        review(session, UserFactory())
        SessionFactory(vacancy=vacancy)

    assert queries() == of_two
    assert of_two <= 10


def test_portions_lose_nothing(vacancy, owner):
    for number in range(5):
        interview(vacancy, email=f"{number}@b.example")

    read = list(interviews(vacancy.sessions.all(), owner, portal=PORTAL, portion=2))

    assert [one.session.pk for one in read] == list(
        vacancy.sessions.values_list("pk", flat=True)
    )


def test_a_review_without_marks_has_none(vacancy, owner):
    session = interview(vacancy)
    Review.objects.create(session=session, reviewer=owner, saved_at=NOON)

    [one] = read_json(made(owner, "json", session))["interviews"]

    assert (one["mark"], one["reviews"][0]["mark"]) == (None, None)


def test_spoken_answers_without_text_say_so(vacancy, owner):
    take = TakeFactory(session__vacancy=vacancy)
    session = SessionFactory(vacancy=vacancy, started=True)
    ProgressFactory(
        session=session,
        answer_text="",
        channel="spoken",
        answer_audio_url=f"/recordings/takes/{take.pk}",
    )

    [heading, row] = read_xlsx(made(owner, "xlsx", session))["Interviews"]

    shown = dict(zip(heading, row, strict=True))
    assert shown["Расскажите о хлебе"] == "(aloud, without text)"

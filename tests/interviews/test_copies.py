"""The candidate's own copy: what is in it, as text, and its corrections."""

from uuid import uuid4

import pytest
from django.utils.translation import override

from interviews.copies import (
    MOST_CORRECTIONS,
    copy_text,
    correct,
    file_name,
    own_copy,
)
from interviews.exceptions import NotAvailable, NothingToCorrect, TooManyCorrections
from interviews.models import Channel, InterviewSession
from interviews.takes import take_url
from tests.factories import ProgressFactory, SessionFactory, VacancyFactory
from tests.interviews.api.conftest import A_DAY_LATER, LONG_AGO
from tests.threads import race
from vacancies.models import Vacancy

pytestmark = pytest.mark.django_db


def answered(session, *texts):
    """Answer the first questions of the session; return the answers."""
    questions = session.vacancy.questions.all()
    return [
        ProgressFactory(
            session=session, question=question, answer_text=text, answered=bool(text)
        )
        for question, text in zip(questions, texts, strict=False)
    ]


def texts(answer):
    return list(answer.corrections.values_list("text", flat=True))


# What is in it


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"expires_at": LONG_AGO},
        {"cancelled_at": A_DAY_LATER},
        {"started_at": LONG_AGO, "finished_at": A_DAY_LATER},
    ],
    ids=["in progress", "expired", "cancelled", "finished early"],
)
def test_the_copy_holds_what_was_answered_and_nothing_unasked(state):
    session = SessionFactory(started=True, **state)
    one, two = answered(session, "One", "")

    turns = own_copy(session)

    assert [(turn.position, turn.answer) for turn in turns] == [(1, one), (2, two)]


def test_there_is_no_copy_before_the_start():
    with pytest.raises(NotAvailable):
        own_copy(SessionFactory())


@pytest.mark.parametrize("answers", [1, 3])
def test_the_copy_takes_constant_queries(django_assert_num_queries, answers):
    session = SessionFactory(started=True)
    for answer in answered(session, *["Said"] * answers):
        correct(answer=answer, text="Meant")

    with django_assert_num_queries(2):
        turns = own_copy(session)

    assert [turn.correct_text for turn in turns] == ["Meant"] * answers


TAKE = uuid4()


@pytest.mark.parametrize(
    ("channel", "url", "take_id"),
    [
        (Channel.SPOKEN, take_url(TAKE), TAKE),
        (Channel.SPOKEN, "/recordings/conv_1", None),
        (Channel.SPOKEN, f"https://evil.example{take_url(TAKE)}", None),
        (Channel.SPOKEN, f"//evil.example{take_url(TAKE)}", None),
        (Channel.SPOKEN, "javascript:alert(1)", None),
        (Channel.AGENT, take_url(TAKE), None),
        (Channel.WRITTEN, "", None),
    ],
)
def test_only_a_spoken_answer_has_a_recording(channel, url, take_id):
    answer = ProgressFactory(channel=channel, answer_audio_url=url)

    [turn] = own_copy(answer.session)

    assert turn.take_id == take_id


# As text


def test_the_text_is_the_copy_laid_out():
    session = SessionFactory(
        started=True,
        started_at=LONG_AGO,
        finished_at=A_DAY_LATER,
        vacancy=VacancyFactory(title="Cook", questions=3),
        candidate__name="Anna",
    )
    session.vacancy.questions.update(text="Why\nyou?")
    for pk, text in enumerate(("=1+1\n<b>bold</b>", ""), start=0):
        question = session.vacancy.questions.all()[pk]
        ProgressFactory(
            session=session,
            question=question,
            answer_text=text,
            answered=bool(text),
            timestamp=LONG_AGO,
            verbatim_text="Well, two" if text else "",
        )
    correction = session.answers.first().corrections.create(text="Two\n+2")
    type(correction).objects.update(created_at=A_DAY_LATER)

    text = copy_text(session, own_copy(session))

    question = session.script.frozen().questions[0].text
    assert text == (
        f"Cook\nAnna\n\n\n1. {question}\n\n"
        "    =1+1\n    <b>bold</b>\n\nIn your own words, from the call:\n\n"
        "    Well, two\n\n(Jan. 1, 2026, midnight (UTC))\n\n"
        "Your correction, Jan. 2, 2026, midnight (UTC):\n    Two\n    +2\n\n\n"
        "2. Question 2 of Cook?\n\n    You skipped this question.\n\n"
        "(Jan. 1, 2026, midnight (UTC))\n"
    )


@pytest.mark.parametrize(
    "mark", ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028"]
)
def test_no_line_of_an_answer_begins_as_a_formula(mark):
    answer = ProgressFactory(answer_text=f"=1{mark}=2{mark}@x{mark}+3{mark}-4")

    text = copy_text(answer.session, own_copy(answer.session))

    assert [
        line for line in text.splitlines() if line.startswith(("=", "@", "+", "-"))
    ] == []


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Повар", "Interview Повар.txt"),
        ('a/b\\c:"d"\r\nSet-Cookie: x', "Interview a b c d Set-Cookie x.txt"),
        ("../\x1b\u202e🎉", "Interview.txt"),
        ("ж" * 200, f"Interview {'ж' * 80}.txt"),
    ],
    ids=["Cyrillic", "hostile", "nothing left", "long"],
)
def test_the_file_is_named_in_letters_that_any_disk_takes(title, name):
    session = InterviewSession(vacancy=Vacancy(title=title))

    with override("en"):
        assert file_name(session) == name


# Corrections


def test_a_correction_stands_beside_the_answer():
    answer = ProgressFactory(answer_text="I like two and lip")

    is_new = correct(answer=answer, text="I like tulips 🌷")

    answer.refresh_from_db()
    assert is_new
    assert answer.answer_text == "I like two and lip"
    assert texts(answer) == ["I like tulips 🌷"]


def test_a_repeated_correction_is_one_and_a_change_of_mind_another():
    answer = ProgressFactory(answer_text="A")

    said = [correct(answer=answer, text=text) for text in ("B", "B", "A", "B")]

    assert said == [True, False, True, True]
    assert texts(answer) == ["B", "A", "B"]


def test_a_correction_that_changes_nothing_is_refused():
    answer = ProgressFactory(answer_text="A")

    with pytest.raises(NothingToCorrect):
        correct(answer=answer, text="A")

    assert texts(answer) == []


def test_an_answer_has_so_many_corrections_and_no_more():
    answer = ProgressFactory()
    for number in range(MOST_CORRECTIONS):
        correct(answer=answer, text=str(number))

    with pytest.raises(TooManyCorrections):
        correct(answer=answer, text="one too many")
    repeated = correct(answer=answer, text=str(MOST_CORRECTIONS - 1))

    assert not repeated
    assert len(texts(answer)) == MOST_CORRECTIONS


@pytest.mark.django_db(transaction=True)
def test_the_same_correction_twice_at_once_is_one():
    session = SessionFactory(started=True)
    answers = answered(session, "One", "Two", "Three")

    def corrected(number):
        return correct(answer=answers[number], text="Better")

    race(corrected, corrected, rounds=3)

    assert [texts(answer) for answer in answers] == [["Better"]] * 3

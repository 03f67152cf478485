"""POST /api/interview/{sessionId}/answer"""

from unittest.mock import ANY

import pytest

from interviews.models import (
    AnswerRevision,
    Channel,
    InterviewProgress,
    InterviewSession,
)
from interviews.turns import script_by_id
from tests.factories import ProgressFactory, QuestionFactory, SessionFactory

pytestmark = pytest.mark.django_db


def saved(question_id, following):
    return {"saved": True, "questionId": question_id, "next": following}


def step(question, position, total=3):
    return {
        "done": False,
        "questionId": question.pk,
        "text": question.text,
        "position": position,
        "total": total,
    }


def done(session):
    return {
        "done": True,
        "questionId": None,
        "text": session.script.content["closing"],
        "position": None,
        "total": len(session.script.content["questions"]),
    }


def rows():
    return list(InterviewProgress.objects.order_by("pk").values())


def test_answer_is_stored_and_the_next_question_returned(post_answer, session):
    first, second, _ = session.vacancy.questions.current()

    response = post_answer(
        session,
        questionId=first.pk,
        answerText="Пять лет в команде 🙂",
        audioUrl="https://example.com/a.mp3",
        durationMs=12345,
        confidence=0.92,
    )

    assert response.status_code == 200
    assert response.json() == saved(first.pk, step(second, 2))
    assert rows() == [
        {
            "id": ANY,
            "session_id": session.pk,
            "question_id": first.pk,
            "answered": True,
            "answer_text": "Пять лет в команде 🙂",
            "answer_audio_url": "https://example.com/a.mp3",
            "duration_ms": 12345,
            "confidence": 0.92,
            "channel": Channel.AGENT,
            "verbatim_text": "",
            "timestamp": ANY,
        }
    ]


def test_answer_needs_no_more_than_the_question_and_the_text(post_answer, session):
    first, second, _ = session.vacancy.questions.current()

    response = post_answer(session, questionId=first.pk, answerText="Да")

    assert response.status_code == 200
    assert response.json() == saved(first.pk, step(second, 2))
    assert rows() == [
        {
            "id": ANY,
            "session_id": session.pk,
            "question_id": first.pk,
            "answered": True,
            "answer_text": "Да",
            "answer_audio_url": "",
            "duration_ms": None,
            "confidence": None,
            "channel": Channel.AGENT,
            "verbatim_text": "",
            "timestamp": ANY,
        }
    ]


def test_answer_to_the_last_question_is_done(post_answer):
    session = SessionFactory(started=True, vacancy__questions=1)
    question = session.vacancy.questions.get()

    response = post_answer(session, questionId=question.pk, answerText="Да")

    assert response.status_code == 200
    assert response.json() == saved(question.pk, done(session))


def test_answer_out_of_order_leads_back_to_the_hole(post_answer, session):
    first, _, third = session.vacancy.questions.current()

    response = post_answer(session, questionId=third.pk, answerText="Третий")

    assert response.status_code == 200
    assert response.json() == saved(third.pk, step(first, 1))


def test_answer_repeated_with_the_same_text_changes_nothing(post_answer, session):
    question = session.vacancy.questions.get(order=1)
    fields = {"questionId": question.pk, "answerText": "Да"}
    first = post_answer(session, **fields, durationMs=1000, confidence=0.5)
    before = rows()

    second = post_answer(session, **fields, durationMs=2000, confidence=0.9)

    assert second.status_code == 200
    assert second.json() == first.json()
    assert rows() == before
    assert AnswerRevision.objects.count() == 0


def test_empty_optional_fields_count_as_absent(post_answer, session):
    question = session.vacancy.questions.get(order=1)

    response = post_answer(
        session,
        questionId=str(question.pk),
        answerText="Да",
        audioUrl="",
        durationMs=None,
        confidence=None,
    )

    assert response.status_code == 200
    [row] = rows()
    assert (row["answer_audio_url"], row["duration_ms"], row["confidence"]) == (
        "",
        None,
        None,
    )


def test_answer_with_another_text_replaces_and_keeps_the_earlier(post_answer, session):
    question = session.vacancy.questions.get(order=1)
    url = "https://example.com/a.mp3"
    fields = {"audioUrl": url, "durationMs": 1, "confidence": 0.5}
    first = post_answer(session, questionId=question.pk, answerText="Да", **fields)
    [earlier] = rows()

    second = post_answer(session, questionId=question.pk, answerText="Нет")

    [now] = rows()
    assert second.json() == first.json()
    assert now == earlier | {
        "answer_text": "Нет",
        "answer_audio_url": "",
        "duration_ms": None,
        "confidence": None,
        "timestamp": now["timestamp"],
    }
    assert now["timestamp"] > earlier["timestamp"]
    assert list(AnswerRevision.objects.values()) == [
        {
            "id": ANY,
            "progress_id": earlier["id"],
            "answer_text": "Да",
            "answer_audio_url": url,
            "duration_ms": 1,
            "confidence": 0.5,
            "channel": Channel.AGENT,
            "verbatim_text": "",
            "timestamp": earlier["timestamp"],
            "replaced_at": ANY,
        }
    ]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u00a0\u2003"])
def test_empty_answer_skips_an_optional_question(post_answer, text):
    session = SessionFactory(vacancy__questions=2)
    session.vacancy.questions.update(required=False)
    session = SessionFactory(started=True, vacancy=session.vacancy)
    first, second = session.vacancy.questions.current()

    response = post_answer(session, questionId=first.pk, answerText=text)

    assert response.status_code == 200
    assert response.json() == saved(first.pk, step(second, 2, total=2))
    assert [(row["answered"], row["answer_text"]) for row in rows()] == [(False, "")]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u00a0\u2003"])
def test_empty_answer_to_a_required_question_is_refused(post_answer, session, text):
    question = session.vacancy.questions.get(order=1)

    response = post_answer(session, questionId=question.pk, answerText=text)

    assert response.status_code == 400
    assert response.json() == {
        "code": "invalid",
        "detail": "answerText: this question must be answered; ask for an answer "
        "again.",
        "errors": {"answerText": ["This question must be answered."]},
    }
    assert rows() == []


def test_blanks_around_an_answer_stay_as_they_were_said(post_answer, session):
    question = session.vacancy.questions.get(order=1)

    post_answer(session, questionId=question.pk, answerText="  Да \n")

    assert [row["answer_text"] for row in rows()] == ["  Да \n"]


def wrong_question(following):
    return {
        "code": "wrong_question",
        "detail": "This question does not belong to the interview; ask the question in "
        "next and send its questionId with the answer.",
        "next": following,
    }


def test_answer_to_a_question_of_another_vacancy_is_refused(post_answer, session):
    first, second, _ = session.vacancy.questions.current()
    ProgressFactory(session=session, question=first)
    before = rows()

    response = post_answer(session, questionId=QuestionFactory().pk, answerText="a")

    assert response.status_code == 409
    assert response.json() == wrong_question(step(second, 2))
    assert rows() == before


@pytest.mark.parametrize("question_id", [2**31, 2**63 - 1])
def test_answer_to_an_unknown_question_is_refused(post_answer, session, question_id):
    first = session.vacancy.questions.get(order=1)

    response = post_answer(session, questionId=question_id, answerText="a")

    assert response.status_code == 409
    assert response.json() == wrong_question(step(first, 1))
    assert rows() == []


def test_wrong_question_after_the_last_one_says_done(post_answer):
    session = SessionFactory(started=True, vacancy__questions=1)
    ProgressFactory(session=session)
    before = rows()

    response = post_answer(session, questionId=QuestionFactory().pk, answerText="a")

    assert response.status_code == 409
    assert response.json() == wrong_question(done(session))
    assert rows() == before


def test_answer_is_refused_when_the_interview_is_not_in_progress(
    post_answer, closed_session
):
    session, refusal = closed_session
    question = session.vacancy.questions.first()

    response = post_answer(session, questionId=question.pk, answerText="a")

    assert response.status_code == 409
    assert response.json() == refusal
    assert rows() == []


def test_answer_of_a_call_that_was_replaced_is_not_found(post_answer, session):
    InterviewSession.objects.update(conversation_id="conv_new")
    question = session.vacancy.questions.first()

    response = post_answer(
        session,
        headers={"x-conversation-id": "conv_old"},
        questionId=question.pk,
        answerText="a",
    )

    assert response.status_code == 404
    assert response.json() == {"code": "not_found", "detail": "Not found."}
    assert rows() == []


@pytest.mark.django_db(transaction=True)
def test_answer_costs_one_statement(post_answer, session, django_assert_num_queries):
    question = session.vacancy.questions.first()
    script_by_id(session.script_id)

    # BEGIN and COMMIT would be counted, too.
    with django_assert_num_queries(1):
        post_answer(session, questionId=question.pk, answerText="a")


@pytest.mark.django_db(transaction=True)
def test_empty_answer_to_a_required_question_is_only_looked_at(
    post_answer, session, django_assert_num_queries
):
    question = session.vacancy.questions.first()
    script_by_id(session.script_id)

    with django_assert_num_queries(1):
        refused = post_answer(session, questionId=question.pk, answerText="")

    assert refused.status_code == 400


@pytest.mark.django_db(transaction=True)
def test_first_answer_in_a_process_reads_the_script_once_more(
    post_answer, session, django_assert_num_queries
):
    question = session.vacancy.questions.first()

    with django_assert_num_queries(2):
        post_answer(session, questionId=question.pk, answerText="a")

"""Answers written after a call, from what was said in it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from interviews import evidence
from interviews.models import AnswerRevision, Channel, InterviewProgress
from interviews.transcript import timeline, transcript
from interviews.turns import AnswerInput, record_answer
from tests.factories import ProgressFactory, SessionFactory

pytestmark = pytest.mark.django_db

SAID_AT = timezone.now() - timedelta(hours=1)


@pytest.fixture
def session():
    return SessionFactory(started=True)


def fill_in(session, text="What I said", **changed):
    fields = {
        "session": session,
        "question_id": session.vacancy.questions.first().pk,
        "text": text,
        "said_at": SAID_AT,
        "duration_ms": 7000,
        "audio_url": "/recordings/conv_a#t=3,10",
    }
    evidence.fill_in_answer(**fields | changed)


def columns(answer):
    answer.refresh_from_db()
    return (
        answer.answer_text,
        answer.verbatim_text,
        answer.duration_ms,
        answer.answer_audio_url,
    )


def test_an_answer_is_filled_in(session):
    fill_in(session)

    row = InterviewProgress.objects.values().get()
    assert row | {"id": None} == {
        "id": None,
        "session_id": session.pk,
        "question_id": session.vacancy.questions.first().pk,
        "answered": True,
        "answer_text": "What I said",
        "answer_audio_url": "/recordings/conv_a#t=3,10",
        "duration_ms": 7000,
        "confidence": None,
        "channel": "transcript",
        "timestamp": SAID_AT,
        "verbatim_text": "",
    }


def test_what_is_on_record_is_not_replaced(session):
    fill_in(session)
    fill_in(session, "Something else")

    assert InterviewProgress.objects.get().answer_text == "What I said"
    assert not AnswerRevision.objects.exists()


def test_a_live_answer_replaces_it_and_keeps_it(session):
    fill_in(session)
    question = session.vacancy.questions.first()

    record_answer(session.pk, AnswerInput(question.pk, "In truth", Channel.AGENT))

    answer = InterviewProgress.objects.get()
    assert (answer.answer_text, answer.channel) == ("In truth", Channel.AGENT)
    revision = answer.revisions.get()
    assert (revision.answer_text, revision.channel) == ("What I said", "transcript")


def test_an_answer_gains_its_words(session):
    answer = ProgressFactory(session=session, answer_text="Retold")

    evidence.add_evidence(
        answer=answer, verbatim_text="As said", duration_ms=7000, audio_url="/a"
    )

    assert columns(answer) == ("Retold", "As said", 7000, "/a")


def test_what_an_answer_has_stays(session):
    answer = ProgressFactory(
        session=session, answer_text="Retold", duration_ms=0, answer_audio_url="/b"
    )

    evidence.add_evidence(
        answer=answer, verbatim_text="", duration_ms=7000, audio_url="/a"
    )

    assert columns(answer) == ("Retold", "", 0, "/b")


def test_no_news_writes_nothing(session, django_assert_num_queries):
    answer = ProgressFactory(session=session, duration_ms=5, answer_audio_url="/b")

    with django_assert_num_queries(0):
        evidence.add_evidence(
            answer=answer, verbatim_text="", duration_ms=7000, audio_url="/a"
        )


def test_the_timeline_says_where_an_answer_came_from(session):
    fill_in(session)

    moments = timeline(session, transcript(session))

    assert [moment.text for moment in moments] == [
        "Question 1 filled in from the call’s transcript"
    ]

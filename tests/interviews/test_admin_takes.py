"""Spoken answers on HR's page of an interview."""

import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from interviews.models import AnswerRevision, Channel, EventKind, TakeState
from interviews.takes import take_url
from interviews.transcript import timeline, transcript
from tests.factories import (
    ProgressFactory,
    QuestionFactory,
    SessionFactory,
    TakeFactory,
    VacancyFactory,
)

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"
PIECES = [[b"OggS"]]


def page(client, session):
    return client.get(
        reverse("admin:interviews_interviewsession_change", args=[session.pk])
    )


def text(response):
    """Return the page as it reads, with addresses but without other tags."""
    kept = re.sub(
        r'<(?:audio|a)[^>]* (?:src|href)="([^"]*)"[^>]*>', r" [\1] ", response.text
    )
    return " ".join(re.sub(r"<[^>]+>", " ", kept).split())


def ready(duration_ms=4000, **fields):
    take = TakeFactory(parts=PIECES, duration_ms=duration_ms, **fields)
    take.file.save(f"takes/{take.pk}.webm", ContentFile(b"a"), save=False)
    take.state = TakeState.READY
    take.save()
    return take


def sent(take, answer_text="", **fields):
    return ProgressFactory(
        session=take.session,
        question=take.question,
        channel=Channel.SPOKEN,
        answer_text=answer_text,
        answer_audio_url=take_url(take.pk),
        duration_ms=take.duration_ms,
        **fields,
    )


@pytest.fixture
def session():
    return SessionFactory(started=True, vacancy__questions=1)


def limited(seconds=60):
    vacancy = VacancyFactory()
    QuestionFactory(vacancy=vacancy, time_limit_seconds=seconds)
    return SessionFactory(started=True, vacancy=vacancy)


@pytest.mark.parametrize("rows", [1, 3])
def test_takes_cost_a_constant_number_of_queries(
    hr_client, django_assert_num_queries, rows
):
    session = SessionFactory(vacancy__questions=rows, started=True)
    for question in session.vacancy.questions.all():
        first = ready(session=session, question=question)
        TakeFactory(session=session, question=question, parts=PIECES)
        answer = sent(first)
        answer.corrections.create(text="Otherwise")
        AnswerRevision.objects.create(
            progress=answer,
            channel=Channel.SPOKEN,
            answer_audio_url=take_url(first.pk),
            timestamp=answer.timestamp,
            replaced_at=answer.timestamp,
        )

    with django_assert_num_queries(17):
        response = page(hr_client, session)

    assert [len(turn.takes) for turn in response.context["turns"]] == [2] * rows


def test_a_spoken_answer_is_heard_and_not_called_skipped(hr_client, session):
    take = ready(session=session)
    sent(take)

    shown = text(page(hr_client, session))

    assert f"Spoken; no text. [{take_url(take.pk)}]" in shown
    assert "Spoken, recorded 4 s" in shown
    assert "Skipped" not in shown
    assert "Being prepared" not in shown
    assert "skipped" not in shown


def test_what_was_recognised_is_read(hr_client, session):
    take = ready(session=session)
    sent(take, "Пять лет 🙂")

    shown = text(page(hr_client, session))

    assert f"Пять лет 🙂 [{take_url(take.pk)}]" in shown
    assert "no text" not in shown


def test_a_take_being_prepared_can_be_heard_already(hr_client, session):
    take = TakeFactory(session=session, parts=PIECES, state=TakeState.CLOSED)
    sent(take)

    shown = text(page(hr_client, session))

    assert f"[{take_url(take.pk)}] Being prepared: reload in a minute." in shown


@pytest.mark.parametrize(
    ("parts", "links"),
    [
        (PIECES, "[{url}?part=1] the recording"),
        (PIECES * 2, "[{url}?part=1] part 1 , [{url}?part=2] part 2"),
    ],
)
def test_what_cannot_be_read_can_be_downloaded(hr_client, session, parts, links):
    take = TakeFactory(session=session, parts=parts, state=TakeState.UNREADABLE)
    sent(take)

    response = page(hr_client, session)

    shown = text(response)
    assert (
        "This recording could not be read; download the original: "
        + links.format(url=take_url(take.pk))
    ) in shown
    assert "<audio" not in response.text


def test_earlier_takes_are_heard_too(hr_client, session):
    earlier = ready(session=session, number=1)
    take = ready(session=session, number=2)
    TakeFactory(session=session, number=3)
    sent(take)

    shown = text(page(hr_client, session))

    assert f"Earlier takes (1) [{take_url(earlier.pk)}] Take 1" in shown
    assert "not sent" not in shown
    assert "Take 3" not in shown


def test_the_take_of_an_earlier_answer_is_heard_there(hr_client, session):
    earlier = ready(session=session, number=1)
    answer = sent(ready(session=session, number=2))
    AnswerRevision.objects.create(
        progress=answer,
        channel=Channel.SPOKEN,
        answer_audio_url=take_url(earlier.pk),
        timestamp=answer.timestamp,
        replaced_at=answer.timestamp,
    )

    shown = text(page(hr_client, session))

    assert f"1 earlier answer Spoken; no text. [{take_url(earlier.pk)}]" in shown
    assert "Earlier takes" not in shown


@pytest.mark.parametrize("answered", [False, True])
def test_what_was_recorded_but_not_sent_is_heard(hr_client, session, answered):
    take = TakeFactory(session=session, parts=PIECES, number=1)
    if answered:
        ProgressFactory(session=session, answer_text="In writing")

    shown = text(page(hr_client, session))

    assert f"Recorded, but not sent [{take_url(take.pk)}]" in shown
    assert "Still being recorded: this is what has arrived." in shown
    assert ("No answer." in shown) is not answered


def test_recordings_of_another_interview_are_not_shown(hr_client, session):
    other = ready(session=SessionFactory(started=True, vacancy=session.vacancy))

    assert str(other.pk) not in page(hr_client, session).text


@pytest.mark.parametrize(
    ("duration_ms", "shown"),
    [
        (64_999, ""),
        (65_000, ""),
        (65_001, "over the time limit by 0:05"),
        (125_000, "over the time limit by 1:05"),
    ],
)
def test_more_than_the_limit_is_said(hr_client, duration_ms, shown):
    session = limited()
    sent(ready(duration_ms, session=session))

    found = re.findall(r"over the time limit by [\d:]+", text(page(hr_client, session)))

    assert found == ([shown] if shown else [])


def test_whoever_took_more_time_has_twice_the_limit(hr_client):
    session = limited()
    take = ready(125_001, session=session)
    session.events.create(kind=EventKind.MORE_TIME, detail=str(take.question_id))
    sent(take)

    shown = text(page(hr_client, session))

    assert "over the time limit by 0:05" in shown


def test_more_time_for_one_question_is_none_for_another(hr_client):
    session = limited()
    session.events.create(kind=EventKind.MORE_TIME, detail="0")
    sent(ready(70_000, session=session))

    assert "over the time limit by 0:10" in text(page(hr_client, session))


def test_what_the_browser_claims_is_not_held_against_anybody(hr_client):
    session = limited()
    sent(
        TakeFactory(
            session=session, parts=PIECES, state=TakeState.CLOSED, duration_ms=500_000
        )
    )

    assert "over the time limit" not in page(hr_client, session).text


def test_corrections_stand_beside_the_answer(hr_client, session):
    answer = sent(ready(session=session), "Five ears")
    answer.corrections.create(text="Five years")
    answer.corrections.create(text=HOSTILE)

    response = page(hr_client, session)

    shown = text(response)
    assert "Five ears The candidate says it should read: Five years" in shown
    assert shown.count("The candidate says it should read:") == 2
    assert HOSTILE not in response.text


def test_the_timeline_does_not_call_speech_skipped(session):
    answer = sent(ready(session=session))
    AnswerRevision.objects.create(
        progress=answer,
        channel=Channel.WRITTEN,
        timestamp=answer.timestamp - timedelta(minutes=1),
        replaced_at=timezone.now(),
    )

    moments = timeline(session, transcript(session))

    assert [moment.text for moment in moments] == [
        "Question 1 skipped",
        "Question 1 answered anew",
    ]


def test_the_timeline_names_what_an_event_is_about(session):
    question = session.vacancy.questions.get()
    session.events.create(kind=EventKind.MORE_TIME, detail=str(question.pk))
    session.events.create(kind=EventKind.REQUESTED, detail="erasure")

    moments = timeline(session, transcript(session))

    assert [(moment.text, moment.detail) for moment in moments][-2:] == [
        ("Took more time", "Question 1"),
        ("Asked for something", "Erasure of the data"),
    ]

"""What HR's page of an interview shows of its calls."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from interviews.models import Channel
from tests.factories import (
    CallFactory,
    ConversationFactory,
    ProgressFactory,
    QuestionFactory,
    SessionFactory,
    TurnFactory,
    VacancyFactory,
)
from tests.voice.records import STARTED_AT
from voice import recordings
from voice.models import CallStatus, Speaker

pytestmark = pytest.mark.django_db

TEAM = "Tell me about your experience of working in a team."
SAID = "Could you tell me how you have worked in teams?"
WHY = "Why did you leave your last job?"
WHEN = "When could you start?"
HOSTILE = "<script>alert(1)</script><img src=x x-on:click=alert(1)>"


@pytest.fixture
def session():
    return SessionFactory(started=True)


def page_of(client, session, language="en"):
    url = reverse("admin:interviews_interviewsession_change", args=[session.pk])
    return client.get(url, headers={"accept-language": language})


def held(session, *said, key="conv_a", **fields):
    """A call of the session; turns are (speaker, text), 65 seconds apart."""
    call = CallFactory(
        conversation=ConversationFactory(id=key, session=session),
        **{
            "status": CallStatus.DONE,
            "started_at": STARTED_AT,
            "duration_seconds": 190,
            "end_reason": "end_call tool was called.",
        }
        | fields,
    )
    for position, (speaker, text) in enumerate(said):
        TurnFactory(
            call=call,
            position=position,
            speaker=speaker,
            text=text,
            seconds=65 * position,
        )
    return call


def in_order(page, *parts):
    places = []
    for part in parts:
        places.append(page.index(part, places[-1] if places else 0))
    return places == sorted(places)


# Queries


@pytest.mark.parametrize("rows", [1, 3])
def test_record_with_calls_has_constant_queries(
    hr_client, django_assert_num_queries, rows
):
    session = SessionFactory(vacancy__questions=rows, started=True)
    for number, question in enumerate(session.vacancy.questions.all()):
        ProgressFactory(session=session, question=question, verbatim_text="My words")
        call = held(
            session,
            *[(Speaker.AGENT, question.text), (Speaker.CANDIDATE, "Well")] * rows,
            key=f"conv_{number}",
        )
        recordings.save(call, ContentFile(b"mp3"))

    with django_assert_num_queries(18):
        page = page_of(hr_client, session).text

    assert page.count('class="turn call"') == rows


# Answers


def test_an_answer_shows_its_source_its_words_and_its_recording(hr_client, session):
    ProgressFactory(
        session=session,
        answer_text="Led a team.",
        verbatim_text="Well, I led them.",
        answer_audio_url="/recordings/conv_a#t=12,47",
    )

    assert in_order(
        page_of(hr_client, session).text,
        "Led a team.",
        "In the candidate’s own words",
        "Well, I led them.",
        '<audio controls preload="none" src="/recordings/conv_a#t=12,47"',
        "Voice agent",
    )


def test_an_answer_from_the_transcript_says_so(hr_client, session):
    ProgressFactory(session=session, channel=Channel.TRANSCRIPT)

    page = page_of(hr_client, session).text

    assert "From the call’s transcript" in page
    assert "filled in from the call’s transcript" in page
    assert "own words" not in page


# Fidelity


@pytest.fixture
def interview():
    """A session that asks three questions."""
    vacancy = VacancyFactory(language="en")
    for order, text in enumerate([TEAM, WHY, WHEN], start=1):
        QuestionFactory(vacancy=vacancy, order=order, text=text)
    return SessionFactory(vacancy=vacancy, started=True)


def test_how_the_questions_were_asked(hr_client, interview):
    held(
        interview,
        (Speaker.AGENT, WHEN),
        (Speaker.CANDIDATE, "An answer"),
        (Speaker.AGENT, f"Hello. {SAID}"),
        (Speaker.CANDIDATE, "An answer"),
        (Speaker.AGENT, WHEN),
    )

    page = page_of(hr_client, interview).text

    assert in_order(
        page[page.index("How the questions were asked") :],
        "1 of 3 word for word, 1 in other words, 1 not asked, "
        "1 asked more than once, 1 out of order",
        TEAM,
        "In other words",
        "out of order",
        "alike):",
        f'<blockquote lang="en">{SAID}</blockquote>',
        WHY,
        "Not asked",
        WHEN,
        "Word for word",
        "asked 2 times",
    )


def test_without_a_transcript_nothing_is_compared(hr_client, session):
    held(session, status=CallStatus.OPEN)

    assert "How the questions were asked" not in page_of(hr_client, session).text


@pytest.mark.parametrize("channel", [Channel.WRITTEN, Channel.SPOKEN])
def test_an_answer_given_on_the_page_is_no_deviation(hr_client, session, channel):
    first, second, third = session.vacancy.questions.all()
    held(session, (Speaker.AGENT, first.text), (Speaker.AGENT, third.text))
    ProgressFactory(
        session=session, question=second, channel=channel, answer_audio_url="/a-take"
    )

    page = page_of(hr_client, session).text

    assert "2 of 2 word for word" in page
    assert "Answered on the page" in page


# Calls


def test_a_call_with_its_transcript(hr_client, session):
    call = held(
        session,
        (Speaker.AGENT, "A question?"),
        (Speaker.CANDIDATE, "My answer"),
        (Speaker.TOOL, "save_answer"),
        has_audio=True,
    )
    recordings.save(call, ContentFile(b"mp3"))

    assert in_order(
        page_of(hr_client, session).text,
        '<h2 id="calls">Calls</h2>',
        "Call 1",
        "11/14/2023 22:13:20",
        "3 min 10 s",
        "end_call tool was called.",
        '<audio controls preload="none" src="/recordings/conv_a" aria-label="Recording of call 1"',
        "Transcript of call 1",
        'href="/recordings/conv_a#t=0" aria-label="Listen from 0:00"',
        "Interviewer",
        "A question?",
        'href="/recordings/conv_a#t=65" aria-label="Listen from 1:05"',
        "Candidate",
        "My answer",
        "Tool",
        "<code>save_answer</code>",
    )


def test_calls_are_in_order(hr_client, session):
    for key in ("conv_first", "conv_second"):
        recordings.save(held(session, key=key), ContentFile(b"mp3"))

    assert in_order(
        page_of(hr_client, session).text,
        "Call 1",
        "/recordings/conv_first",
        "Call 2",
        "/recordings/conv_second",
    )


def test_a_recording_on_its_way(hr_client, session):
    held(session, (Speaker.AGENT, "Hello"), has_audio=True)

    page = page_of(hr_client, session).text

    assert "The recording has not been fetched yet." in page
    assert "/recordings/conv_a" not in page


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "end_call tool was called."),
        ({"end_reason": ""}, "Fetched"),
        ({"status": CallStatus.OPEN, "end_reason": ""}, "Not fetched yet"),
        ({"status": CallStatus.GONE, "end_reason": ""}, "Unknown to ElevenLabs"),
        ({"status": CallStatus.FAILED, "end_reason": "1002"}, "Failed · 1002"),
        ({"end_reason": "no record came"}, "never finished the record"),
        ({"end_reason": "named another session"}, "no answers are taken from"),
    ],
)
def test_how_a_call_ended(hr_client, session, fields, text):
    held(session, **fields)

    assert text in page_of(hr_client, session).text


def test_a_session_without_calls_has_no_panel(hr_client, session):
    assert 'id="calls"' not in page_of(hr_client, session).text


def test_what_was_said_is_text_and_nothing_else(hr_client, session):
    ProgressFactory(session=session, verbatim_text=HOSTILE)
    held(
        session,
        (Speaker.AGENT, f"{session.vacancy.questions.first().text} {HOSTILE}"),
        (Speaker.CANDIDATE, HOSTILE),
        (Speaker.TOOL, HOSTILE),
        end_reason=HOSTILE,
    )

    page = page_of(hr_client, session).text

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert page.count("&lt;script&gt;alert(1)") == 5


def test_the_page_of_an_expired_session(hr_client, session):
    session.expires_at = timezone.now() - timedelta(days=1)
    session.save()
    held(session, (Speaker.AGENT, "Hello"))

    assert page_of(hr_client, session).status_code == 200

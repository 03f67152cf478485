"""Answers held against what was said in the calls."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from interviews import services
from interviews.models import (
    AnswerRevision,
    Channel,
    InterviewProgress,
    InterviewSession,
    SessionStatus,
)
from interviews.turns import AnswerInput, record_answer
from tests.factories import (
    ConversationFactory,
    ProgressFactory,
    QuestionFactory,
    SessionFactory,
    VacancyFactory,
)
from tests.threads import race
from tests.voice.records import STARTED_AT, conversation_of, event, record, turn
from voice import processing, reconciliation
from voice.models import Call, CallStatus

pytestmark = pytest.mark.django_db

TEAM = "Tell me about your experience of working in a team."
WHY = "Why did you leave your last job?"
WHEN = "When could you start?"
SAVE = ("tool", "save_answer")
NEXT = ("tool", "get_next_question")
END = ("tool", "end_interview")
HANG_UP = ("tool", "end_call")


@pytest.fixture
def session():
    vacancy = VacancyFactory()
    for order, text in enumerate([TEAM, WHY, WHEN], start=1):
        QuestionFactory(vacancy=vacancy, order=order, text=text)
    return SessionFactory(vacancy=vacancy, started=True, started_at=STARTED_AT)


def call(session, *said, conversation_id="conv_a", **fields):
    """Let a call of the session take place, and its record come by webhook."""
    if not Call.objects.filter(pk=conversation_id).exists():
        conversation_of(session, conversation_id)
    if fields.get("has_audio"):
        recorded = {"recording": f"{conversation_id}.mp3"}
        Call.objects.update_or_create(pk=conversation_id, defaults=recorded)
    processing.process(event(record(conversation_id, *said, **fields)).pk)
    session.refresh_from_db()


def answers(session):
    """What is on record, by the order of the questions."""
    return [
        (answer.question.order, answer.answer_text, answer.channel)
        for answer in session.answers.select_related("question").order_by(
            "question__order"
        )
    ]


def saved(session, order, text, *, seconds, channel=Channel.AGENT, **fields):
    return ProgressFactory(
        session=session,
        question=session.vacancy.questions.get(order=order),
        answer_text=text,
        channel=channel,
        timestamp=STARTED_AT + timedelta(seconds=seconds),
        **fields,
    )


# What was never stored


def test_an_answer_never_saved_is_filled_in(session):
    call(
        session,
        ("agent", TEAM),
        ("me", "We were five."),
        ("agent", "Take your time."),
        ("me", "I led them."),
        NEXT,
        ("agent", f"Thank you. {WHY}"),
        has_audio=True,
    )

    answer = session.answers.get()
    assert answers(session) == [(1, "We were five.\nI led them.", Channel.TRANSCRIPT)]
    assert (answer.answered, answer.duration_ms, answer.answer_audio_url) == (
        True,
        30_000,
        "/recordings/conv_a#t=10,40",
    )
    assert answer.timestamp == STARTED_AT + timedelta(seconds=40)


def test_an_answer_filled_in_follows_the_better_transcript(session):
    call(session, ("agent", TEAM), ("me", "We were nine."), SAVE)

    call(session, ("agent", TEAM), ("me", "We were fine."), SAVE)
    call(session, ("agent", TEAM), ("me", "We were fine."), SAVE)

    assert answers(session) == [(1, "We were fine.", Channel.TRANSCRIPT)]
    assert [
        (revision.answer_text, revision.channel)
        for revision in AnswerRevision.objects.all()
    ] == [("We were nine.", Channel.TRANSCRIPT)]


def test_silence_is_no_answer(session):
    call(session, ("agent", TEAM), SAVE, ("agent", WHY), SAVE)

    assert answers(session) == []


def test_words_before_the_first_question_answer_none(session):
    call(
        session, ("agent", "Hello! Are you ready?"), ("me", "Yes"), ("agent", TEAM), END
    )

    assert answers(session) == []


@pytest.mark.parametrize(
    "after",
    [
        [SAVE],
        [END],
        [NEXT, ("agent", "Good.")],
        [("agent", "One moment."), ("agent", WHY)],
    ],
    ids=["saved", "ended", "looked and went on", "asked another"],
)
def test_an_answer_is_complete_when_the_agent_goes_on(session, after):
    call(session, ("agent", TEAM), ("me", "We were five."), *after)

    assert answers(session) == [(1, "We were five.", Channel.TRANSCRIPT)]


@pytest.mark.parametrize(
    "after",
    [
        [],
        [NEXT],
        [("agent", "I am listening.")],
        [("agent", "Your answers are kept."), HANG_UP],
        [("tool", "skip_turn")],
        [SAVE, ("agent", TEAM), ("me", "We were")],
    ],
    ids=["dropped", "looking", "waiting", "a pause", "thinking", "asked again"],
)
def test_an_answer_broken_off_waits_for_the_next_call(session, after):
    call(session, ("agent", TEAM), ("me", "We were"), *after)

    assert answers(session) == []


def test_goodbye_completes_the_last_answer(session):
    session.script.content["closing"] = "Thank you, that is all."
    session.script.save()
    reconciliation.turns.script_by_id.cache_clear()

    call(
        session, ("agent", WHEN), ("me", "Today."), ("agent", "Thank you, that is all.")
    )

    assert answers(session) == [(3, "Today.", Channel.TRANSCRIPT)]


@pytest.mark.parametrize("end", ["finished", "cancelled", "expired"])
def test_words_of_a_broken_call_count_when_the_session_is_over(session, end):
    call(session, ("agent", TEAM), ("me", "We were"))
    assert answers(session) == []

    if end == "finished":
        reconciliation.turns.end_interview(session.pk)
    elif end == "cancelled":
        services.cancel(session=session)
    else:
        InterviewSession.objects.update(expires_at=timezone.now())
    late = list(reconciliation.late_sessions())
    reconciliation.reconcile(session.pk)

    assert late == [session]
    assert answers(session) == [(1, "We were", Channel.TRANSCRIPT)]
    assert list(reconciliation.late_sessions()) == []


def test_a_session_is_looked_at_once_after_its_end(session):
    call(session, ("agent", TEAM), ("me", "We were"))
    reconciliation.turns.end_interview(session.pk)
    reconciliation.reconcile(session.pk)

    assert list(reconciliation.late_sessions()) == []


def test_a_session_in_progress_is_not_late(session):
    call(session, ("agent", TEAM), ("me", "We were"))

    assert list(reconciliation.late_sessions()) == []


def test_a_call_never_looked_at_makes_its_session_late(session):
    call(session, ("agent", TEAM), ("me", "We were"))
    Call.objects.update(reconciled_at=None)

    assert list(reconciliation.late_sessions()) == [session]


def test_the_fullest_complete_answer_is_taken(session):
    call(session, ("agent", TEAM), ("me", "A long beginning of an answer that"))
    call(
        session,
        ("agent", TEAM),
        ("me", "We were five."),
        SAVE,
        ("agent", TEAM),
        ("me", "Hm."),
        SAVE,
        ("agent", WHY),
        ("me", "It closed."),
        ("agent", TEAM),
        ("me", "No."),
        SAVE,
        conversation_id="conv_b",
    )

    assert answers(session) == [
        (1, "We were five.\nHm.", Channel.TRANSCRIPT),
        (2, "It closed.", Channel.TRANSCRIPT),
    ]


def test_a_complete_answer_counts_more_than_a_longer_one_broken_off(session):
    call(session, ("agent", TEAM), ("me", "A long beginning of an answer that"))
    call(session, ("agent", TEAM), ("me", "Five."), SAVE, conversation_id="conv_b")
    InterviewProgress.objects.all().delete()
    services.cancel(session=session)

    reconciliation.reconcile(session.pk)

    assert answers(session) == [(1, "Five.", Channel.TRANSCRIPT)]


def test_what_is_on_record_stays(session):
    saved(session, 1, "In writing", seconds=45, channel=Channel.WRITTEN)
    skipped = saved(session, 2, "", seconds=45, channel=Channel.WRITTEN, answered=False)

    call(
        session, ("agent", TEAM), ("me", "Aloud"), ("agent", WHY), ("me", "Aloud"), SAVE
    )

    assert answers(session) == [
        (1, "In writing", Channel.WRITTEN),
        (2, "", Channel.WRITTEN),
    ]
    skipped.refresh_from_db()
    assert skipped.verbatim_text == ""


def test_repetition_changes_nothing(session):
    said = [("agent", TEAM), ("me", "We were five."), ("agent", WHY)]
    call(session, *said)
    before = list(InterviewProgress.objects.values())

    call(session, *said)
    reconciliation.reconcile(session.pk)

    assert list(InterviewProgress.objects.values()) == before


def test_nothing_is_made_of_a_call_that_named_another_session(session):
    named = {"dynamic_variables": {"session_id": str(SessionFactory().pk)}}

    call(
        session,
        ("agent", TEAM),
        ("me", "Mine"),
        ("agent", WHY),
        conversation_initiation_client_data=named,
    )

    assert answers(session) == []
    assert Call.objects.get().turns.count() == 3


# What the agent retold


def test_a_retelling_gains_the_words_it_was_made_of(session):
    answer = saved(session, 1, "Led a team of five.", seconds=25)

    call(
        session,
        ("agent", TEAM),
        ("me", "Well, we were five, and I led them."),
        SAVE,
        ("agent", WHY),
        has_audio=True,
    )

    answer.refresh_from_db()
    assert (
        answer.answer_text,
        answer.verbatim_text,
        answer.duration_ms,
        answer.answer_audio_url,
        answer.channel,
    ) == (
        "Led a team of five.",
        "Well, we were five, and I led them.",
        10_000,
        "/recordings/conv_a#t=10,20",
        Channel.AGENT,
    )


def test_the_same_words_are_not_kept_twice(session):
    answer = saved(session, 1, "We were five — I led them!", seconds=25)

    call(session, ("agent", TEAM), ("me", "we were five, I led them"), SAVE)

    answer.refresh_from_db()
    assert (answer.verbatim_text, answer.duration_ms) == ("", 10_000)


def test_what_the_agent_sent_itself_stays(session):
    answer = saved(
        session,
        1,
        "Five.",
        seconds=25,
        duration_ms=7,
        answer_audio_url="https://audio.example.com/1.mp3",
    )

    call(session, ("agent", TEAM), ("me", "Five."), SAVE, has_audio=True)

    answer.refresh_from_db()
    assert (answer.duration_ms, answer.answer_audio_url) == (
        7,
        "https://audio.example.com/1.mp3",
    )


@pytest.mark.parametrize(
    ("seconds", "verbatim"),
    [(-30, ""), (25, "We were five."), (149, "We were five."), (151, "")],
)
def test_words_belong_to_an_answer_stored_in_their_call(session, seconds, verbatim):
    answer = saved(session, 1, "Five.", seconds=seconds)

    call(session, ("agent", TEAM), ("me", "We were five."), SAVE)

    answer.refresh_from_db()
    assert answer.verbatim_text == verbatim


def test_an_answer_given_twice_has_the_words_of_its_own_time(session):
    answer = saved(session, 1, "First.", seconds=25)

    call(
        session,
        ("agent", TEAM),
        ("me", "The first."),
        SAVE,
        ("agent", WHY),
        ("me", "Because."),
        ("agent", TEAM),
        ("me", "The second."),
        SAVE,
    )

    answer.refresh_from_db()
    assert answer.verbatim_text == "The first."


def test_a_later_recording_gives_the_answers_their_players(session):
    said = [("agent", TEAM), ("me", "We were five."), ("agent", WHY)]
    call(session, *said)
    assert session.answers.get().answer_audio_url == ""

    call(session, *said, has_audio=True)

    assert session.answers.get().answer_audio_url == "/recordings/conv_a#t=10,20"


# Closing

WHOLE = [
    ("agent", TEAM),
    ("me", "Five."),
    SAVE,
    ("agent", WHY),
    ("me", "It closed."),
    SAVE,
    ("agent", WHEN),
    ("me", "Today."),
    SAVE,
    ("agent", "Goodbye."),
]


def test_a_session_that_the_agent_did_not_end_is_closed(session):
    call(session, *WHOLE)

    assert len(answers(session)) == 3
    assert (session.status, session.finish_reason) == (
        SessionStatus.FINISHED,
        "completed",
    )
    assert session.events.get().kind == "finished"


def test_a_session_with_open_questions_stays_open(session):
    call(session, *WHOLE[:-3])

    assert len(answers(session)) == 2
    assert session.status == SessionStatus.IN_PROGRESS


def test_a_session_is_not_closed_while_another_call_holds_it(session):
    conversation_of(session, "conv_a")
    Call.objects.create(conversation=conversation_of(session, "conv_b"))

    call_over = record("conv_a", *WHOLE)
    processing.process(event(call_over).pk)
    session.refresh_from_db()
    assert session.status == SessionStatus.IN_PROGRESS

    processing.process(event(record("conv_b", ("agent", "Hello"))).pk)
    session.refresh_from_db()
    assert session.status == SessionStatus.FINISHED


@pytest.mark.parametrize("end", ["cancelled", "expired"])
def test_a_session_that_is_over_is_not_finished_again(session, end):
    if end == "cancelled":
        services.cancel(session=session)
    else:
        InterviewSession.objects.update(expires_at=timezone.now())
    session.refresh_from_db()

    call(session, *WHOLE)

    assert len(answers(session)) == 3
    assert session.finished_at is None


def test_a_session_without_a_script_is_left_alone():
    session = SessionFactory()
    ConversationFactory(id="conv_a", session=session)

    processing.process(event(record("conv_a", ("agent", TEAM), ("me", "Hm"))).pk)

    assert Call.objects.get().status == CallStatus.DONE
    assert answers(session) == []


# At the same time


@pytest.mark.django_db(transaction=True)
def test_a_live_answer_wins_over_its_transcript(session):
    call(session, ("agent", TEAM), ("me", "As heard"))
    Call.objects.get().turns.create(
        position=2, speaker="tool", text="save_answer", seconds=20
    )
    question = session.vacancy.questions.get(order=1)
    kept = []

    def live(number):
        answer = AnswerInput(question.pk, f"Live {number}", Channel.AGENT)
        return record_answer(session.pk, answer)

    for number in range(20):
        InterviewProgress.objects.all().delete()
        race(
            lambda _: reconciliation.reconcile(session.pk), lambda _, n=number: live(n)
        )
        kept += [answer.answer_text for answer in session.answers.all()]

    assert kept == [f"Live {number}" for number in range(20)]
    revisions = set(AnswerRevision.objects.values_list("answer_text", flat=True))
    assert revisions <= {"As heard"}


@pytest.mark.django_db(transaction=True)
def test_words_do_not_stick_to_an_answer_that_replaced_theirs(session):
    call(session, ("agent", TEAM), ("me", "As heard"), SAVE)
    question = session.vacancy.questions.get(order=1)

    def live(number):
        answer = AnswerInput(question.pk, f"Live {number}", Channel.AGENT)
        return record_answer(session.pk, answer)

    for number in range(40):
        InterviewProgress.objects.all().delete()
        saved(session, 1, "Retold", seconds=25)
        race(
            lambda _: reconciliation.reconcile(session.pk), lambda _, n=number: live(n)
        )
        answer = session.answers.get()
        assert (answer.answer_text, answer.verbatim_text) == (f"Live {number}", "")


def test_answer_to_a_question_in_wholly_other_words_is_not_the_one_before(session):
    first, second, _ = session.vacancy.questions.all()

    def save(question):
        sent = json.dumps({"questionId": str(question.pk), "answerText": "…"})
        tool = {"tool_name": "save_answer", "tool_details": {"body": sent}}
        return turn("tool", "save_answer", tool_calls=[tool])

    at = STARTED_AT + timedelta(seconds=60)
    for question in (first, second):
        ProgressFactory(
            session=session, question=question, answer_text="…", timestamp=at
        )
    call(
        session,
        *[("agent", TEAM), ("me", "We were five."), save(first)],
        *[("agent", "And then?"), ("me", "They moved away."), save(second)],
    )

    said = session.answers.order_by("question__order")
    assert list(said.values_list("verbatim_text", flat=True)) == [
        "We were five.",
        "They moved away.",
    ]


def test_words_can_be_heard_once_the_recording_has_come(session):
    call(session, ("agent", TEAM), ("me", "Five."), SAVE)
    addresses = []

    for change in ({"has_audio": True}, {"recording": "conv_a.mp3"}):
        Call.objects.update(**change)
        reconciliation.reconcile(session.pk)
        addresses.append(session.answers.get().answer_audio_url)

    assert addresses == ["", "/recordings/conv_a#t=10,20"]

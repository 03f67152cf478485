"""Spoken answers: sent, prepared, left behind; what comes at the same moment."""

from datetime import timedelta
from uuid import uuid4

import av
import pytest
from django.core.files.storage import storages
from django.db import OperationalError
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from interviews import audio, preparation, takes, turns
from interviews.exceptions import (
    Cancelled,
    Finished,
    NoTakesLeft,
    NothingRecorded,
    TakeClosed,
    WrongQuestion,
)
from interviews.models import (
    AnswerRevision,
    Channel,
    InterviewProgress,
    InterviewSession,
    Take,
    TakeChunk,
    TakeState,
)
from interviews.takes import (
    OpenTake,
    TakesSoFar,
    answer_aloud,
    begin_take,
    take_url,
    takes_so_far,
)
from interviews.tasks import prepare_left_takes, prepare_take
from tests import sounds
from tests.factories import (
    ProgressFactory,
    SessionFactory,
    TakeFactory,
    VacancyFactory,
)
from tests.jobs import run_jobs
from tests.threads import race

pytestmark = pytest.mark.django_db

HEAD = sounds.webm()[:1000]
RECORDED = [sounds.cut(sounds.webm())]
ROUNDS = 20


@pytest.fixture
def session():
    return SessionFactory(started=True)


@pytest.fixture
def question(session):
    return session.vacancy.questions.get(order=1)


@pytest.fixture
def take(session, question):
    return TakeFactory(session=session, question=question, parts=RECORDED, number=1)


def send(take, text="Пять лет 🙂", duration_ms=None):
    return answer_aloud(
        session=take.session,
        take_id=take.pk,
        question_id=take.question_id,
        text=text,
        duration_ms=duration_ms,
    )


def frozen(session, question):
    return session.script.frozen().by_id[question.pk]


def state_of(take):
    return Take.objects.get(pk=take.pk).state


def queued():
    return [
        (job.task_name, job.args) for job in ProcrastinateJob.objects.order_by("id")
    ]


def preparation_of(take):
    return ("interviews.tasks.prepare_take", {"take_id": str(take.pk)})


# Sending


def test_a_take_becomes_the_answer(take, session, question):
    Take.objects.update(duration_ms=4000)

    step = send(take, duration_ms=1)

    second = session.vacancy.questions.get(order=2)
    answer = InterviewProgress.objects.get()
    assert (step.question.id, step.position) == (second.pk, 2)
    assert (
        answer.question,
        answer.answered,
        answer.answer_text,
        answer.channel,
        answer.answer_audio_url,
        answer.duration_ms,
    ) == (
        question,
        True,
        "Пять лет 🙂",
        Channel.SPOKEN,
        f"/recordings/takes/{take.pk}",
        4000,
    )
    assert state_of(take) == TakeState.CLOSED
    assert queued() == [preparation_of(take)]


@pytest.mark.parametrize("text", ["", "  \n"])
def test_speech_needs_no_text(take, text):
    send(take, text, duration_ms=700)

    answer = InterviewProgress.objects.get()
    assert (answer.answered, answer.answer_text, answer.duration_ms) == (True, "", 700)


def test_sending_again_changes_nothing(take):
    first = send(take)
    before = list(InterviewProgress.objects.values())

    second = send(take)

    assert second == first
    assert list(InterviewProgress.objects.values()) == before
    assert AnswerRevision.objects.count() == 0
    assert queued() == [preparation_of(take)]


def test_another_take_replaces_the_answer_and_the_earlier_is_kept(
    take, session, question
):
    other = TakeFactory(session=session, question=question, parts=RECORDED, number=2)
    send(take)

    send(other)

    answer = InterviewProgress.objects.get()
    assert answer.answer_audio_url == take_url(other.pk)
    assert [row.answer_audio_url for row in answer.revisions.all()] == [
        take_url(take.pk)
    ]


def test_all_takes_of_the_question_are_prepared(take, session, question):
    closed = TakeFactory(
        session=session, question=question, parts=RECORDED, state="closed", number=2
    )
    TakeFactory(session=session, question=question, number=3)
    second = session.vacancy.questions.get(order=2)
    elsewhere = TakeFactory(session=session, question=second, parts=RECORDED)

    send(take)

    assert sorted(queued(), key=str) == sorted(
        [preparation_of(take), preparation_of(closed)], key=str
    )
    assert state_of(elsewhere) == TakeState.OPEN


@pytest.mark.parametrize("wrong", ["empty", "another question's", "another session's"])
def test_what_is_not_recorded_cannot_be_sent(session, question, wrong):
    second = session.vacancy.questions.get(order=2)
    take = {
        "empty": lambda: TakeFactory(session=session, question=question),
        "another question's": lambda: TakeFactory(
            session=session, question=second, parts=RECORDED
        ),
        "another session's": lambda: TakeFactory(parts=RECORDED),
    }[wrong]()

    with pytest.raises(NothingRecorded):
        answer_aloud(
            session=session,
            take_id=take.pk,
            question_id=question.pk,
            text="a",
            duration_ms=None,
        )

    assert InterviewProgress.objects.count() == 0
    assert queued() == []


def test_a_refused_answer_leaves_the_take_open(take):
    InterviewSession.objects.update(cancelled_at=timezone.now())

    with pytest.raises(Cancelled):
        send(take)

    assert state_of(take) == TakeState.OPEN
    assert queued() == []


def test_answer_is_not_stored_if_its_preparation_cannot_be_queued(take, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(takes, "queue_once", fail)

    with pytest.raises(OperationalError):
        send(take)

    assert InterviewProgress.objects.count() == 0
    assert state_of(take) == TakeState.OPEN


# What was recorded so far


def test_nothing_was_recorded(session, question, django_assert_num_queries):
    with django_assert_num_queries(1):
        so_far = takes_so_far(session, frozen(session, question))

    assert so_far == TakesSoFar(open=None, used=0, left=None)


def test_after_a_reload_the_take_can_go_on(
    session, question, django_assert_num_queries
):
    take = TakeFactory(session=session, question=question, parts=RECORDED * 2)
    Take.objects.update(duration_ms=3000)
    session.script.frozen()

    with django_assert_num_queries(2):
        so_far = takes_so_far(session, frozen(session, question))

    assert so_far == TakesSoFar(OpenTake(take.pk, 2, 3000, True), used=1, left=None)


def test_an_earlier_take_can_be_sent_where_the_last_one_is_empty(
    take, session, question
):
    TakeFactory(session=session, question=question, number=2)
    Take.objects.filter(pk=take.pk).update(state=TakeState.CLOSED)

    so_far = takes_so_far(session, frozen(session, question))

    assert so_far == TakesSoFar(OpenTake(take.pk, 1, 0, False), used=1, left=None)


def test_a_file_is_one_part(take, session, question):
    Take.objects.update(state=TakeState.CLOSED)
    prepare_take(str(take.pk))

    so_far = takes_so_far(session, frozen(session, question))

    assert so_far.open == OpenTake(take.pk, 1, Take.objects.get().duration_ms, False)


def test_what_was_sent_is_not_open(take, session, question):
    send(take)

    assert takes_so_far(session, frozen(session, question)).open is None


def test_takes_left_never_fall_below_none():
    vacancy = VacancyFactory(questions=1)
    question = vacancy.questions.get()
    vacancy.questions.update(retakes=1)
    session = SessionFactory(started=True, vacancy=vacancy)

    left = []
    for number in (1, 2, 3):
        left.append(takes_so_far(session, frozen(session, question)).left)
        TakeFactory(session=session, question=question, number=number, parts=RECORDED)

    assert left == [2, 1, 0]


# Preparing


def file_of(take):
    take = Take.objects.get(pk=take.pk)
    with take.file.storage.open(take.file.name) as file:
        return file.read()


def duration_of(take, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(file_of(take))
    with av.open(str(path)) as file:
        return file.duration / 1000


def test_a_take_becomes_a_file(take, tmp_path):
    TakeFactory(parts=RECORDED)
    send(take, duration_ms=12)

    run_jobs()

    ready = Take.objects.get(pk=take.pk)
    assert (ready.state, ready.content_type) == (TakeState.READY, "audio/webm")
    assert ready.file.name.startswith(f"takes/{take.pk}")
    assert ready.duration_ms == pytest.approx(1000, abs=30)
    assert duration_of(take, tmp_path) == pytest.approx(1000, abs=30)
    assert InterviewProgress.objects.get().duration_ms == ready.duration_ms
    assert TakeChunk.objects.filter(take=take).count() == 0
    assert TakeChunk.objects.count() > 0


def test_parts_are_put_together_in_their_order(session, question, tmp_path):
    one, two = sounds.webm(0.5), sounds.webm(1.5)
    take = TakeFactory(
        session=session, question=question, parts=[sounds.cut(one), sounds.cut(two)]
    )
    send(take)

    run_jobs()

    assert duration_of(take, tmp_path) == pytest.approx(2000, abs=50)


def test_the_earlier_answer_gets_its_duration_too(take, session, question):
    other = TakeFactory(session=session, question=question, parts=RECORDED, number=2)
    send(take, duration_ms=1)
    send(other, duration_ms=1)

    run_jobs()

    assert AnswerRevision.objects.get().duration_ms == pytest.approx(1000, abs=30)


def test_the_answer_by_another_take_keeps_its_duration(take, session, question):
    TakeFactory(
        session=session, question=question, parts=RECORDED, number=2, state="closed"
    )
    broken = [[sounds.webm()[:600], b"nothing"]]
    sent = TakeFactory(session=session, question=question, parts=broken, number=3)
    send(sent, duration_ms=77)

    run_jobs()

    assert state_of(sent) == TakeState.UNREADABLE
    assert InterviewProgress.objects.get().duration_ms == 77


def test_what_cannot_be_read_is_kept_as_it_came(session, question):
    take = TakeFactory(
        session=session, question=question, parts=[[sounds.webm()[:300]]]
    )
    send(take)

    run_jobs()

    assert state_of(take) == TakeState.UNREADABLE
    assert [bytes(c.data) for c in take.chunks.all()] == [sounds.webm()[:300]]


@pytest.mark.parametrize("state", [TakeState.OPEN, TakeState.UNREADABLE])
def test_only_closed_takes_are_prepared(take, state):
    Take.objects.update(state=state)
    before = list(Take.objects.values())

    prepare_take(str(take.pk))

    assert list(Take.objects.values()) == before
    assert take.chunks.count() == len(RECORDED[0])


def test_empty_and_unknown_takes_are_left(session, question):
    take = TakeFactory(session=session, question=question, state="closed")

    prepare_take(str(take.pk))
    prepare_take(str(uuid4()))

    assert state_of(take) == TakeState.CLOSED


def test_preparing_again_changes_nothing(take):
    send(take)
    run_jobs()
    before = list(Take.objects.values())

    prepare_take(str(take.pk))

    assert list(Take.objects.values()) == before


def test_a_worker_killed_before_the_end_loses_nothing(take, monkeypatch):
    send(take)
    monkeypatch.setattr(preparation, "keep", kill)
    with pytest.raises(SystemExit):
        prepare_take(str(take.pk))
    assert (state_of(take), take.chunks.count()) == (
        TakeState.CLOSED,
        len(RECORDED[0]),
    )
    monkeypatch.undo()

    run_jobs()

    assert state_of(take) == TakeState.READY


def kill(*args):
    raise SystemExit


def test_a_storage_that_fails_loses_nothing(take, monkeypatch):
    send(take)
    storage = storages["recordings"]

    def fail(name, content):
        raise OSError("no space")

    monkeypatch.setattr(storage, "save", fail)
    monkeypatch.setattr(Take._meta.get_field("file"), "storage", storage)
    with pytest.raises(OSError, match="no space"):
        prepare_take(str(take.pk))

    assert (state_of(take), take.chunks.count()) == (
        TakeState.CLOSED,
        len(RECORDED[0]),
    )


def test_a_duration_beyond_the_column_is_cut(take, monkeypatch):
    send(take)
    monkeypatch.setattr(
        audio, "remux", lambda parts, target, kind: target.write_bytes(b"a") and 2**40
    )

    run_jobs()

    assert Take.objects.get().duration_ms == turns.MAX_DURATION_MS


# What was left


def leave(session, question, **fields):
    return TakeFactory(session=session, question=question, parts=RECORDED, **fields)


@pytest.mark.parametrize(
    ("fields", "is_prepared"),
    [
        ({}, False),
        ({"finished_at": timedelta(0)}, True),
        ({"cancelled_at": timedelta(0)}, True),
        ({"expires_at": -timedelta(minutes=61)}, True),
        # Somebody may be speaking still.
        ({"expires_at": -timedelta(minutes=1)}, False),
    ],
)
def test_takes_left_open_are_prepared_when_nobody_goes_on(
    take, session, fields, is_prepared
):
    now = timezone.now()
    InterviewSession.objects.update(
        started_at=now - timedelta(hours=2),
        **{name: now + offset for name, offset in fields.items()},
    )

    prepare_left_takes(0)
    run_jobs()

    assert state_of(take) == (TakeState.READY if is_prepared else TakeState.OPEN)


def test_takes_of_questions_answered_in_writing_are_prepared(take, session, question):
    second = session.vacancy.questions.get(order=2)
    current = leave(session, second)
    ProgressFactory(session=session, question=question)

    prepare_left_takes(0)
    run_jobs()

    assert (state_of(take), state_of(current)) == (TakeState.READY, TakeState.OPEN)
    assert InterviewProgress.objects.get().duration_ms is None


def test_empty_takes_are_left_alone(session, question):
    take = TakeFactory(session=session, question=question)
    ProgressFactory(session=session, question=question)

    prepare_left_takes(0)

    assert (state_of(take), queued()) == (TakeState.OPEN, [])


def test_what_failed_before_is_queued_again_but_once(take):
    Take.objects.update(state=TakeState.CLOSED)

    prepare_left_takes(0)
    prepare_left_takes(0)

    assert queued() == [preparation_of(take)]


# At the same moment


def begin(session, question):
    take_id = uuid4()
    begin_take(session_id=session.pk, take_id=take_id, question_id=question.pk)
    return Take.objects.get(pk=take_id)


def begin_and_speak(session, question):
    try:
        return add(begin(session, question))
    except NoTakesLeft:
        return "refused"


@pytest.mark.django_db(transaction=True)
def test_of_two_takes_at_once_only_one_is_the_last_allowed():
    vacancy = VacancyFactory(questions=1)
    vacancy.questions.update(retakes=1)
    question = vacancy.questions.get()
    sessions = [SessionFactory(started=True, vacancy=vacancy) for _ in range(ROUNDS)]
    for session in sessions:
        TakeFactory(session=session, question=question, parts=RECORDED)

    one, two = race(
        lambda number: begin_and_speak(sessions[number], question),
        lambda number: begin_and_speak(sessions[number], question),
        rounds=ROUNDS,
    )

    pairs = {tuple(sorted(map(str, pair))) for pair in zip(one, two, strict=True)}
    assert pairs <= {("1", "refused"), ("1", "closed")}
    assert Take.objects.filter(size__gt=0).count() == 2 * ROUNDS


def add(take, position=0, data=HEAD):
    try:
        return takes.add_chunk(
            session_id=take.session_id,
            take_id=take.pk,
            part=1,
            position=position,
            data=data,
            duration_ms=0,
        )
    except TakeClosed:
        return "closed"


@pytest.mark.django_db(transaction=True)
def test_the_same_piece_twice_at_once_is_one_piece():
    many = [TakeFactory() for _ in range(ROUNDS)]

    one, two = race(
        lambda number: add(many[number]),
        lambda number: add(many[number]),
        rounds=ROUNDS,
    )

    assert one == two == [1] * ROUNDS
    assert TakeChunk.objects.count() == ROUNDS
    assert set(Take.objects.values_list("size", flat=True)) == {1000}


@pytest.mark.django_db(transaction=True)
def test_a_piece_that_meets_the_answer_is_stored_or_refused():
    many = [TakeFactory(parts=[[HEAD]]) for _ in range(ROUNDS)]

    pieces, steps = race(
        lambda number: add(many[number], 1, b"more"),
        lambda number: send(many[number]).position,
        rounds=ROUNDS,
    )

    stored = [take.chunks.count() for take in many]
    assert steps == [2] * ROUNDS
    assert set(zip(pieces, stored, strict=True)) <= {(2, 2), ("closed", 1)}
    assert {state_of(take) for take in many} == {TakeState.CLOSED}


@pytest.mark.django_db(transaction=True)
def test_the_same_take_begun_twice_at_once_is_one():
    sessions = [SessionFactory(started=True) for _ in range(ROUNDS)]
    ids = [uuid4() for _ in range(ROUNDS)]

    def begin_same(number):
        question = sessions[number].vacancy.questions.get(order=1)
        return begin_take(
            session_id=sessions[number].pk,
            take_id=ids[number],
            question_id=question.pk,
        )

    one, two = race(begin_same, begin_same, rounds=ROUNDS)

    assert one == two
    assert Take.objects.count() == ROUNDS


def test_a_take_cannot_begin_after_the_end(session, question):
    InterviewSession.objects.update(finished_at=timezone.now())

    with pytest.raises(Finished):
        begin(session, question)


def test_a_take_of_no_question_is_refused(session):
    with pytest.raises(WrongQuestion):
        begin_take(session_id=session.pk, take_id=uuid4(), question_id=0)

"""rotate_keys: forwards, backwards, interrupted, and while the portal writes."""

from itertools import count
from threading import Event, Lock, get_ident

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from candidates.models import Candidate
from core import encryption, rotation
from core.fields import LEFT
from interviews import turns
from interviews.models import AnswerRevision, Channel, InterviewProgress
from reviews.deciding import decide
from reviews.models import Decision, Export
from tests.factories import (
    CandidateFactory,
    ProgressFactory,
    RequestFactory,
    SessionFactory,
    TurnFactory,
    UserFactory,
    VoiceEventFactory,
)
from tests.field_keys import INDEX_KEY, KEYS, NEW_INDEX_KEY
from tests.threads import race
from voice.models import Turn, VoiceEvent


def rotate(**options):
    call_command("rotate_keys", verbosity=0, **options)


def starts(table, column):
    """Return how the stored values of a column begin."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT left({column}::text, 13) FROM {table}")  # noqa: S608 (our own names)
        return {value for (value,) in cursor}


def start_of(key):
    return encryption.SEALED + encryption.make_key(key).id


def world():
    """Have a row of each kind of column."""
    user = UserFactory(hr=True)
    session = SessionFactory(candidate__name="Anna", started=True)
    answer = ProgressFactory(session=session, answer_text="Yes")
    record(session, answer.question_id, "Yes, of course")
    VoiceEventFactory(raw=b'{"a": 1}')
    TurnFactory(text="Hello")
    RequestFactory(session=session, message="Please")
    decide(sessions=[session], outcome="hired", reason="The best", by=user)
    Export.objects.create(user=user, format="csv", chosen={"query": "q=Anna"})


def record(session, question_id, text):
    given = turns.AnswerInput(question_id, text, Channel.WRITTEN)
    return turns.record_answer(session.pk, given)


def read():
    return (
        Candidate.objects.get(name__isnull=False, sessions__answers__isnull=False).name,
        InterviewProgress.objects.get().answer_text,
        AnswerRevision.objects.get().answer_text,
        bytes(VoiceEvent.objects.get().raw),
        Turn.objects.get().text,
        Decision.objects.get().reason,
        Export.objects.get().chosen,
    )


WORLD = (
    "Anna",
    "Yes, of course",
    "Yes",
    b'{"a": 1}',
    "Hello",
    "The best",
    {"query": "q=Anna"},
)
COLUMNS = [
    ("candidate", "name"),
    ("interview_progress", "answer_text"),
    ("answer_revision", "answer_text"),
    ("voice_turn", "text"),
    ("candidate_request", "message"),
    ("decision", "reason"),
]


@pytest.mark.django_db
def test_everything_goes_from_clear_to_one_key_to_another_and_back(settings):
    world()
    settings.FIELD_INDEX_KEY = INDEX_KEY

    for keys, is_off in [(KEYS[:1], False), ([KEYS[1], KEYS[0]], False), (KEYS, True)]:
        settings.FIELD_KEYS, settings.FIELD_KEYS_OFF = keys, is_off
        # Before it is run, and after.
        assert read() == WORLD
        rotate()
        assert read() == WORLD
        for column in COLUMNS:
            assert all(
                one.startswith(start_of(keys[0])) != is_off for one in starts(*column)
            )

    settings.FIELD_KEYS = []
    assert read() == WORLD


@pytest.mark.django_db
def test_a_dry_run_counts_and_writes_nothing(settings, field_keys, capsys):
    settings.FIELD_KEYS_OFF = True
    CandidateFactory.create_batch(2)
    settings.FIELD_KEYS_OFF = False
    before = starts("candidate", "name")

    call_command("rotate_keys", dry_run=True)

    assert "candidate: 2 rows" in capsys.readouterr().out
    assert starts("candidate", "name") == before


@pytest.mark.django_db
def test_it_goes_on_where_it_was_interrupted_and_then_finds_nothing(
    settings, field_keys, monkeypatch
):
    monkeypatch.setattr(rotation, "ROWS", 2)
    settings.FIELD_KEYS_OFF = True
    CandidateFactory.create_batch(5)
    settings.FIELD_KEYS_OFF = False

    first = next(rotation.reseal(Candidate))
    left = rotation.count_stale(Candidate)
    *_, rest = rotation.reseal(Candidate)
    *_, again = rotation.reseal(Candidate)

    assert (first.changed, left, rest.changed, again.changed) == (2, 3, 3, 0)


@pytest.mark.django_db
def test_what_cannot_be_opened_stays_as_it_is_and_is_told(settings, field_keys):
    lost = CandidateFactory()
    settings.FIELD_KEYS = KEYS[1:2]
    CandidateFactory()

    with pytest.raises(CommandError, match="1 rows could not be decrypted"):
        rotate()

    assert starts("candidate", "name") == {start_of(KEYS[0]), start_of(KEYS[1])}
    settings.FIELD_KEYS = [KEYS[1], KEYS[0]]
    rotate()
    assert Candidate.objects.get(pk=lost.pk).name == lost.name


@pytest.mark.django_db
def test_the_command_needs_keys_and_does_not_decrypt_by_mistake(settings, field_keys):
    with pytest.raises(CommandError, match="FIELD_KEYS_OFF=true for every process"):
        rotate(decrypt=True)
    settings.FIELD_KEYS = []
    with pytest.raises(CommandError, match="FIELD_KEYS is empty"):
        rotate()


@pytest.mark.django_db
def test_a_decision_changes_its_form_and_nothing_else(settings, field_keys):
    world()

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL parley.resealing = 'on'")
        for change in ("outcome = 'rejected'", "reason = reason, decided_by_id = NULL"):
            with (
                pytest.raises(DatabaseError, match="never changed"),
                transaction.atomic(),
            ):
                cursor.execute(f"UPDATE decision SET {change}")  # noqa: S608 (our own words)


@pytest.mark.django_db
@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_an_answer_given_again_is_known_under_any_key(settings, field_keys, order):
    session = SessionFactory(started=True)
    question = session.vacancy.questions.first()
    settings.FIELD_KEYS_OFF = True
    record(session, question.pk, "Yes")
    settings.FIELD_KEYS_OFF = False
    record(session, question.pk, "Yes")
    record(session, question.pk, "No")
    settings.FIELD_KEYS = [KEYS[n] for n in order]
    record(session, question.pk, "No")

    assert [one.answer_text for one in AnswerRevision.objects.all()] == ["Yes"]
    assert InterviewProgress.objects.get().answer_text == "No"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_and_all_can_be_read_while_it_runs(settings, monkeypatch):
    monkeypatch.setattr(rotation, "ROWS", 7)
    monkeypatch.setattr(rotation, "PAUSE", 0.01)
    settings.FIELD_INDEX_KEY = INDEX_KEY
    sessions = SessionFactory.create_batch(30, started=True)
    questions = {s.pk: s.vacancy.questions.first().pk for s in sessions}
    said, done, unread = {}, Event(), []
    # A process ends its requests before it begins anew with other keys.
    restart = Lock()

    def write(_round):
        for number in count():
            session = sessions[number % len(sessions)]
            with restart:
                record(session, questions[session.pk], f"said {number}")
                said[session.pk] = f"said {number}"
                session.candidate.name = f"name {number}"
                session.candidate.save()
            if done.is_set():
                return number
        return None

    def look(_round):
        while not done.is_set():
            texts = [one.name for one in Candidate.objects.all()]
            texts += [one.answer_text for one in InterviewProgress.objects.all()]
            unread.extend(text for text in texts if text.startswith((LEFT, "enc")))

    def turn_keys(_round):
        try:
            for keys, is_off in [
                (KEYS[:1], True),
                (KEYS[:1], False),
                (KEYS[:2], False),
                ([KEYS[1], KEYS[0]], False),
                (KEYS[1:2], True),
            ]:
                with restart:
                    settings.FIELD_KEYS_OFF = is_off
                    settings.FIELD_KEYS = keys
                rotate()
        finally:
            done.set()

    [[written], _, _] = race(write, look, turn_keys)

    assert written > len(sessions)
    assert unread == []
    found = {one.session_id: one.answer_text for one in InterviewProgress.objects.all()}
    assert found == said
    assert not any(
        "enc1:" in one for one in starts("interview_progress", "answer_text")
    )


class ByThread(list):
    """FIELD_KEYS of processes that were restarted and of some that were not."""

    def __init__(self, keys):
        super().__init__(keys)
        self.first = get_ident()

    def __iter__(self):
        keys = list(super().__iter__())
        return iter(keys if get_ident() == self.first else keys[::-1])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_off", [False, True])
def test_an_address_is_one_person_while_keys_change(settings, field_keys, is_off):
    settings.FIELD_KEYS, settings.FIELD_KEYS_OFF = ByThread(KEYS[:2]), is_off

    def add(number, address):
        try:
            CandidateFactory(email=address.format(number))
        except IntegrityError:
            return 0
        return 1

    added = race(
        lambda number: add(number, "anna{}@example.com"),
        lambda number: add(number, "Anna{}@Example.com"),
        rounds=8,
    )

    assert [sum(both) for both in zip(*added, strict=True)] == [1] * 8


@pytest.mark.django_db
def test_a_new_key_of_lookups_finds_old_rows_before_and_after(settings, field_keys):
    candidate = CandidateFactory(name="Анна Иванова", email="Anna@example.com")
    settings.FIELD_INDEX_KEY_PREVIOUS = INDEX_KEY
    settings.FIELD_INDEX_KEY = NEW_INDEX_KEY

    for _ in range(2):
        people = Candidate.objects
        assert list(people.called("иван")) == [candidate]
        assert list(people.with_addresses(["ANNA@example.com"])) == [candidate]
        rotate()
    settings.FIELD_INDEX_KEY_PREVIOUS = ""
    assert list(Candidate.objects.called("иван")) == [candidate]

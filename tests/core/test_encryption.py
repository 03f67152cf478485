import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, transaction

from candidates.models import Candidate
from core import blind_index, encryption
from core.encryption import CannotOpen, open_text, seal
from core.fields import LEFT, plain, sealed
from core.sessions import SealedSerializer
from interviews.models import InterviewProgress, Message
from tests.factories import (
    CandidateFactory,
    ProgressFactory,
    UserFactory,
    VoiceEventFactory,
)
from tests.field_keys import INDEX_KEY, KEYS
from voice.models import VoiceEvent

PLACE = ("answer", 1, 2, "answer_text")


def stored(table, column="name"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} ORDER BY id")  # noqa: S608 (our own names)
        return [value for (value,) in cursor]


@pytest.mark.parametrize(
    "text",
    ["a", "Да, конечно 🙂", "я" * 20_000, "enc1:", "enc0:x"],
    ids=["letter", "words", "longest", "prefix", "mark"],
)
def test_what_is_sealed_opens_in_its_place_alone(field_keys, text):
    kept = seal(text, PLACE)

    assert kept.startswith(f"enc1:{encryption.current().id}:")
    assert text[:5] not in kept[14:] or len(text) < 3
    assert open_text(kept, PLACE) == text
    for other in (("answer", 1, 3, "answer_text"), ("answer", 1, 2, "verbatim_text")):
        with pytest.raises(CannotOpen, match="moved"):
            open_text(kept, other)


def test_the_same_text_is_the_same_in_its_place_and_nowhere_else(field_keys):
    one, again = seal("Yes", PLACE), seal("Yes", PLACE)

    assert one == again
    assert one != seal("Yes", ("answer", 1, 3, "answer_text"))


def test_a_changed_letter_is_noticed(field_keys):
    kept = seal("Yes, of course", PLACE)
    changed = kept[:-1] + ("A" if kept[-1] != "A" else "B")

    with pytest.raises(CannotOpen, match="changed"):
        open_text(changed, PLACE)


def test_each_key_opens_and_the_first_seals(settings, field_keys):
    settings.FIELD_KEYS = KEYS[:1]
    old = seal("Yes", PLACE)
    settings.FIELD_KEYS = [KEYS[1], KEYS[0]]
    new = seal("Yes", PLACE)

    assert old.split(":")[1] != new.split(":")[1]
    assert [open_text(kept, PLACE) for kept in (old, new)] == ["Yes", "Yes"]
    assert encryption.all_forms("Yes", PLACE) == ["Yes", new, old]


def test_a_key_that_is_gone_is_named(settings, field_keys):
    kept = seal("Yes", PLACE)
    settings.FIELD_KEYS = KEYS[1:2]

    with pytest.raises(CannotOpen) as refused:
        open_text(kept, PLACE)

    assert refused.value.key_id == kept.split(":")[1]


@pytest.mark.parametrize("bad", ["short", "not base64 at all!", "QUFB"])
def test_what_is_no_key_is_refused_without_being_shown(settings, bad):
    settings.FIELD_KEYS = [bad]
    settings.FIELD_INDEX_KEY = INDEX_KEY

    with pytest.raises(ImproperlyConfigured) as refused:
        encryption.keys()

    assert bad not in str(refused.value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    ["enc1:", "enc0:", "enc1:0a1b2c3d:QUFBQUFBQUFBQUFBQUFBQUFBQUFB", "enc0:enc1:"],
)
@pytest.mark.parametrize("state", ["clear", "sealed", "later sealed"])
def test_a_prefix_that_somebody_typed_is_text(settings, name, state):
    if state == "sealed":
        settings.FIELD_KEYS, settings.FIELD_INDEX_KEY = KEYS[:1], INDEX_KEY
    key = CandidateFactory(name=name).pk
    if state == "later sealed":
        settings.FIELD_KEYS, settings.FIELD_INDEX_KEY = KEYS[:1], INDEX_KEY
        call_command("rotate_keys", verbosity=0)

    assert Candidate.objects.get(pk=key).name == name


@pytest.mark.django_db
def test_without_keys_a_row_is_as_it_always_was():
    CandidateFactory(name="Анна", email="Anna@example.com")

    columns = "ARRAY[name, email, email_key, search_keys::text]"
    assert stored("candidate", columns) == [["Анна", "Anna@example.com", "", None]]


@pytest.mark.django_db
def test_before_the_switch_rows_are_clear_and_both_are_read(settings, field_keys):
    sealed_one = CandidateFactory(name="Anna")
    settings.FIELD_KEYS_OFF = True
    CandidateFactory(name="Boris")

    assert stored("candidate")[1] == "Boris"
    assert stored("candidate")[0].startswith("enc1:")
    assert sorted(one.name for one in Candidate.objects.all()) == ["Anna", "Boris"]
    # Found by their keys already: no two processes can add one address.
    assert "" not in stored("candidate", "email_key")
    sealed_one.refresh_from_db()
    sealed_one.save()
    assert stored("candidate")[0] == "Anna"


@pytest.mark.django_db
def test_a_value_moved_to_another_row_does_not_open(field_keys, caplog):
    first, second = CandidateFactory(name="Anna"), CandidateFactory(name="Boris")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE candidate SET name = (SELECT name FROM candidate WHERE id = %s) "
            "WHERE id = %s",
            [first.pk, second.pk],
        )

    moved = Candidate.objects.get(pk=second.pk)

    assert moved.name.startswith(LEFT)
    assert moved.email == second.email
    assert [record.getMessage() for record in caplog.records] == [
        "a value cannot be decrypted"
    ]
    assert "Anna" not in caplog.text


@pytest.mark.django_db
def test_a_value_moved_to_another_column_does_not_open(field_keys):
    answer = ProgressFactory(answer_text="Yes")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE interview_progress SET verbatim_text = answer_text")

    answer = InterviewProgress.objects.get()

    assert (answer.answer_text, answer.verbatim_text[0]) == ("Yes", LEFT)


@pytest.mark.django_db
def test_what_cannot_be_read_is_marked_in_the_admin_and_never_saved_over(
    settings, field_keys, client
):
    candidate = CandidateFactory(name="Anna")
    before = stored("candidate")
    settings.FIELD_KEYS = KEYS[1:2]
    client.force_login(UserFactory(hr=True))

    page = client.get(f"/admin/candidates/candidate/{candidate.pk}/change/").text
    shown = Candidate.objects.get()
    answer = client.post(
        f"/admin/candidates/candidate/{candidate.pk}/change/",
        {"name": shown.name, "email": "anna@example.com"},
    )
    shown.save()

    assert shown.name in page
    assert "it cannot be saved either" in answer.text
    assert stored("candidate") == before
    settings.FIELD_KEYS = KEYS[:1]
    assert Candidate.objects.get().name == "Anna"


@pytest.mark.django_db
def test_stored_bytes_are_sealed_and_come_back(field_keys):
    VoiceEventFactory(raw=b'{"said": "canary"}')

    [kept] = stored("voice_event", "raw")
    assert bytes(kept).startswith(b"enc1:")
    assert b"canary" not in bytes(kept)
    assert VoiceEvent.objects.get().raw == b'{"said": "canary"}'


@pytest.mark.django_db
def test_what_passes_by_the_row_is_refused_and_not_stored_in_the_clear(field_keys):
    candidate = CandidateFactory(name="Anna")
    rows = Candidate.objects.filter(pk=candidate.pk)

    with pytest.raises(TypeError, match="sealed"), transaction.atomic():
        rows.update(name="Boris")
    with pytest.raises(FieldError, match="sealed"):
        rows.filter(name="Anna").exists()

    rows.update(name=sealed(candidate, "name", "Boris"))
    assert rows.get().name == "Boris"


@pytest.mark.django_db
def test_words_of_nobody_may_be_stored_for_many_rows(field_keys):
    assert Message.objects.update(problem=plain("Nothing could be sent.")) == 0


@pytest.mark.django_db
def test_the_check_tells_of_a_key_that_is_missing(settings, field_keys):
    CandidateFactory(name="Anna")
    ProgressFactory()
    call_command("check", databases=["default"])
    [old] = encryption.keys()
    settings.FIELD_KEYS = KEYS[1:2]

    with pytest.raises(SystemCheckError) as refused:
        call_command("check", databases=["default"])

    for table in ("candidate", "interview_progress"):
        assert f"{table} holds values under a key" in str(refused.value)
    assert old in str(refused.value)


def test_the_check_tells_of_what_is_no_key(settings):
    settings.FIELD_KEYS = ["short"]

    with pytest.raises(SystemCheckError, match="32 random bytes"):
        call_command("check")


def test_sessions_of_staff_are_sealed(settings, field_keys):
    serializer = SealedSerializer()

    kept = serializer.dumps({"_messages": "Anna was added"})

    assert b"Anna" not in kept
    assert serializer.loads(kept) == {"_messages": "Anna was added"}
    settings.FIELD_KEYS = []
    assert serializer.loads(serializer.dumps({"a": 1})) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Анна Иванова", ["ива", "ИВАНОВА", "анна", "Анна Иван"]),
        ("Ли Ян", ["ли", "Ян"]),
        ("anna.ivanova@example.com", ["anna.ivanova@ex", "ivanova", "example.com"]),
    ],
)
def test_beginnings_of_words_are_found_whatever_their_case(field_keys, text, found):
    kept = set(blind_index.hashes_of(text))

    assert all(set(blind_index.hashes_to_find(part)[0]) <= kept for part in found)
    for other in ("ванова", "an", "и", "xyz"):
        assert not set(blind_index.hashes_to_find(other)[0]) <= kept

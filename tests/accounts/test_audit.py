"""The audit log: one line a deed, none of them changed unnoticed."""

from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from threading import Event

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from accounts import chain
from accounts.audit import record, record_listening
from accounts.models import AuditAction, AuditEvent, AuditSeal
from tests.factories import UserFactory, VacancyFactory
from tests.threads import race

LONG = "a" * 900
LINES = [
    {"actor": "Анна 🎧", "detail": "opens_at, expires_at"},
    {"actor": "a:1;b", "detail": "", "vacancy_id": 7},
    {"actor": "", "detail": LONG},
]


def seal():
    """End the transaction as far as the log is concerned."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@contextmanager
def without_triggers():
    """Let the log be changed, as the owner of the database can."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE audit_seal DISABLE TRIGGER USER")
        yield
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE audit_seal ENABLE TRIGGER USER")


def remove(line, position):
    AuditEvent.objects.filter(pk=line).delete()
    AuditSeal.objects.filter(position=position).delete()


def move(position, to):
    AuditSeal.objects.filter(position=position).update(position=to)


@pytest.fixture
def lines(db):
    """Return the keys of five lines, sealed, by the places they have in the chain."""
    for number in range(5):
        record(AuditAction.VIEWED, **LINES[number % 3])
    seal()
    return dict(AuditSeal.objects.values_list("position", "event_id"))


@pytest.fixture
def asking(rf):
    request = rf.get("/", REMOTE_ADDR="2001:db8::7")
    request.user = UserFactory(email="anna@example.com")
    return request


@pytest.mark.django_db
def test_record_is_one_statement(asking, django_assert_num_queries):
    vacancy = VacancyFactory()

    with django_assert_num_queries(1):
        record(
            AuditAction.CHANGED,
            vacancy,
            request=asking,
            vacancy_id=vacancy.pk,
            detail="title",
        )

    [line] = AuditEvent.objects.values()
    at = line.pop("at"), line.pop("id")
    assert all(at)
    assert line == {
        "actor_id": asking.user.pk,
        "actor": "anna@example.com",
        "action": "changed",
        "object_type": "vacancies.vacancy",
        "object_id": str(vacancy.pk),
        "vacancy_id": vacancy.pk,
        "detail": "title",
        "address": "2001:db8::7",
    }


@pytest.mark.django_db
def test_somebody_without_an_account_is_named():
    record(AuditAction.VIEWED, actor="link 5", detail="x" * 2000)

    line = AuditEvent.objects.get()
    assert (line.actor_id, line.actor, line.address) == (None, "link 5", None)
    assert len(line.detail) == 1000


@pytest.mark.django_db
def test_time_is_the_databases(asking):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_event (at, actor, action, object_type, object_id, detail)"
            " VALUES ('2001-01-01', '', 'viewed', '', '', '')"
        )

    assert AuditEvent.objects.get().at.year > 2001


@pytest.mark.django_db
def test_listening_in_stretches_is_one_line(asking):
    vacancy = VacancyFactory()
    for _ in range(3):
        record_listening(vacancy, "take 5", request=asking)
    asking.user = UserFactory()
    record_listening(vacancy, "take 5", request=asking)

    assert AuditEvent.objects.count() == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'somebody else'",
        "DELETE FROM audit_event",
        "UPDATE audit_seal SET hash = ''",
        "DELETE FROM audit_seal",
        "SET LOCAL parley.audit_may_be_emptied = off; TRUNCATE audit_event",
        "SET LOCAL parley.audit_may_be_emptied = off; TRUNCATE audit_seal",
    ],
)
def test_database_refuses_to_change_the_log(lines, statement):
    with (
        pytest.raises(IntegrityError, match="only added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert AuditEvent.objects.count() == AuditSeal.objects.count() == 5


def test_chain_as_it_was_written_holds(lines):
    assert list(lines) == [1, 2, 3, 4, 5]
    head = AuditSeal.objects.get(position=5).hash

    assert chain.walk("") == chain.Chain(5, head, None)


@pytest.mark.django_db
def test_empty_chain_holds():
    assert chain.walk("") == chain.Chain(0, chain.NO_HASH, None)


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "somebody else"},
        {"actor_id": 5},
        {"action": "listened"},
        {"object_type": "a"},
        {"object_id": "5"},
        {"vacancy_id": 8},
        {"detail": "nothing"},
        {"address": "192.0.2.9"},
        {"at": F("at") + timedelta(microseconds=1)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_column_edited_is_found(lines, change):
    with without_triggers():
        AuditEvent.objects.filter(pk=lines[3]).update(**change)

    found = chain.walk("")
    assert found.length == 2
    assert found.breach == chain.Breach(3, f"line {lines[3]} is not as it was written")


def test_line_removed_is_found(lines):
    with without_triggers():
        AuditEvent.objects.filter(pk=lines[2]).delete()

    assert chain.walk("").breach == chain.Breach(2, f"line {lines[2]} was removed")


def test_line_removed_with_its_seal_is_found(lines):
    with without_triggers():
        remove(lines[2], position=2)

    assert chain.walk("").breach == chain.Breach(
        2, "a seal is missing: lines were removed"
    )


def test_gap_closed_up_is_found(lines):
    with without_triggers():
        remove(lines[2], position=2)
        move(3, to=2)

    assert chain.walk("").breach == chain.Breach(
        2, "does not follow the line before it"
    )


def test_lines_that_change_places_are_found(lines):
    with without_triggers():
        seals = AuditSeal.objects
        seals.filter(position=2).update(event_id=0)
        seals.filter(position=3).update(event_id=lines[2])
        seals.filter(position=2).update(event_id=lines[3])

    assert chain.walk("").breach == chain.Breach(
        2, f"line {lines[3]} is not as it was written"
    )


def test_seals_that_change_places_are_found(lines):
    with without_triggers():
        move(2, to=0)
        move(3, to=2)
        move(0, to=3)

    assert chain.walk("").breach == chain.Breach(
        2, "does not follow the line before it"
    )


def test_line_put_in_past_the_chain_is_found(lines):
    with without_triggers():
        line = AuditEvent.objects.create(action=AuditAction.VIEWED)

    assert chain.walk("").breach == chain.Breach(
        6, f"line {line.pk} was put in past the chain"
    )


def test_end_cut_off_is_found_by_a_head_that_was_kept(lines):
    head = chain.walk("").head
    with without_triggers():
        remove(lines[5], position=5)

    assert chain.walk("").breach is None
    assert chain.walk(head).breach == chain.Breach(
        5, "the head that was kept is not in the chain"
    )


def test_head_kept_earlier_is_found_in_a_longer_chain(lines):
    earlier = AuditSeal.objects.get(position=2).hash

    assert chain.walk(earlier).breach is None


def test_batches_make_one_chain(lines, monkeypatch):
    monkeypatch.setattr(chain, "BATCH", 2)

    assert chain.walk("").length == 5


@pytest.mark.django_db(transaction=True)
def test_chain_holds_whoever_writes_at_once():
    def two_in_a_transaction(number):
        with transaction.atomic():
            record(AuditAction.VIEWED, actor="a", detail=str(number))
            record(AuditAction.VIEWED, actor="b", detail=str(number))

    def one(number):
        record(AuditAction.VIEWED, actor="c", detail=str(number))

    race(two_in_a_transaction, one, two_in_a_transaction, one, rounds=10)

    output = StringIO()
    call_command("verify_audit", stdout=output)
    head = AuditSeal.objects.last().hash
    assert output.getvalue() == f"The audit log holds: 60 lines.\nHead: {head}\n"
    call_command("verify_audit", since_head=head, stdout=StringIO())
    with pytest.raises(CommandError, match="head that was kept"):
        call_command("verify_audit", since_head="f" * 64)


@pytest.mark.django_db(transaction=True)
def test_who_has_begun_a_transaction_keeps_nobody_from_writing():
    """The chain is waited for as a transaction ends, not from its first line on."""
    first_has_written, second_is_done = Event(), Event()

    def first(number):
        with transaction.atomic():
            record(AuditAction.VIEWED, actor="first")
            first_has_written.set()
            assert second_is_done.wait(30)

    def second(number):
        assert first_has_written.wait(30)
        record(AuditAction.VIEWED, actor="second")
        second_is_done.set()

    race(first, second)

    events = dict(AuditEvent.objects.values_list("id", "actor"))
    sealed = AuditSeal.objects.values_list("event_id", flat=True)
    assert [events[key] for key in sealed] == ["second", "first"]

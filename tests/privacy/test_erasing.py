"""Erasing a person: what goes, what stays, what stands against it, and the proof."""

from io import BytesIO, StringIO

import pytest
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import CommandError, call_command
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import AuditEvent, SavedFilter
from candidates.models import Candidate, Consent
from core import backup_erasures
from interviews.models import InterviewSession
from privacy import erasing, proof, reaching
from privacy.erasing import Order
from privacy.exceptions import AlreadyErased, Held, StillOpen
from privacy.models import Cause, Erasure, LegalHold
from reviews.exports import making
from reviews.models import ExportState
from tests.factories import CandidateFactory, SessionFactory, UserFactory
from tests.jobs import run_jobs
from tests.privacy import person

pytestmark = pytest.mark.django_db
MARK = "kanareika"
BY_STAFF = Order(Cause.STAFF, ends_open=True)


@pytest.fixture(autouse=True)
def _own_places(settings, tmp_path):
    settings.ERASURES_FILE = str(tmp_path / "erasures.log")
    for name in ("recordings", "exports"):
        settings.STORAGES = settings.STORAGES | {
            name: {
                "BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {"location": tmp_path / name},
            }
        }


def erase(found, **options):
    order = BY_STAFF._replace(user=found.owner, **options)
    return erasing.erase_person(candidate=found.candidate, order=order)


def everything():
    """Return the text of every row of every table, by table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor]
        rows = {}
        for name in tables:
            cursor.execute(f'SELECT t::text FROM "{name}" AS t')  # noqa: S608 (our tables)
            rows[name] = [text for (text,) in cursor]
    return rows


def hits(mark):
    """Return the tables that hold the mark, as text or as bytes."""
    wanted = (mark, mark.encode().hex())
    return {
        name
        for name, rows in everything().items()
        if any(word in row.casefold() for row in rows for word in wanted)
    }


def files(tmp_path):
    return {
        path.name: path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file() and path.name != "erasures.log"
    }


def test_everything_of_the_person_goes(vendor, tmp_path):
    found = person.build(MARK, owner=UserFactory(), vendor=vendor)
    assert len(hits(MARK)) > 15

    erasure = erase(found)
    run_jobs()

    assert hits(MARK) == set()
    assert files(tmp_path) == {f"{found.other_export.pk}.csv": b"olga"}
    assert vendor.conversations == {}
    erasure.refresh_from_db()
    assert erasure.finished_at


@pytest.mark.django_db(transaction=True)
def test_the_chain_of_the_log_stays_whole():
    erase(person.build(MARK, owner=UserFactory()))

    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "The audit log holds: 1 lines." in out.getvalue()


def test_what_stays_is_untouched(vendor):
    found = person.build(MARK, owner=UserFactory())
    other = person.build(
        "olga", owner=UserFactory(), vacancy=found.vacancy, exports_a_list=False
    )
    kept = {
        name: len([row for row in rows if "olga" in row])
        for name, rows in everything().items()
    }

    erase(found)

    assert {
        name: len([row for row in rows if "olga" in row])
        for name, rows in everything().items()
    } == kept
    found.batch.refresh_from_db()
    assert [row["line"] for row in found.batch.rows] == [3]
    queries = SavedFilter.objects.order_by("query").values_list("query", flat=True)
    assert list(queries) == ["q=olga", "q=petrova", "q=petrova"]
    other.share.refresh_from_db()
    found.share.refresh_from_db()
    assert (other.share.revoked_at, bool(found.share.revoked_at)) == (None, True)


def test_a_sign_in_loses_what_names_the_person_and_no_more():
    found = person.build(MARK, owner=UserFactory())

    erase(found)

    assert dict(SessionStore(found.sign_in).items()) == {"_auth_user_id": "1"}


def test_the_proof_tells_no_name_and_is_found_by_the_address():
    found = person.build(MARK, owner=UserFactory())

    erasure = erase(found)

    assert list(proof.erasures_of(f" {MARK.upper()}@example.com")) == [erasure]
    assert list(proof.erasures_of("olga@example.com")) == []
    assert (erasure.cause, erasure.asked_by) == (Cause.REQUEST, found.owner)
    assert erasure.requested_at
    assert erasure.counts["interview_session"] == erasure.counts["candidate"] == 1
    assert erasure.counts["voice_event"] == 4


def test_the_erasure_is_a_line_of_the_log_that_names_nobody():
    found = person.build(MARK, owner=UserFactory())

    erase(found)

    line = AuditEvent.objects.get(action="erased")
    assert (line.actor, line.vacancy_id) == (found.owner.email, found.vacancy.pk)
    assert line.detail.startswith(f"person of candidate {found.candidate.pk}, request,")


def test_exports_with_the_person_say_that_they_are_gone(hr_client):
    found = person.build(MARK, owner=UserFactory())

    erase(found)

    for export in found.exports:
        export.refresh_from_db()
        assert (export.state, export.file.name) == (ExportState.GONE, "")
    found.other_export.refresh_from_db()
    assert found.other_export.state == ExportState.READY


def test_an_export_that_was_being_made_stays_gone(tmp_path):
    found = person.build(MARK, owner=UserFactory())
    export = found.exports[0]
    erase(found)
    run_jobs()

    made = making.Made("csv", making.Counted(iter([])))
    making.keep(export, made, BytesIO(MARK.encode()))
    making.make_and_keep(export.pk)

    export.refresh_from_db()
    assert export.state == ExportState.GONE
    assert set(files(tmp_path)) == {f"{found.other_export.pk}.csv"}


def test_a_hold_stands_against_it():
    found = person.build(MARK, owner=UserFactory())
    LegalHold.objects.create(
        vacancy=found.vacancy, reason="A dispute", placed_by=found.owner
    )

    with pytest.raises(Held):
        erase(found)

    assert Candidate.objects.filter(pk=found.candidate.pk).exists()
    assert not Erasure.objects.exists()


def test_an_open_interview_ends_only_if_that_is_said():
    session = SessionFactory()
    order = Order(Cause.STAFF)

    with pytest.raises(StillOpen):
        erasing.erase_person(candidate=session.candidate, order=order)
    erasing.erase_person(
        candidate=session.candidate, order=order._replace(ends_open=True)
    )

    assert not InterviewSession.objects.exists()


def test_twice_is_once():
    found = person.build(MARK, owner=UserFactory())
    erase(found)

    with pytest.raises(AlreadyErased):
        erase(found)

    assert Erasure.objects.count() == 1


def test_of_two_interviews_one_may_go():
    candidate = CandidateFactory()
    kept, gone = SessionFactory.create_batch(2, candidate=candidate, started=True)
    for session in (kept, gone):
        session.consents.add(session.consent)

    erasure = erasing.erase_interview(session_id=gone.pk, order=BY_STAFF)

    assert (erasure.extent, erasure.address_hash) == ("interview", "")
    assert list(InterviewSession.objects.all()) == [kept]
    assert list(Consent.objects.all()) == [kept.consent]
    erasing.erase_interview(session_id=kept.pk, order=BY_STAFF)
    assert not Candidate.objects.exists()


def test_nothing_is_half_erased(monkeypatch):
    """Whatever fails in the transaction, all is there afterwards, and nothing is queued."""
    found = person.build(MARK, owner=UserFactory())
    before = everything()
    monkeypatch.setattr(erasing, "tell", lambda *args: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        erase(found)

    assert everything() == before


def test_the_vendor_is_asked_until_it_answers(vendor):
    found = person.build(MARK, owner=UserFactory(), vendor=vendor)
    vendor.faults.outage = True
    erasure = erase(found)

    run_jobs()

    [step] = erasure.steps.filter(done_at=None)
    assert (step.attempts, step.place) == (1, "vendor")
    assert step.problem
    erasure.refresh_from_db()
    assert erasure.finished_at is None
    vendor.faults.outage = False
    erasure.steps.update(next_try_at="2020-01-01T00:00Z")
    reaching.go_on()
    run_jobs()
    erasure.refresh_from_db()
    assert erasure.finished_at
    assert vendor.conversations == {}
    assert [step.outcome for step in erasure.steps.filter(place="vendor")] == [
        "deleted"
    ]


def test_a_call_the_vendor_does_not_know_is_as_good_as_deleted(vendor):
    erasure = erase(person.build(MARK, owner=UserFactory()))

    run_jobs()

    assert [step.outcome for step in erasure.steps.filter(place="vendor")] == ["absent"]


def test_a_file_that_a_worker_put_back_goes_an_hour_later(vendor, tmp_path):
    found = person.build(MARK, owner=UserFactory())
    erasure = erase(found)
    run_jobs()
    late = tmp_path / "recordings" / "takes" / f"{found.take.pk}.webm"
    late.write_bytes(b"late")

    assert ProcrastinateJob.objects.filter(task_name=reaching.SECOND_LOOK).exists()
    reaching.look_again(erasure.pk)

    assert not late.exists()


def test_a_report_that_comes_afterwards_is_forgotten(vendor):
    found = person.build(MARK, owner=UserFactory(), vendor=vendor)
    erasure = erase(found)
    run_jobs()
    key = found.call.pk
    vendor.add_conversation(key)
    person.make.VoiceEventFactory(raw=MARK.encode(), conversation_id=key)

    reaching.go_on()
    run_jobs()

    assert hits(MARK) == set()
    assert vendor.conversations == {}
    erasure.refresh_from_db()
    assert erasure.finished_at


def test_restores_are_told_of_it_once(vendor):
    found = person.build(MARK, owner=UserFactory())
    erasure = erase(found)

    run_jobs()
    Erasure.objects.update(finished_at=None)
    reaching.reach(erasure.pk)

    noted = list(backup_erasures.read(backup_erasures.path()))
    assert [one.candidate for one in noted] == [found.candidate.pk]


def run(*arguments):
    out = StringIO()
    call_command("erase_candidate", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_looks_first_and_then_erases():
    found = person.build(MARK, owner=UserFactory())

    looked = run(found.candidate.email, "--dry-run")

    assert "     1  candidates" in looked
    assert "     4  events of the voice service" in looked
    assert "     1  calls at ElevenLabs" in looked
    assert Candidate.objects.filter(pk=found.candidate.pk).exists()
    assert "Erased: " in run(str(found.candidate.pk))
    assert "Erased on" in run(found.candidate.email)
    assert "Erased on" in run(str(found.candidate.pk))
    with pytest.raises(CommandError, match="no such candidate"):
        run("nobody@example.com")


def test_the_command_tells_what_stands_against_it():
    session = SessionFactory()

    with pytest.raises(CommandError, match="--end-open"):
        run(str(session.candidate.pk))

    assert "Erased: " in run(str(session.candidate.pk), "--end-open")


def test_every_table_is_known_to_the_erasure():
    """A new model says in privacy.tables what becomes of its rows."""
    from privacy import tables

    deleted = {table.model._meta.label_lower for table in tables.DELETED}
    lists = [deleted, set(tables.SEARCHED), set(tables.KEPT)]

    assert set.union(*lists) == {
        model._meta.label_lower for model in apps.get_models(include_auto_created=True)
    }
    assert sum(map(len, lists)) == len(set.union(*lists))


def test_every_table_that_leads_to_a_person_goes():
    """By its keys: nothing that hangs on a candidate or an interview may be kept."""
    from privacy import tables

    models = list(apps.get_models(include_auto_created=True))
    reached = {Candidate, InterviewSession}
    while more := {model for model in models if leads_to(model, reached)} - reached:
        reached |= more

    deleted = {table.model for table in tables.DELETED}
    searched = {model for model in models if model._meta.label_lower in tables.SEARCHED}
    assert reached - deleted - searched == set()


def leads_to(model, reached):
    fields = [*model._meta.fields, *model._meta.many_to_many]
    return any(field.related_model in reached for field in fields)

"""`manage.py backup` and `manage.py restore`: all comes back, and what is wrong is noticed."""

import json
import os
import re
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from core import backup, backup_database, backup_erasures, backup_state
from core.backup_database import ProgramError
from core.backup_manifest import Manifest, TableEntry, read
from core.backup_restoring import differences, rows_apart
from interviews.models import InterviewProgress, InterviewSession, Take
from tests.factories import ProgressFactory, SessionFactory

FILE = "takes/one.webm"


@pytest.fixture(scope="module")
def portal(django_db_setup, django_db_blocker):
    """Store an interview with a spoken answer, for all tests: programs of their own read it."""
    with django_db_blocker.unblock():
        session = SessionFactory(started=True)
        answer = ProgressFactory(session=session)
        Take.objects.create(
            session=session,
            question=answer.question,
            number=1,
            state="ready",
            file=FILE,
        )
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def places(portal, settings, tmp_path, monkeypatch):
    """Keep recordings, working files and the list of the erased in a folder of the test."""
    settings.STORAGES = settings.STORAGES | {"recordings": folder_of(tmp_path)}
    settings.ERASURES_FILE = str(tmp_path / "erasures.log")
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setattr(Take._meta.get_field("file"), "storage", storages["recordings"])
    storages["recordings"].save(FILE, ContentFile(b"a voice"))


def folder_of(path):
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": path / "recordings", "allow_overwrite": True},
    }


@pytest.fixture
def target(places, tmp_path):
    return tmp_path / "backups"


@contextmanager
def an_empty_machine(settings, tmp_path):
    """Let the portal have an empty database and an empty folder around a block."""
    own = connection.settings_dict["NAME"]
    elsewhere(f"CREATE DATABASE {own}_restored TEMPLATE template0")
    connection.settings_dict["NAME"] = f"{own}_restored"
    before = settings.STORAGES
    settings.STORAGES = before | {"recordings": folder_of(tmp_path / "new")}
    try:
        yield tmp_path / "new" / "recordings"
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
        settings.STORAGES = before
        elsewhere(f"DROP DATABASE {own}_restored")


@contextmanager
def changed(statement):
    """Change rows around a block."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)
        yield
        transaction.set_rollback(True)


def elsewhere(statement):
    """Run a statement about databases, on a connection of its own."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def run(command, *arguments):
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def test_what_is_backed_up_comes_back(settings, tmp_path, target):
    told = run("backup", "--to", target)
    [folder] = backup.backups(target)
    manifest = read(folder)
    answers = list(InterviewProgress.objects.values_list())

    with an_empty_machine(settings, tmp_path) as recordings:
        restored = run("restore", "--from", target)
        came_back = list(InterviewProgress.objects.values_list())
        compared = run("restore", "--from", target, "--compare")

    assert "1 recordings, 0 unchanged" in told
    assert "SECRET_KEY" in told
    assert manifest.tables["interview_progress"].rows == 1
    assert came_back == answers
    assert (recordings / "takes" / "one.webm").read_bytes() == b"a voice"
    assert "Rows and files are as they were." in restored
    assert compared == "Nothing differs.\n"


def test_backup_holds_no_secret(settings, target):
    settings.SECRET_KEY = "canary-" + "k" * 60
    settings.AGENT_API_KEY = "canary-of-the-agent"

    told = run("backup", "--to", target)

    [folder] = backup.backups(target)
    found = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert b"canary" not in b"".join(found)
    assert "canary" not in told


def test_backup_is_for_its_owner_alone(target):
    run("backup", "--to", target)

    modes = {path.stat().st_mode & 0o077 for path in target.glob("2*/*")}
    assert modes - {0o044} == {0}  # the manifest holds nothing private
    assert target.stat().st_mode & 0o077 == 0


def test_unchanged_files_are_shared_with_the_backup_before(target):
    first = backup.make(target)
    later(first.folder)
    storages["recordings"].save("takes/two.webm", ContentFile(b"another"))

    second = backup.make(target)

    one = "recordings/takes/one.webm"
    assert (second.shared, sorted(second.manifest.files)) == (
        1,
        ["takes/one.webm", "takes/two.webm"],
    )
    assert (second.folder / one).samefile(target / "2020-01-01T000000Z" / one)
    assert backup.verify(second.folder) == []


def test_file_that_changed_is_copied_anew(target):
    first = backup.make(target)
    later(first.folder)
    path = Path(storages["recordings"].path("takes/one.webm"))
    path.write_bytes(b"A VOICE")
    os.utime(path, ns=(1, 1))

    second = backup.make(target)

    assert second.shared == 0
    assert (second.folder / "recordings/takes/one.webm").read_bytes() == b"A VOICE"


def later(folder):
    """Make a backup one of long ago: two in a second would have the same name."""
    folder.rename(folder.with_name("2020-01-01T000000Z"))


def test_oldest_backups_go(target):
    later(backup.make(target).folder)
    shutil.copytree(target / "2020-01-01T000000Z", target / "2019-01-01T000000Z")

    made = backup.make(target, keep=2)

    assert made.removed == 1
    assert [path.name for path in backup.backups(target)] == [
        "2020-01-01T000000Z",
        made.folder.name,
    ]


def test_two_backups_at_once_are_refused(target):
    target.mkdir()
    lock = backup.FileLock(target / ".lock")
    assert lock.acquire("")

    with pytest.raises(CommandError, match="under way"):
        run("backup", "--to", target)

    lock.release()


def test_what_a_killed_backup_left_is_no_backup(target):
    (target / ".new-2026-11-23T000000Z").mkdir(parents=True)
    with pytest.raises(CommandError, match="no complete backup"):
        run("restore", "--from", target)

    run("backup", "--to", target)

    assert list(target.glob(".new-*")) == []


def test_rows_and_sums_are_of_the_moment_of_the_dump(
    settings, tmp_path, target, monkeypatch
):
    """Somebody answers while the backup is made: before the dump, after the snapshot."""
    dump = backup_database.dump

    def dump_while_somebody_answers(path, moment):
        connection_of_another("UPDATE interview_session SET finish_reason = 'later'")
        return dump(path, moment)

    monkeypatch.setattr(backup_database, "dump", dump_while_somebody_answers)
    run("backup", "--to", target)

    with an_empty_machine(settings, tmp_path):
        assert "as they were" in run("restore", "--from", target)
        reason = InterviewSession.objects.get().finish_reason

    assert reason == ""


def connection_of_another(statement):
    import psycopg

    info = connection.connection.info
    with psycopg.connect(info.dsn, password=info.password) as other:
        other.execute(statement)


def test_restore_refuses_a_database_in_use(target):
    run("backup", "--to", target)

    with pytest.raises(CommandError, match="database is not empty"):
        run("restore", "--from", target)


def test_restore_refuses_a_folder_in_use(settings, tmp_path, target):
    run("backup", "--to", target)

    with an_empty_machine(settings, tmp_path) as recordings:
        (recordings / "other").mkdir(parents=True)
        with pytest.raises(CommandError, match="Move it away"):
            run("restore", "--from", target)
        is_untouched = backup_database.is_empty()

    assert is_untouched


def test_restore_that_fails_leaves_nothing_behind(
    settings, tmp_path, target, monkeypatch
):
    run("backup", "--to", target)

    def fail(path, maker):
        raise ProgramError("pg_restore failed")

    with an_empty_machine(settings, tmp_path) as recordings:
        monkeypatch.setattr(backup_database, "restore", fail)
        with pytest.raises(CommandError, match="pg_restore failed"):
            run("restore", "--from", target)
        left = (list(recordings.iterdir()), backup_database.is_empty())

    assert left == ([], True)


def remove_file(folder):
    (folder / "recordings/takes/one.webm").unlink()


def change_file(folder):
    (folder / "recordings/takes/one.webm").write_bytes(b"b voice")


def add_file(folder):
    (folder / "recordings/stray").write_bytes(b"")


def cut_dump(folder):
    dump = folder / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-1])


def change_manifest(folder):
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"rows": 1', '"rows": 2', 1))


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (remove_file, "recordings/takes/one.webm: missing"),
        (change_file, "recordings/takes/one.webm: not what it was"),
        (add_file, "stray: not in the manifest"),
        (cut_dump, "database.dump: not as long as it was"),
        (change_manifest, "manifest.json: its sum does not fit, it was changed"),
    ],
)
def test_damage_is_noticed(target, damage, complaint):
    run("backup", "--to", target)
    [folder] = backup.backups(target)
    assert run("restore", "--from", target, "--verify") == f"{folder} is whole.\n"

    damage(folder)

    assert backup.verify(folder) == [complaint]


def test_damaged_backup_is_not_restored(settings, tmp_path, target):
    run("backup", "--to", target)
    remove_file(backup.find(target))

    with an_empty_machine(settings, tmp_path):
        with pytest.raises(CommandError, match="damaged"):
            run("restore", "--from", target)
        assert backup_database.is_empty()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM answer_take",
        "UPDATE interview_progress SET answer_text = answer_text || '!'",
    ],
)
def test_row_that_differs_is_noticed(target, statement):
    run("backup", "--to", target)
    assert run("restore", "--from", target, "--compare") == "Nothing differs.\n"

    with changed(statement):
        found = differences(read(backup.find(target)))

    assert len(found) == 1


def test_row_that_names_a_file_that_is_gone_is_noticed(target):
    run("backup", "--to", target)

    with changed("UPDATE answer_take SET file = 'takes/gone.webm'"):
        found = differences(read(backup.find(target)))

    assert found[1:] == ["1 rows name a recording that is not there"]


# The mark has the database set up, to which the others here write without transactions.
@pytest.mark.django_db
def test_table_that_is_not_there_is_told():
    one = TableEntry(1, "5")

    assert list(rows_apart({"a": one}, {"b": one})) == [
        "table a: missing",
        "table b: not in the backup",
    ]


def test_restore_tells_of_other_keys_and_of_whom_to_erase_again(
    settings, tmp_path, target
):
    backup_erasures.append(
        backup_erasures.path(),
        [backup_erasures.Erasure(datetime.now(UTC) - timedelta(days=1), 11)],
    )
    run("backup", "--to", target)
    backup_erasures.note(12)

    with an_empty_machine(settings, tmp_path):
        settings.SECRET_KEY = "another-" * 9
        told = run("restore", "--from", target)

    assert "SECRET_KEY lacks a key" in told
    assert re.findall(r"erase_candidate (\d+)", told) == ["12"]


def test_list_of_the_erased_is_kept_beside_the_backups(target, tmp_path):
    backup_erasures.note(12)
    run("backup", "--to", target)
    Path(backup_erasures.path()).unlink()

    erased = backup_erasures.since(datetime(2020, 1, 1, tzinfo=UTC), target)

    assert erased == [12]


def test_line_that_a_crash_cut_is_left_out(tmp_path):
    file = tmp_path / "erasures.log"
    file.write_text("2026-11-23T00:00:00+00:00 7\n2026-11-2")

    assert [one.candidate for one in backup_erasures.read(file)] == [7]


def test_last_backup_is_remembered(target):
    assert backup_state.last_backup() is None

    made = backup.make(target)

    assert backup_state.last_backup() == datetime.fromisoformat(made.manifest.made_at)


def test_bucket_is_named_and_not_copied(settings, target, monkeypatch):
    settings.STORAGES = settings.STORAGES | {
        "recordings": {
            "BACKEND": "django.core.files.storage.InMemoryStorage",
        }
    }
    monkeypatch.setattr(backup, "bucket", lambda: "voices")

    told = run("backup", "--to", target)

    assert "in the bucket voices" in told
    assert read(backup.find(target)).files == {}


def test_backup_of_a_later_version_is_left_alone(target):
    run("backup", "--to", target)
    path = backup.find(target) / "manifest.json"
    whole = json.loads(path.read_text())
    whole["manifest"]["format"] = 99
    path.write_text(json.dumps(whole))

    assert backup.verify(backup.find(target)) == [
        "The backup was made by a later version of Parley: restore it by that."
    ]
    assert not isinstance(read(backup.find(target)), Manifest)


def test_missing_programs_are_named(monkeypatch):
    monkeypatch.setattr(backup_database, "places", lambda name: [])

    with pytest.raises(ProgramError, match="postgresql-client-18"):
        backup_database.find("pg_dump", at_least=18)


def test_program_of_the_oldest_fitting_version_is_taken(monkeypatch):
    monkeypatch.setattr(backup_database, "places", lambda name: ["16", "18", "17"])
    monkeypatch.setattr(backup_database, "major", int)

    assert backup_database.find("pg_dump", at_least=17) == "17"

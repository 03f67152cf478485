"""The promises of the embedded PostgreSQL, with real servers and real kills."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from core import postgres, postgres_programs
from core.environment import BASE_DIR
from core.postgres import EmbeddedPostgres, PostgresError, ServerInUse
from core.postgres_programs import Account

OWNER = """
import sys, time
from pathlib import Path
from core.postgres import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1]), fsync=False):
    print("ready", flush=True)
    time.sleep(60)
"""


@contextmanager
def short_folder():
    """A folder whose name leaves room for a socket's, and which the server's account may enter."""
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def cluster():
    """One data folder for the module, because initdb is the slow part."""
    with short_folder() as folder:
        yield folder / "data"


@pytest.fixture
def owner(cluster):
    """Another process that owns the server."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(cluster)],
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"ready\n"
    yield process
    process.kill()
    process.communicate()


def server_on(cluster, **options):
    return EmbeddedPostgres(cluster, fsync=False, **options)


def ask(server, query):
    with psycopg.connect(server.url(), autocommit=True) as connection:
        return connection.execute(query).fetchone()[0]


def server_pid(cluster):
    return int((cluster / "postmaster.pid").read_text().split("\n")[0])


def wait_until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_data_is_kept_between_runs_and_nothing_runs_in_between(cluster):
    with server_on(cluster) as server, psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
        connection.commit()
        pid = server_pid(cluster)

    assert not psutil.pid_exists(pid)
    with server_on(cluster) as server:
        assert ask(server, "SELECT value FROM kept") == 7


def test_search_ignores_case_in_cyrillic(cluster):
    with server_on(cluster) as server:
        assert ask(server, "SELECT 'Иванов' ILIKE '%иванов%'")
        assert ask(server, "SELECT upper('ещё')") == "ЕЩЁ"


def test_second_start_joins_and_leaves_the_server_running(cluster, owner):
    with server_on(cluster) as guest:
        assert not guest.is_owner
        assert ask(guest, "SELECT 1") == 1

    assert ask(guest, "SELECT 1") == 1


def test_start_without_joining_names_the_owner(cluster, owner):
    with pytest.raises(ServerInUse, match=str(owner.pid)):
        server_on(cluster, join=False).start()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_server_ends_when_its_owner_is_killed(cluster, owner):
    server = psutil.Process(server_pid(cluster))

    owner.kill()

    wait_until(
        lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
    )


def test_server_without_an_owner_is_replaced(cluster):
    leaked = server_on(cluster)
    leaked.start()
    leaked._lock.release()

    with server_on(cluster) as server:
        assert leaked._process.wait(10) == 0
        assert server.is_owner
        assert ask(server, "SELECT 1") == 1


@pytest.mark.parametrize("content", ["", "nonsense\n", "{dead}\n", "{sleep}\n"])
def test_stale_pid_file_does_not_stop_the_start(cluster, content):
    with server_on(cluster):
        pass
    dead = subprocess.Popen(["true"])
    dead.wait()
    sleep = subprocess.Popen(["sleep", "60"])
    text = content.format(dead=dead.pid, sleep=sleep.pid)
    (cluster / "postmaster.pid").write_text(text)

    with server_on(cluster) as server:
        assert ask(server, "SELECT 1") == 1

    assert sleep.poll() is None
    sleep.kill()
    sleep.wait()


def test_interrupted_initdb_is_done_again():
    with short_folder() as folder:
        half = folder / "data.new-killed"
        half.mkdir()
        (half / "PG_VERSION").write_text("18\n")

        with server_on(folder / "data") as server:
            assert ask(server, "SELECT 1") == 1

        assert not half.exists()


def test_foreign_folder_is_not_overwritten():
    with short_folder() as folder:
        letter = folder / "data" / "letter.txt"
        letter.parent.mkdir()
        letter.write_text("mine")

        with pytest.raises(PostgresError, match="Move it away"):
            server_on(folder / "data").start()

        assert letter.read_text() == "mine"


@pytest.mark.parametrize("folder", ["/srv/" + "long/" * 30, "/srv/портал", "/srv/a, b"])
def test_socket_moves_when_the_path_does_not_fit_it(folder):
    found = postgres.socket_dir(Path(folder))

    assert found.parent == Path("/tmp")
    assert found != postgres.socket_dir(Path(folder) / "other")


def test_socket_folder_of_another_user_is_refused(tmp_path):
    tmp_path.chmod(0o777)

    with pytest.raises(PostgresError, match="alone"):
        postgres_programs.make_private(tmp_path, None)


def test_closed_parent_folder_is_named_and_stays_closed(tmp_path):
    account = Account("nobody", 65534, 65534)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(PostgresError, match="may not enter") as error:
        postgres_programs.require_access(account, closed)

    assert "DATABASE_URL" in str(error.value)
    assert closed.stat().st_mode & 0o777 == 0o700


def test_data_of_root_leaves_a_closed_folder_and_stays_in_an_open_one(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        postgres_programs, "root_account", lambda: Account("nobody", 65534, 65534)
    )
    monkeypatch.setattr(postgres_programs, "ROOTS_HOME", Path("/var/lib/parley"))
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    assert postgres_programs.home(Path("/usr/share")) == Path("/usr/share")
    assert postgres_programs.home(closed).parent == Path("/var/lib/parley")


def test_programs_in_a_closed_folder_are_copied_once_and_run(tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    package = postgres_programs.binaries().parent.parent
    shutil.copytree(package, closed / package.name)
    libraries = f"{package.name}.libs"
    shutil.copytree(package.with_name(libraries), closed / libraries)
    monkeypatch.setattr(
        postgres_programs,
        "binaries",
        lambda: closed / package.name / "pginstall" / "bin",
    )
    monkeypatch.setattr(postgres_programs, "ROOTS_HOME", tmp_path / "home")
    account = Account("nobody", 65534, 65534)

    programs = postgres_programs.binaries_for(account)

    assert programs.is_relative_to(tmp_path / "home")
    assert programs == postgres_programs.binaries_for(account)
    answer = subprocess.run([programs / "initdb", "--version"], capture_output=True)
    assert b"PostgreSQL" in answer.stdout


def test_user_without_a_name_is_told_so(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 987654)

    with pytest.raises(PostgresError, match="987654"):
        postgres_programs.choose_account()


def test_missing_package_names_both_ways_out(monkeypatch):
    monkeypatch.setattr(postgres_programs, "find_spec", lambda name: None)

    with pytest.raises(
        PostgresError, match=r"requirements-demo\.txt, or set DATABASE_URL"
    ):
        postgres_programs.binaries()


@pytest.mark.parametrize(
    ("arguments", "variables", "expected"),
    [
        (["manage.py", "migrate"], {}, True),
        (["manage.py", "check"], {}, False),
        (["manage.py", "check", "--database", "default"], {}, True),
        (["manage.py"], {}, False),
        (["manage.py", "migrate"], {"DATABASE_URL": "postgresql://db/parley"}, False),
        (["manage.py", "migrate"], {"DEMO": "false"}, False),
    ],
)
def test_needs_server(arguments, variables, expected, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for name, value in ({"DEMO": "true"} | variables).items():
        monkeypatch.setenv(name, value)

    assert postgres.needs_server(arguments) is expected

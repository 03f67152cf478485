"""Servers and databases of the benchmark leave nothing behind, and say why they fail."""

import os
import subprocess
import sys

import psutil
import pytest

from bench.harness import database, processes
from bench.harness.servers import (
    ServerError,
    free_port,
    procfile_command,
    server,
)

SERVE = [sys.executable, "-c"]
# A server with a child, as gunicorn has workers; the child would outlive it.
PARENT = """
import http.server, os, subprocess, sys
print(subprocess.Popen(["sleep", "60"]).pid, flush=True)
http.server.test(http.server.SimpleHTTPRequestHandler, port=int(os.environ["PORT"]), bind="127.0.0.1")
"""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("VAR_DIR", str(tmp_path))


def test_a_server_ends_with_its_children_even_after_an_error():
    def fail():
        with server([*SERVE, PARENT], name="x", port=free_port(), ready="/") as running:
            pids.extend([running.pid, int(running.log.read_text().split()[0])])
            assert all(psutil.pid_exists(pid) for pid in pids)
            assert len(running.worker_megabytes()) == 1
            raise ZeroDivisionError

    pids = []
    with pytest.raises(ZeroDivisionError):
        fail()

    # A child whose parent is gone may wait for its own end to be noticed.
    _, alive = psutil.wait_procs(
        [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)], timeout=3
    )
    assert not alive


def test_a_server_that_ends_shows_the_end_of_its_log():
    command = [*SERVE, "raise SystemExit('no such setting')"]

    with pytest.raises(ServerError, match="no such setting"):  # noqa: SIM117
        with server(command, name="x", port=free_port()):
            pass


def test_the_procfiles_command_is_taken_as_it_stands():
    [shell, option, command] = procfile_command("web")

    assert (shell, option) == ("sh", "-c")
    assert command.startswith("exec ")
    with pytest.raises(ServerError, match="no line nothing"):
        procfile_command("nothing")


def test_cpu_of_children_that_are_gone_still_counts():
    before = processes.cpu_seconds(os.getpid())
    burn = "import time\nwhile time.process_time() < 0.2: pass"
    subprocess.run([sys.executable, "-c", burn], check=True)

    assert processes.cpu_seconds(os.getpid()) - before >= 0.15


def test_folders_of_killed_runs_are_removed_and_others_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "home", lambda folder: folder)
    # The largest process number there can be is not in use.
    for name in ("bench-turns-4194304", f"bench-turns-{os.getpid()}", "bench-postgres"):
        (tmp_path / name).mkdir()
    (tmp_path / "bench-turns-4194304.log").write_text("")

    database.remove_leftovers()

    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["bench-postgres", f"bench-turns-{os.getpid()}"]


def test_variables_are_as_before_after_the_block(monkeypatch):
    monkeypatch.setenv("DEMO", "true")
    before = dict(os.environ)

    with database.variables({"DATABASE_URL": "elsewhere", "SECRET_KEY": "x"}):
        assert os.environ["DATABASE_URL"] == "elsewhere"
        assert "DEMO" not in os.environ

    assert dict(os.environ) == before

"""`manage.py portal`: what it refuses, and one whole life from start to Ctrl-C."""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core.environment import BASE_DIR
from core.management.commands import portal
from core.processes import FileLock

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing is bound to it


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def is_alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def wait_until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_taken_port_is_refused_with_the_command_for_another(listener):
    port = listener.getsockname()[1]

    with pytest.raises(CommandError, match=rf"PORT={port + 1} make run"):
        portal.require_free_port("127.0.0.1", port)


def test_free_port_is_accepted():
    portal.require_free_port("127.0.0.1", free_port())


def test_unknown_host_is_refused():
    with pytest.raises(CommandError, match="no address of this machine"):
        portal.require_free_port("nowhere.invalid", 8000)


def test_portal_is_for_the_demo_alone(monkeypatch):
    monkeypatch.setenv("DEMO", "false")

    with pytest.raises(CommandError, match="DEMO=true"):
        call_command("portal")


def test_second_portal_is_told_the_address_of_the_first(monkeypatch, tmp_path):
    monkeypatch.setenv("VAR_DIR", str(tmp_path))

    with (
        portal.sole_portal("http://127.0.0.1:8000"),
        pytest.raises(CommandError, match=r"at http://127\.0\.0\.1:8000 \(process"),
        portal.sole_portal("http://127.0.0.1:8001"),
    ):
        pass

    lock = FileLock(tmp_path / "portal.lock")
    assert lock.acquire("free again")
    lock.release()


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), (EVERYWHERE, "192.0.2.7")],
)
def test_printed_host_can_be_opened(host, expected, monkeypatch):
    monkeypatch.setattr(portal, "own_address", lambda: "192.0.2.7")

    assert portal.url_host(host) == expected


def test_all_addresses_are_probed_on_this_machine():
    assert portal.local_host(EVERYWHERE) == "127.0.0.1"
    assert portal.local_host("::") == "[::1]"


def test_probe_tells_what_is_missing():
    assert "refused" in portal.probe(f"http://127.0.0.1:{free_port()}/readyz")


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ({"web": None, "worker": 3}, r"The worker process ended \(code 3\)"),
        ({"web": -9, "worker": None}, r"The web process ended \(code -9\)"),
    ],
)
def test_ended_child_is_named(codes, message):
    children = {
        name: SimpleNamespace(poll=lambda code=code: code, returncode=code)
        for name, code in codes.items()
    }

    with pytest.raises(CommandError, match=message):
        portal.Watch(children, None).require_all()


def test_ended_database_is_named_with_its_log():
    database = SimpleNamespace(is_running=False, log_path="var/postgres.log")

    with pytest.raises(CommandError, match=r"var/postgres\.log"):
        portal.Watch({}, database).require_all()


def test_stop_signal_counts_once_and_is_given_back():
    before = signal.getsignal(signal.SIGTERM)

    with portal.stop_signals():
        with pytest.raises(portal.StopRequested):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)

    assert signal.getsignal(signal.SIGTERM) == before


def test_child_ends_with_what_it_started():
    command = ["sh", "-c", "sleep 60 & sleep 61"]

    with portal.child(command, os.environ) as process:
        shell = psutil.Process(process.pid)
        wait_until(lambda: len(shell.children()) == 2)
        started = [shell, *shell.children()]

    wait_until(lambda: not any(is_alive(each) for each in started))


def test_children_log_quietly_unless_told_otherwise(monkeypatch):
    monkeypatch.delenv("LOG_LEVEL", raising=False)
    assert portal.child_environment("127.0.0.1", 8000)["LOG_LEVEL"] == "WARNING"

    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    assert portal.child_environment("127.0.0.1", 8000)["LOG_LEVEL"] == "DEBUG"


def test_static_files_are_collected_when_a_source_has_changed(
    monkeypatch, settings, tmp_path
):
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    settings.STATIC_ROOT = tmp_path
    calls = []
    monkeypatch.setattr(portal, "call_command", lambda name, **options: calls.append(1))

    for digest in ("one", "one", "two"):
        monkeypatch.setattr(portal, "static_digest", lambda digest=digest: digest)
        portal.collect_static()

    assert len(calls) == 2


@pytest.fixture(scope="module")
def fresh_checkout():
    """The environment of a checkout that has nothing yet: a database of its own, random secrets.

    The second portal of the module begins with what the first has left, as at home.
    """
    with tempfile.TemporaryDirectory(prefix="portal-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        hidden = {"DATABASE_URL", "PYTHONUNBUFFERED"}
        inherited = {k: v for k, v in os.environ.items() if k not in hidden}
        yield inherited | {
            "AGENT_API_KEY": secrets.token_urlsafe(32),
            "DEMO": "true",
            "DEMO_PASSWORD": secrets.token_urlsafe(9),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "STATIC_ROOT": f"{name}/static",
            "VAR_DIR": f"{name}/var",
        }


@pytest.fixture
def demo_variables(fresh_checkout):
    return fresh_checkout | {"PORT": str(free_port())}


@contextmanager
def running_portal(variables, *command, until="Ctrl-C"):
    """Run the whole portal as a person would; yield its process and what it printed."""
    process = subprocess.Popen(
        [sys.executable, *(command or ("manage.py", "portal"))],
        cwd=BASE_DIR,
        env=variables,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, "".join(iter_until(process.stdout, until))
    finally:
        process.kill()
        process.communicate()


@pytest.mark.e2e
def test_portal_holds_many_interviews_from_one_command_to_ctrl_c(demo_variables):
    with running_portal(demo_variables) as (process, printed):
        parts = psutil.Process(process.pid).children(recursive=True)
        links = re.findall(r"http://[\w.:/-]+", printed)

        assert len(links) >= 3, printed
        assert {status_of(link) for link in links} == {200}

        simulation = simulate(demo_variables, sessions=60, parallel=20)
        assert simulation.returncode == 0, simulation.stderr
        assert b"60 of 60 finished" in simulation.stdout

        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert not any(is_alive(part) for part in parts)


def simulate(variables, *, sessions, parallel):
    """Hold interviews at the running portal, and return the ended command."""
    numbers = ["--sessions", str(sessions), "--parallel", str(parallel)]
    return subprocess.run(
        [sys.executable, "manage.py", "simulate_interviews", *numbers],
        cwd=BASE_DIR,
        env=variables,
        capture_output=True,
    )


@pytest.mark.e2e
@pytest.mark.usefixtures("_widget")
def test_voice_demo_lives_from_one_command_to_ctrl_c(demo_variables):
    variables = demo_variables | {"VOICE_PORT": str(free_port())}
    command = "scripts/demo_voice.py"

    # It says so when the agent is made, and so the portal and the stand-in are there.
    with running_portal(variables, command, until="to be quoted") as (process, printed):
        parts = psutil.Process(process.pid).children(recursive=True)

        assert "to be quoted" in printed

        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert not any(is_alive(part) for part in parts)


def iter_until(lines, word):
    for line in lines:
        yield line
        if word in line:
            return


def status_of(link):
    with urllib.request.urlopen(link, timeout=10) as response:  # noqa: S310 - printed by us
        return response.status

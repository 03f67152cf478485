"""The webhook on the shipped server: real sockets, real chunks, real transactions."""

import hashlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlsplit

import psutil
import pytest
from django.db import connection

from core.environment import BASE_DIR
from tests.core.test_portal import free_port, wait_until
from tests.voice.deliveries import POISON, SECRET, URL, dice, report, signed
from voice.bodies import MAX_BYTES
from voice.events import KEPT_BYTES
from voice.models import EventState, VoiceEvent

pytestmark = pytest.mark.django_db(transaction=True)

MB = 1024 * 1024
WEB_SERVER = ["-m", "config.server"]
PREVIOUS = "the one before"


def database_url():
    return (
        urlsplit(os.environ["DATABASE_URL"])
        ._replace(path=f"/{connection.settings_dict['NAME']}")
        .geturl()
    )


def variables(port):
    return os.environ | {
        "AGENT_API_KEY": secrets.token_urlsafe(32),
        "DATABASE_URL": database_url(),
        "DEMO": "true",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ELEVENLABS_WEBHOOK_SECRET": SECRET,
        "ELEVENLABS_WEBHOOK_SECRET_PREVIOUS": PREVIOUS,
        "PORT": str(port),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "WEB_CONCURRENCY": "2",
    }


@contextmanager
def running(port, log):
    process = subprocess.Popen(
        [sys.executable, *WEB_SERVER],
        cwd=BASE_DIR,
        env=variables(port),
        stdout=log,
        stderr=log,
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    """Run the web server of the Procfile against the tests' database."""
    log = tmp_path_factory.mktemp("server") / "log"
    port = free_port()
    with (
        log.open("wb") as file,
        django_db_blocker.unblock(),
        running(port, file) as process,
    ):
        wait_until(lambda: answers(port) and len(process.children()) == 2)
        yield Server(port, process)
    assert b'"level": "ERROR"' not in log.read_bytes()


class Server:
    def __init__(self, port, process):
        self.port, self.process = port, process

    def post(self, raw, header=None, *, chunk=0):
        """Deliver bytes, in chunks of that size or with their length."""
        headers = {
            "Content-Type": "application/json",
            "ElevenLabs-Signature": signed(raw) if header is None else header,
        }
        # Refused by its header alone, a call may be over before its body is sent: then
        # the connection breaks, and nothing says whether the answer was read. Again.
        for _ in range(5):
            with suppress(BrokenPipeError, ConnectionResetError):
                return self.ask(pieces(raw, chunk) if chunk else raw, headers, chunk)
        raise AssertionError("Each connection broke off.")

    def ask(self, body, headers, chunk):
        with closing(self.connect()) as caller:
            caller.request("POST", URL, body, headers, encode_chunked=bool(chunk))
            response = caller.getresponse()
            return response.status, response.read()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def say(self, text, *, then_close=False):
        """Send these very bytes; return the status of what comes back."""
        with socket.create_connection(("127.0.0.1", self.port), 10) as caller:
            caller.sendall(text)
            if then_close:
                caller.shutdown(socket.SHUT_WR)
            return int(caller.recv(65536).split(b" ", 2)[1])

    def memory(self):
        return sum(child.memory_info().rss for child in self.process.children())


def pieces(raw, size):
    for start in range(0, len(raw), size):
        yield raw[start : start + size]


def head(raw, *lines):
    lines = [f"POST {URL} HTTP/1.1", "Host: test", *lines]
    signature = f"ElevenLabs-Signature: {signed(raw)}"
    return "\r\n".join([*lines, signature, "", ""]).encode()


def states():
    rows = VoiceEvent.objects.values_list("sha256", "state")
    return dict(rows)


def sha256(raw):
    return hashlib.sha256(raw).hexdigest()


@pytest.mark.parametrize("chunk", [0, 7, 4096], ids=["length", "7", "4096"])
def test_matrix(server, queued, chunk):
    """What is sent, the answer expected, and the state of the row that holds it."""
    kept, refused = EventState.RECEIVED, EventState.REJECTED
    raws = {name: report(name) for name in ("good", "bad", "old", "future", "rotated")}
    large = b'{"a": "' + bytes(range(32, 127)) * 12_000 + b'"}'
    cases = [
        (raws["good"], None, 200, kept),
        (raws["bad"], signed(raws["bad"], secret="wrong"), 401, refused),
        (raws["old"], signed(raws["old"], age=3700), 401, refused),
        (raws["future"], signed(raws["future"], age=-400), 401, refused),
        (raws["rotated"], signed(raws["rotated"], secret=PREVIOUS), 200, kept),
        (raws["good"], None, 200, kept),
        (raws["good"], "", 401, kept),
        (raws["good"], signed(raws["good"], secret="wrong"), 401, kept),
        (report("unsigned"), "", 401, None),
        (report("odd"), "t=abc,v0=é", 401, None),
        *[(raw, None, 200, kept) for raw in POISON.values()],
    ]
    if chunk != 7:
        cases.append((large, None, 200, kept))
    expected = {}

    for raw, header, status, state in cases:
        assert server.post(raw, header, chunk=chunk)[0] == status, raw[:40]
        if state:
            expected[sha256(raw)] = state

    assert states() == expected
    for event in VoiceEvent.objects.all():
        assert sha256(bytes(event.raw)) == event.sha256
    assert len(queued()) == list(expected.values()).count(kept)


def test_refused_bytes_that_come_again_well_signed(server, queued):
    raw = report()
    server.post(raw, signed(raw, secret="wrong"))

    assert server.post(raw) == (200, b'{"stored":true}')
    assert server.post(raw) == (200, b'{"stored":true,"duplicate":true}')

    assert states() == {sha256(raw): EventState.RECEIVED}
    assert len(queued()) == 1


def test_recording_of_sixty_megabytes(server, queued):
    raw = b'{"full_audio": "%s"}' % (dice(1).randbytes(30 * MB).hex().encode())

    assert server.post(raw, chunk=64 * 1024)[0] == 200

    event = VoiceEvent.objects.defer("raw").get()
    assert (event.sha256, event.size) == (sha256(raw), len(raw))
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(sha256(raw), 'hex') FROM voice_event")
        assert cursor.fetchone() == (sha256(raw),)
    assert queued() == [event.pk]


def test_body_over_the_limit_is_413(server):
    announced = head(b"", f"Content-Length: {MAX_BYTES + 1}")
    assert server.say(announced) == 413

    raw = bytes(MAX_BYTES + 1)
    # Refused before the last byte is read, if the caller lets itself be told.
    assert server.post(raw, chunk=MB)[0] == 413

    assert states() == {}


def test_body_at_the_limit_is_read_and_not_kept_if_refused(server):
    raw = bytes(MAX_BYTES)

    assert server.post(raw, signed(raw, secret="wrong"), chunk=MB)[0] == 401

    assert states() == {}


def test_broken_upload_is_400_and_leaves_nothing(server):
    broken = head(b"whole", "Content-Length: 5") + b"who"

    assert server.say(broken, then_close=True) == 400
    assert states() == {}


@pytest.mark.parametrize("rest", [b"5\r\nwho", b"x\r\nwhole\r\n0\r\n\r\n"])
def test_upload_that_breaks_off_between_chunks_is_signed_wrongly(server, rest):
    """The web server takes what came for the whole; the signature knows better."""
    broken = head(b"whole", "Transfer-Encoding: chunked") + rest

    assert server.say(broken, then_close=True) == 401
    assert set(states().values()) == {EventState.REJECTED}


def test_slow_upload_holds_no_memory(server):
    """100 MB are under way at each of three callers, and on the disk meanwhile."""
    raw = bytes(99 * MB)
    before = server.memory()
    callers = [slow_upload(server.port, raw) for _ in range(3)]
    growth = server.memory() - before
    for caller in callers:
        caller.close()

    assert growth < 30 * MB
    wait_until(lambda: answers(server.port))
    assert states() == {}


def slow_upload(port, raw):
    """Send all but the end."""
    caller = socket.create_connection(("127.0.0.1", port), 30)
    caller.sendall(head(b"", f"Content-Length: {len(raw) + 1}") + raw)
    return caller


def test_identical_deliveries_at_once_are_one_event(server, queued):
    raw = report(text="x" * KEPT_BYTES)
    header = signed(raw)

    with ThreadPoolExecutor(20) as pool:
        got = list(pool.map(lambda _: server.post(raw, header), range(20)))

    assert [status for status, _ in got] == [200] * 20
    assert sorted(answer for _, answer in got) == [
        b'{"stored":true,"duplicate":true}'
    ] * 19 + [b'{"stored":true}']
    assert len(states()) == len(queued()) == 1


def test_shuffled_deliveries_are_one_event_each(server, queued):
    """500 deliveries of 100 reports, 1 to 9 times each, in any order, 10 at a time."""
    chance = dice(5)
    raws = [report(f"conv_{number}") for number in range(100)]
    deliveries = raws + chance.choices(raws, k=400)
    chance.shuffle(deliveries)

    with ThreadPoolExecutor(10) as pool:
        got = list(pool.map(server.post, deliveries))

    assert [status for status, _ in got] == [200] * 500
    assert [answer for _, answer in got].count(b'{"stored":true}') == 100
    assert states() == {sha256(raw): EventState.RECEIVED for raw in raws}
    assert len(queued()) == 100


def test_connection_serves_on_after_a_refusal(server):
    """What was not read of a refused body must not pass for the next request."""
    raw = report(text="x" * 20_000)
    with closing(server.connect()) as caller:
        for header, expected in (("", 401), (signed(raw), 200), ("odd", 401)):
            caller.request("POST", URL, raw, {"ElevenLabs-Signature": header})
            response = caller.getresponse()
            response.read()
            assert response.status == expected

    assert states() == {sha256(raw): EventState.RECEIVED}


def test_killed_server_takes_its_processes_along(tmp_path):
    """Else they would keep the port, and serve an old version beside the next one."""
    port = free_port()
    with (tmp_path / "log").open("wb") as log, running(port, log) as process:
        wait_until(lambda: are_serving(process.children()))
        children = process.children()

        process.kill()
        _, alive = psutil.wait_procs(children, timeout=20)

    assert children
    assert alive == []


def are_serving(children):
    """Tell whether both have loaded the application: then they start their threads."""
    return len(children) == 2 and all(child.num_threads() > 2 for child in children)

"""The generator's logic: a benchmark that flatters is worse than none."""

import random
import socket
import threading
from collections import Counter
from itertools import takewhile

import pytest

from bench.capacity import loop as capacity_loop
from bench.capacity import rates, report
from bench.capacity.calls import ATTEMPTS, Calls
from bench.capacity.figures import Figures, percentile
from bench.capacity.ledger import Ledger, Verdict
from bench.capacity.loop import Loop, Pool, now
from bench.capacity.wire import BROKEN, TIMED_OUT, Exchange, Request, Response

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def dice(seed):
    return random.Random(seed)  # noqa: S311 (the same in every run)


def response(status: int, *headers: str, body: bytes = b"") -> Response:
    head = "\r\n".join([f"HTTP/1.1 {status} -", *headers])
    return Response(status, head.encode(), body)


def exchange(kind: str = "answer", due: float = 0) -> Exchange:
    made = Exchange(kind, b"", patience=20)
    made.due = due
    return made


# The model


def test_arrivals_are_poisson_streams_of_the_right_rates():
    wanted = {"turn": 40.0, "next": 4.0, "start": 2.0}

    events = takewhile(
        lambda arrival: arrival.at < 500, rates.arrivals(wanted, dice(1))
    )
    found = list(events)

    counts = Counter(arrival.kind for arrival in found)
    for kind, rate in wanted.items():
        # Four standard deviations of a Poisson count.
        assert abs(counts[kind] - rate * 500) < 4 * (rate * 500) ** 0.5
    turns = Counter(int(a.at) for a in found if a.kind == "turn")
    per_second = [turns[second] for second in range(500)]
    mean = sum(per_second) / 500
    variance = sum((number - mean) ** 2 for number in per_second) / 500
    # Of a Poisson stream both are equal; of a regular one there is no variance.
    assert 0.8 < variance / mean < 1.2


def test_arrivals_repeat_with_the_same_dice():
    first = rates.arrivals({"turn": 1.0}, dice(7))
    again = rates.arrivals({"turn": 1.0}, dice(7))

    assert [next(first) for _ in range(20)] == [next(again) for _ in range(20)]


def test_rates_grow_with_the_interviews_but_for_hr():
    one, ten = rates.rates(1000), rates.rates(10_000)

    assert ten.pop("hr") == one.pop("hr")
    assert ten == {kind: pytest.approx(10 * rate) for kind, rate in one.items()}
    assert one["turn"] == pytest.approx(1000 / 45)


def test_pages_intervals_are_read_from_the_page(tmp_path, monkeypatch):
    page = tmp_path / "agent.js"
    page.write_text(
        "const ALIVE_MILLISECONDS = 60_000;\nconst LOOKS = { atLatest: 5_000 };"
    )
    monkeypatch.setattr(rates, "AGENT_PAGE", page)

    assert rates.page_seconds("ALIVE_MILLISECONDS") == 60
    assert rates.page_seconds("atLatest") == 5
    with pytest.raises(LookupError, match=r"agent\.js has no afterTool"):
        rates.page_seconds("afterTool")


def test_idle_looks_are_what_the_pages_timer_does(monkeypatch):
    monkeypatch.setattr(rates, "page_seconds", lambda name: 30.0)
    rate, thrown = 1.1 / 45, dice(3)

    looks, seconds = 0, 0.0
    for _ in range(50_000):
        silence = thrown.expovariate(rate)
        seconds += silence
        looks += int(silence / 30)

    assert rates.idle_looks() == pytest.approx(looks / seconds, rel=0.05)


# Counting


def test_latency_is_counted_from_when_a_call_was_due(monkeypatch):
    """The one connection is busy: what waits for it is late, and its time runs."""
    monkeypatch.setattr(capacity_loop, "MOST", 1)
    with SlowServer(0.05) as server:
        loop = Loop()
        times = []
        pool = Pool(loop, server.address, lambda e, r: times.append(loop.due - e.due))
        start = now()
        for _ in range(4):
            loop.at(start, send, loop, pool)
        while len(times) < 4:
            loop.run_once(now() + 1)
        pool.close()

    for place, seconds in enumerate(times, start=1):
        assert seconds >= place * 0.05


def test_call_that_is_not_answered_in_time_is_given_up():
    with SlowServer(1) as server:
        loop = Loop()
        found = []
        pool = Pool(loop, server.address, lambda e, r: found.append(r))
        loop.at(now(), send, loop, pool, 0.1)
        loop.run_until(now() + 0.3)

    assert found == [TIMED_OUT]
    assert pool.open == 0


def test_call_on_a_port_nobody_listens_on_is_broken():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = closed.getsockname()
    loop = Loop()
    found = []
    pool = Pool(loop, address, lambda e, r: found.append(r))

    loop.at(now(), send, loop, pool)
    loop.run_until(now() + 0.2)

    assert found == [BROKEN]


def send(loop, pool, patience=5):
    made = Exchange("any", Request("GET", "/").content(), patience)
    made.due = loop.due
    pool.send(made)


class SlowServer:
    """Answers one call after another, each after so many seconds."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.ended = threading.Event()
        self.turn = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *exception):
        self.ended.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=[sock], daemon=True).start()

    def serve(self, sock):
        with sock:
            while sock.recv(10_000):
                with self.turn:
                    self.ended.wait(self.seconds)
                if self.ended.is_set():
                    return
                sock.sendall(OK)


def test_figures_tell_refusals_from_errors_and_answers():
    figures = Figures(began=10, end=20)

    figures.note(exchange(due=9), response(200), 12)  # before counting began
    figures.note(exchange(due=20), response(200), 21)  # another stage's
    figures.note(exchange(due=11), response(200), 11.5)
    figures.note(exchange(due=12), response(503, "Retry-After: 2"), 12.1)
    figures.note(exchange(due=12), response(429), 12.3)
    figures.note(exchange(due=13), TIMED_OUT, 33)
    figures.note(exchange("hr", due=13), response(200), 16)

    assert figures.offered == 5
    assert figures.times() == [0.5]
    assert figures.refused == {"answer": 2}
    assert figures.slowest_refusal == pytest.approx(0.3)
    assert figures.errors == {
        "answer: a refusal without Retry-After": 1,
        "answer: no answer in time": 1,
    }


def test_recovery_is_the_first_of_several_calm_seconds():
    figures = Figures(began=0, end=12)
    slow = {0: 2.0, 1: 0.05, 2: 1.0}
    for second in range(12):
        due = second + 0.5
        figures.note(exchange(due=due), response(200), due + slow.get(second, 0.01))
    figures.note(exchange(due=4.2), response(503, "Retry-After: 1"), 4.3)
    figures.note(exchange(due=5.9), TIMED_OUT, 25.9)

    assert figures.calm_after(0.1) == 6


def test_seconds_without_an_answer_are_not_calm():
    figures = Figures(began=0, end=6)
    for second in (0, 1, 3, 4):
        figures.note(exchange(due=second), response(200), second + 0.01)

    assert figures.calm_after(0.1) is None


def test_load_that_stays_slow_never_recovers():
    figures = Figures(began=0, end=6)
    for second in range(6):
        figures.note(exchange(due=second), response(200), second + 0.2)

    assert figures.calm_after(0.1) is None


def test_percentile_is_a_value_that_was_measured():
    assert percentile([], 0.99) == 0
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile(range(1, 201), 0.99) == 198


# Repetitions


def is_right(response):
    return response.body == b"right"


@pytest.fixture
def calls():
    made = Calls(Loop(), ("127.0.0.1", 1), dice(5))
    made.books = [Figures(0, 10)]
    return made


def answered_by(flow, *responses):
    """Return the pauses the flow made, and what it came to."""
    pauses = []
    wanted = next(flow)
    for each in responses:
        assert isinstance(wanted, Exchange)
        try:
            wanted = flow.send(each)
        except StopIteration as end:
            return pauses, end.value
        pauses.append(wanted)
        try:
            wanted = next(flow)
        except StopIteration as end:
            return pauses, end.value
    return pauses, "goes on"


def test_refused_call_is_repeated_when_it_was_told_to(calls):
    right = response(200, body=b"right")

    pauses, value = answered_by(
        calls.call_until_answered("answer", Request("POST", "/"), is_right),
        response(503, "Retry-After: 4"),
        BROKEN,
        right,
    )

    assert value == right
    assert [4 <= pauses[0] <= 6, 1 <= pauses[1] <= 1.5, len(pauses)] == [True, True, 2]
    assert len(calls.figures.repeated) == 1


def test_nobody_repeats_without_end(calls):
    pauses, value = answered_by(
        calls.call_until_answered("answer", Request("POST", "/"), is_right),
        *[response(503, "Retry-After: 1")] * (ATTEMPTS + 1),
    )

    assert (len(pauses), value) == (ATTEMPTS, None)
    assert calls.figures.given_up == {"answer": 1}


def test_quick_wrong_answer_is_an_error(calls):
    pauses, value = answered_by(
        calls.call_until_answered("answer", Request("POST", "/"), is_right),
        response(200, body=b"wrong"),
    )

    assert (pauses, value) == ([], None)
    assert calls.figures.errors == {"answer: status 200, wrong answer": 1}


# The ledger


def test_ledger_finds_a_lost_and_an_altered_answer():
    ledger = Ledger()
    for question in (1, 2, 3):
        ledger.acknowledge("session", question, f"ответ {question}")

    rows = [("session", 1, "ответ 1"), ("session", 2, "ответ"), ("other", 3, "ответ 3")]

    assert ledger.check(rows) == Verdict(acknowledged=3, lost=1, altered=1)
    assert not ledger.check(rows).is_clean


def test_ledger_is_clean_when_every_answer_is_there():
    ledger = Ledger()
    ledger.acknowledge("session", 1, "ответ")

    verdict = ledger.check([("session", 1, "ответ"), ("session", 2, "another's")])

    assert verdict == Verdict(acknowledged=1, lost=0, altered=0)
    assert verdict.is_clean


# HTTP


def test_response_is_complete_with_its_last_byte():
    whole = b"HTTP/1.1 201 Created\r\ncontent-LENGTH: 4\r\n\r\nbody"

    for length in range(len(whole)):
        assert Response.complete(whole[:length]) is None
    found = Response.complete(whole)

    assert (found.status, found.body, found.keeps_open) == (201, b"body", True)


def test_chunked_response_is_joined():
    found = Response.complete(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nab\n\r\n1\r\nc\r\n0\r\n\r\n"
    )

    assert found.body == b"ab\nc"


def test_response_tells_what_to_do_next():
    busy = response(503, "Retry-After: 3", "Connection: close")
    cookies = response(302, "Set-Cookie: a=1; Path=/", "set-cookie: b=2; Secure")

    assert (busy.is_refusal, busy.retry_after, busy.keeps_open) == (True, 3, False)
    assert cookies.cookies() == b"a=1; b=2"
    assert cookies.retry_after == 0


# The verdict


def overload(**changes):
    stage = {"statuses": {"200": 10}, "errors": {}}
    ledger = {"acknowledged": 9, "lost": 0, "altered": 0, "revisions": 0}
    kept = {"load": stage, "after": stage, "ledger": ledger, "recovery_seconds": 1}
    return {"overload": kept | changes}


@pytest.mark.parametrize(
    ("changes", "promise"),
    [
        ({"recovery_seconds": 11}, "recovery within 10 s"),
        ({"recovery_seconds": None}, "recovery within 10 s"),
        (
            {"after": {"statuses": {"500": 1}, "errors": {}}},
            "no status 500",
        ),
        (
            {"ledger": {"lost": 0, "altered": 1, "revisions": 0}},
            "no acknowledged answer is lost or altered",
        ),
        (
            {"load": {"statuses": {}, "errors": {"look: status 404, wrong answer": 1}}},
            "no wrong answer",
        ),
    ],
)
def test_broken_promise_is_named(changes, promise):
    assert report.broken(overload(**changes)) == [promise]


def test_overload_that_keeps_its_promises_breaks_none():
    assert report.broken(overload()) == []

"""A closed-loop HTTP client: so many connections, each asks again when it is answered.

It runs in one process of its own, and costs tens of microseconds a request: it shares
the machine with what it measures. Every answer is checked, its body too: a quick wrong
answer must never count as a good one.

What is asked is told by a `Work`: it hands out pieces of work, each one request or
several in turn on the same connection. One process holds it for the whole benchmark, so
that whatever can be done only once is done only once.
"""

import multiprocessing
import re
import selectors
import socket
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection as Pipe
from typing import NamedTuple, Protocol, Self

HOST = "127.0.0.1"
RECEIVE_BYTES = 65_536
# Nothing that is measured here may take longer.
ANSWER_SECONDS = 30
# Connections are used again within this time: from a warm-up to its measurement.
REST_SECONDS = 1.0
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
LAST_CHUNK = b"0\r\n\r\n"
GONE = "The client's process has ended: see above."


class LoadError(RuntimeError):
    """The load could not be made, or was answered wrongly: no figure comes of it."""


class WrongAnswer(LoadError):
    """An answer is not what it must be."""


class Exhausted(LoadError):
    """There is nothing left to do that was not done already."""


class Request(NamedTuple):
    """A request as bytes, and what is to happen with its answer.

    `check` takes status and body, raises WrongAnswer, and returns the next request of
    the same piece of work, or None when that is done.
    """

    data: bytes
    check: "Callable[[int, bytes], Request | None]"


class Work(Protocol):
    """What there is to do. It is pickled into the client's process."""

    def begin(self, kind: str) -> Request:
        """Return the first request of the next piece of work; raises Exhausted."""


class Load(NamedTuple):
    """What was done: pieces of work, requests; `seconds` of time, `cpu` of the client.

    Times of the pieces of work in milliseconds.
    """

    pieces: int
    requests: int
    seconds: float
    cpu: float
    connections: int
    median_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Return pieces of work per second."""
        return self.pieces / self.seconds


class Client:
    """The client's process, as seen from the benchmark. Use it in a `with`."""

    def __init__(self, work: Work) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=serve, args=(other,), daemon=True)
        self._process.start()
        other.close()
        # By the pipe: a process that cannot take the work is then seen to end.
        self._send(work)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._pipe.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _send(self, message: object) -> None:
        try:
            self._pipe.send(message)
        except OSError:
            raise LoadError(GONE) from None

    def run(
        self, port: int, kind: str, *, seconds: float, connections: int = 8
    ) -> Load:
        """Load the server of this port, and return what was done once all is answered.

        Connections are kept for a run on the same port just after. Raises LoadError.
        """
        self._send((port, kind, seconds, connections))
        try:
            outcome = self._pipe.recv()
        except (EOFError, OSError):
            raise LoadError(GONE) from None
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def serve(pipe: Pipe) -> None:
    """Take the work, and do what the pipe asks for until it is closed."""
    loop: Loop | None = None
    work: Work = pipe.recv()
    while True:
        try:
            port, kind, seconds, connections = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            if loop is None or not loop.serves(port, connections):
                if loop is not None:
                    loop.close()
                loop = Loop(port, connections)
            pipe.send(loop.run(lambda kind=kind: work.begin(kind), seconds))
        except LoadError as error:
            if loop is not None:
                loop.close()
            loop = None
            pipe.send(error)


class Line:
    """One connection, and the request under way on it."""

    __slots__ = ("began", "received", "request", "socket", "used")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.request: Request | None = None
        self.began = 0.0
        self.used = False


class Loop:
    """So many connections to one port, kept busy by one thread."""

    def __init__(self, port: int, size: int) -> None:
        self.port, self.size = port, size
        self.selector = selectors.DefaultSelector()
        self.opened = 0
        self.lines: list[Line] = []
        self.rests_since = time.perf_counter()
        for _ in range(size):
            self.open()

    def serves(self, port: int, size: int) -> bool:
        """Tell whether a run may use these connections: servers close what rests long."""
        rested = time.perf_counter() - self.rests_since
        return (port, size) == (self.port, self.size) and rested < REST_SECONDS

    def close(self) -> None:
        for line in self.lines:
            line.socket.close()
        self.selector.close()

    def open(self) -> Line:
        try:
            line = Line(self.port)
        except OSError as error:
            raise LoadError(f"No connection to port {self.port}: {error}") from error
        self.opened += 1
        self.lines.append(line)
        self.selector.register(line.socket, selectors.EVENT_READ, line)
        return line

    def reopen(self, line: Line) -> Line:
        self.selector.unregister(line.socket)
        line.socket.close()
        self.lines.remove(line)
        return self.open()

    def run(self, begin: Callable[[], Request], seconds: float) -> Load:
        """Keep every connection busy for so long, then wait for the last answers."""
        self.opened = 0
        times: list[float] = []
        requests = 0
        cpu, started = time.process_time(), time.perf_counter()
        deadline = started + seconds
        for line in list(self.lines):
            self.start(line, begin())
        under_way = len(self.lines)
        while under_way:
            ready = self.selector.select(ANSWER_SECONDS)
            if not ready:
                raise LoadError(f"No answer for {ANSWER_SECONDS} seconds.")
            for key, _ in ready:
                line = key.data
                answer = self.receive(line)
                if answer is None:
                    continue
                requests += 1
                status, body, closes = answer
                assert line.request is not None  # only asked lines are answered
                following = line.request.check(status, body)
                if closes:
                    began, line = line.began, self.reopen(line)
                    line.began = began
                now = time.perf_counter()
                if following is not None:
                    self.send(line, following)
                    continue
                times.append(now - line.began)
                line.request = None
                if now < deadline:
                    self.start(line, begin())
                else:
                    under_way -= 1
        self.rests_since = time.perf_counter()
        return load(times, requests, started, cpu, self.opened)

    def start(self, line: Line, request: Request) -> None:
        line.began = time.perf_counter()
        self.send(line, request)

    def send(self, line: Line, request: Request) -> None:
        line.request = request
        try:
            line.socket.sendall(request.data)
        except OSError as error:
            raise LoadError(f"A request could not be sent: {error}") from error

    def receive(self, line: Line) -> tuple[int, bytes, bool] | None:
        """Return status, body, and whether the server closes; None while it is incomplete."""
        try:
            data = line.socket.recv(RECEIVE_BYTES)
        except OSError as error:
            raise LoadError(f"An answer broke off: {error}") from error
        if not data:
            if line.request is not None:
                raise LoadError("The server closed a connection in place of an answer.")
            self.reopen(line)
            return None
        line.received += data
        answer = parse(line.received)
        if answer is not None:
            line.received = b""
        return answer


def parse(received: bytes) -> tuple[int, bytes, bool] | None:
    """Return status, body, whether the connection ends with it; None if more must come.

    Raises WrongAnswer for what is no HTTP/1.1 answer with a length.
    """
    head, blank, rest = received.partition(b"\r\n\r\n")
    if not blank:
        return None
    closes = CLOSES.search(head) is not None
    status = int(head[9:12])
    if found := LENGTH.search(head):
        length = int(found[1])
        if len(rest) > length:
            raise WrongAnswer("More came than the answer's length.")
        return (status, rest, closes) if len(rest) == length else None
    if CHUNKED.search(head) is None:
        raise WrongAnswer(f"An answer without a length: {head!r}")
    return (status, joined(rest), closes) if rest.endswith(LAST_CHUNK) else None


def joined(chunks: bytes) -> bytes:
    """Return the body of which these are the chunks."""
    body = b""
    while True:
        size, _, chunks = chunks.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            return body
        body += chunks[:length]
        chunks = chunks[length + 2 :]


def load(
    times: list[float], requests: int, started: float, cpu: float, opened: int
) -> Load:
    times.sort()
    return Load(
        pieces=len(times),
        requests=requests,
        seconds=time.perf_counter() - started,
        cpu=time.process_time() - cpu,
        connections=opened,
        median_ms=round(statistics.median(times) * 1000, 2),
        p99_ms=round(times[int(len(times) * 0.99)] * 1000, 2),
    )

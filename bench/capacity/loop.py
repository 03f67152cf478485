"""An event loop for an open-loop generator: timers, connections, and flows that wait.

Written out, and not asyncio: a request costs half of it here, and every microsecond of
the generator is taken from the portal it measures. A flow is a Python generator that
yields a pause (seconds), or an `Exchange`, whose `Response` it gets back. The latency of
an exchange is counted from when it was due, not from when it was sent: a portal that
makes its callers wait cannot make the generator slower, and so seem quick.
"""

import heapq
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Generator
from itertools import count
from typing import Any

from bench.capacity.wire import BROKEN, TIMED_OUT, Exchange, Response

# As many connections as a proxy in front keeps, and as many as it opens at most.
KEPT, MOST = 64, 512
READ_BYTES = 256 * 1024
# So often is looked whether a connection stands.
CONNECT_SECONDS = 0.01

Flow = Generator[float | Exchange, Response, None]
now = time.monotonic


class Loop:
    """Timers and sockets of one thread."""

    def __init__(self) -> None:
        self.epoll = select.epoll()
        self.readers: dict[int, Callable[[], None]] = {}
        self.timers: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self.numbers = count()
        # When what runs now was due.
        self.due = now()

    def at(self, due: float, callback: Callable[..., None], *arguments: Any) -> None:
        heapq.heappush(self.timers, (due, next(self.numbers), callback, arguments))

    def watch(self, sock: socket.socket, reader: Callable[[], None]) -> None:
        self.readers[sock.fileno()] = reader
        self.epoll.register(sock.fileno(), select.EPOLLIN)

    def forget(self, sock: socket.socket) -> None:
        if self.readers.pop(sock.fileno(), None):
            self.epoll.unregister(sock.fileno())
        sock.close()

    def run_until(self, end: float) -> None:
        """Run what is due and what arrives, until then."""
        while now() < end:
            self.run_once(end)

    def run_once(self, end: float) -> None:
        """Run what is due; then wait for something to arrive, but not beyond `end`."""
        self.run_timers(now())
        upcoming = min(self.timers[0][0], end) if self.timers else end
        # By select: epoll's own patience counts whole milliseconds.
        select.select([self.epoll], [], [], max(0, upcoming - now()))
        for number, _ in self.epoll.poll(0):
            self.due = now()
            if reader := self.readers.get(number):
                reader()

    def run_timers(self, moment: float) -> None:
        while self.timers and self.timers[0][0] <= moment:
            self.due, _, callback, arguments = heapq.heappop(self.timers)
            callback(*arguments)


class Pool:
    """Connections to the portal, kept open and used again, the last used first.

    A proxy does the same. When all are busy one more is opened; beyond `MOST` exchanges
    wait, in the order they came, and their time runs.
    """

    def __init__(
        self,
        loop: Loop,
        address: tuple[str, int],
        finished: Callable[[Exchange, Response], None],
    ) -> None:
        self.loop = loop
        self.address = address
        self.finished = finished
        self.idle: list[Connection] = []
        self.open = 0
        self.waiting: deque[Exchange] = deque()
        self.most_under_way = 0

    @property
    def under_way(self) -> int:
        """Exchanges that are not answered yet."""
        return self.open - len(self.idle) + len(self.waiting)

    def send(self, exchange: Exchange) -> None:
        if self.idle:
            self.idle.pop().send(exchange)
        elif self.open < MOST:
            Connection(self).send(exchange)
        else:
            self.waiting.append(exchange)
        self.most_under_way = max(self.most_under_way, self.under_way)

    def released(self, connection: "Connection") -> None:
        if self.waiting:
            connection.send(self.waiting.popleft())
        elif len(self.idle) < KEPT:
            self.idle.append(connection)
        else:
            connection.close()

    def closed(self, connection: "Connection") -> None:
        self.open -= 1
        if connection in self.idle:
            self.idle.remove(connection)
        elif self.waiting:
            Connection(self).send(self.waiting.popleft())

    def close(self) -> None:
        for connection in list(self.idle):
            connection.close()


class Connection:
    """One connection: an exchange at a time."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.exchange: Exchange | None = None
        self.received = b""
        self.number = 0
        self.sock = socket.socket()
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setblocking(False)
        self.sock.connect_ex(pool.address)
        pool.open += 1
        pool.loop.watch(self.sock, self.read)

    def send(self, exchange: Exchange) -> None:
        self.exchange, self.received = exchange, b""
        self.number += 1
        loop = self.pool.loop
        loop.at(exchange.due + exchange.patience, self.expire, self.number)
        self.write(self.number)

    def write(self, number: int) -> None:
        if not self.exchange or self.number != number:
            return
        try:
            self.sock.send(self.exchange.content)  # smaller than the socket's buffer
        except BlockingIOError:
            # Not connected yet: the server's queue is full.
            self.pool.loop.at(now() + CONNECT_SECONDS, self.write, number)
        except OSError:
            self.end(BROKEN)

    def expire(self, number: int) -> None:
        if self.exchange and self.number == number:
            self.end(TIMED_OUT)

    def read(self) -> None:
        try:
            part = self.sock.recv(READ_BYTES)
        except OSError:
            part = b""
        if not part:
            return self.end(BROKEN)
        self.received += part
        if response := Response.complete(self.received):
            self.end(response)
        return None

    def end(self, response: Response) -> None:
        """Hand the response over; the connection goes back, or goes."""
        exchange, self.exchange = self.exchange, None
        if response.keeps_open and exchange:
            self.pool.released(self)
        else:
            self.close()
        if exchange:
            self.pool.finished(exchange, response)

    def close(self) -> None:
        self.pool.loop.forget(self.sock)
        self.pool.closed(self)

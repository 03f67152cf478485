"""Many visitors of a portal at once, and the marks of others that they come to see."""

import time
from collections import Counter, deque
from collections.abc import Generator, Iterable
from threading import Lock, Thread
from typing import NamedTuple

from faults.canaries import essence, marks_in
from faults.ground import Answer, Call, Line

# Requests at once; the visits that take turns on them are as many as there are.
LINES = 12
BUSY = 503
# So often somebody comes again who was asked to.
ATTEMPTS = 30


class Ask(NamedTuple):
    """A request, and the marks that its answer may hold."""

    call: Call
    own: frozenset[str]


# One visit: it yields what it asks, and gets what was answered.
Visit = Generator[Ask, Answer, None]


class Visits:
    """What became of all requests to one port."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.responses = 0
        self.own = 0
        self.foreign: list[str] = []
        self.differing: list[str] = []
        self.statuses: Counter[int] = Counter()
        self._lock = Lock()

    def make(self, visits: Iterable[Visit]) -> None:
        """Make all visits, each a request at a time, in turn; raises what one of them does."""
        waiting: deque[tuple[Visit, Answer | None]] = deque(
            (visit, None) for visit in visits
        )
        errors: list[Exception] = []
        threads = [
            Thread(target=self._work, args=(waiting, errors)) for _ in range(LINES)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]

    def _work(
        self, waiting: deque[tuple[Visit, Answer | None]], errors: list[Exception]
    ) -> None:
        try:
            with Line(self.port) as line:
                while waiting and not errors:
                    self._go_on(line, waiting)
        except Exception as error:  # noqa: BLE001 (raised by the thread that waits)
            errors.append(error)

    def _go_on(self, line: Line, waiting: deque[tuple[Visit, Answer | None]]) -> None:
        try:
            visit, answer = waiting.popleft()
        except IndexError:
            return
        try:
            # A generator takes nothing but None before it has begun.
            wanted = visit.send(answer)  # type: ignore[arg-type]
        except StopIteration:
            return
        waiting.append((visit, self._answer(line, wanted)))

    def _answer(self, line: Line, wanted: Ask) -> Answer:
        for _ in range(ATTEMPTS):
            answer = line.send(wanted.call)
            self._note(wanted, answer)
            if answer.status != BUSY:
                break
            time.sleep(float(answer.headers.get("retry-after", 1)))
        return answer

    def _note(self, wanted: Ask, answer: Answer) -> None:
        marks = marks_in(answer)
        with self._lock:
            self.responses += 1
            self.statuses[answer.status] += 1
            self.own += bool(marks & wanted.own)
            if marks - wanted.own:
                self.foreign.append(f"{wanted.call.method} {wanted.call.path}")

    def compare(
        self, what: str, foreign: Answer, absent: Answer, *keys: object
    ) -> None:
        """Note it if a foreign row is answered otherwise than one that does not exist."""
        if essence(foreign, *keys) != essence(absent, *keys):
            self.differing.append(f"{what}: {foreign.status}, {absent.status}")

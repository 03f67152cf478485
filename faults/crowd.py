"""Many voice agents at once, which call again until they are answered, as agents do."""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse
from queue import Empty, SimpleQueue
from threading import Event, Lock
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from bench.capacity.figures import percentile
from faults.experiment import Figure, at_most, exactly
from faults.ledger import Ledger
from faults.world import Interview

AGENTS = 12
# What the voice service waits for an answer of a tool (voice.tool_config).
TIMEOUT_SECONDS = 20
# Sooner than Retry-After asks for: harder on the portal, and quicker to notice its return.
AGAIN_SECONDS = 0.2
# Between two calls of an agent; real ones take hundreds of times as long.
THINK_SECONDS = 0.02
# One answer of so many is sent twice although it was acknowledged.
REPEAT_EVERY = 7
OK, UNAVAILABLE = 200, 503


class Stopped(Exception):
    """The crowd goes home; what is under way is left as it is."""


class NothingLeft(RuntimeError):
    """All interviews are over while the experiment goes on: it needs more of them."""


class Counts:
    """What the callers met. Several threads add to it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.statuses: Counter[int] = Counter()
        # Refusals that do not say when to come again.
        self.abrupt = 0
        # Connections refused, cut or silent.
        self.broken = 0
        self.waits: list[float] = []

    def met(self, status: int, retry_after: str | None) -> None:
        with self._lock:
            self.statuses[status] += 1
            self.abrupt += status == UNAVAILABLE and not retry_after

    def met_nobody(self) -> None:
        with self._lock:
            self.broken += 1

    @property
    def longest_wait(self) -> float:
        """Return the longest time from a first call to its answer, in seconds."""
        return round(max(self.waits, default=0), 1)

    @property
    def usual_wait(self) -> float:
        return round(percentile(self.waits, 0.5), 4)

    def others(self) -> int:
        """Return how many answers were neither 200 nor 503."""
        return sum(
            number
            for status, number in self.statuses.items()
            if status not in {OK, UNAVAILABLE}
        )

    def figures(self, *, longest_wait: float) -> Iterator[Figure]:
        """Tell them, each with its target; nobody may wait longer, in seconds."""
        yield exactly("answers other than 200 and 503", self.others(), 0)
        yield exactly("503 without Retry-After", self.abrupt, 0)
        yield at_most("longest wait of a caller, s", self.longest_wait, longest_wait)


class Crowd:
    """So many agents, each with one interview after another, until told to stop.

    `think` is the mean time between two calls of an agent, in seconds. With `ends=False`
    no interview is ended: it stays open when all is answered.
    """

    def __init__(
        self,
        url: str,
        interviews: list[Interview],
        ledger: Ledger,
        *,
        agents: int = AGENTS,
        think: float = THINK_SECONDS,
        ends: bool = True,
    ) -> None:
        self.place = urlsplit(url).netloc
        self.ledger = ledger
        self.counts = Counts()
        self.agents = agents
        self.think = think
        self.ends = ends
        self.ended: set[str] = set()
        self.stopped = Event()
        self.waiting: SimpleQueue[Interview] = SimpleQueue()
        for interview in interviews:
            self.waiting.put(interview)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let them work while the block runs; raises what went wrong with any of them."""
        with ThreadPoolExecutor(self.agents) as pool:
            work = [pool.submit(self.serve) for _ in range(self.agents)]
            try:
                yield
            finally:
                self.stopped.set()
        raise_first(work)

    def serve(self) -> None:
        """Hold interviews (one thread's work)."""
        agent = Agent(self)
        try:
            while True:
                agent.hold(self.next_interview())
        except Stopped:
            return
        finally:
            agent.connection.close()

    def next_interview(self) -> Interview:
        try:
            return self.waiting.get_nowait()
        except Empty:
            raise NothingLeft("Make more interviews for this experiment.") from None

    def rest(self, seconds: float) -> None:
        if self.stopped.wait(seconds):
            raise Stopped

    def refresh(self) -> None:
        """Count anew from here on."""
        self.counts = Counts()


def raise_first(work: list[Future[None]]) -> None:
    for each in work:
        each.result()


class Reply(NamedTuple):
    """The status and the decoded body of an answer."""

    status: int
    body: dict[str, Any]


class Agent:
    """One caller, with a connection that it keeps and makes anew when it breaks."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.connection = HTTPConnection(crowd.place, timeout=TIMEOUT_SECONDS)
        self.answered = 0

    def hold(self, interview: Interview) -> None:
        for question in interview.questions:
            self.call(interview, "next")
            self.crowd.rest(random.expovariate(1 / self.crowd.think))
            self.answer(interview, question)
        if self.crowd.ends:
            self.call(interview, "end", {"reason": "completed"})
            self.crowd.ended.add(interview.session)

    def answer(self, interview: Interview, question: int) -> None:
        text = f"Ответ 🙂 {uuid4()}"
        body = {"questionId": question, "answerText": text, "confidence": 0.9}
        self.crowd.ledger.attempt(interview.session, question, text)
        self.answered += 1
        for _ in range(2 if self.answered % REPEAT_EVERY == 0 else 1):
            given = self.call(interview, "answer", body)
            if given["saved"] is True and given["questionId"] == question:
                self.crowd.ledger.acknowledge(interview.session, question, text)

    def call(
        self, interview: Interview, action: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call until the answer is 200, and return its body."""
        began = time.monotonic()
        path = f"/api/interview/{interview.session}/{action}"
        while (reply := self.ask(path, interview.headers, body)).status != OK:
            self.crowd.rest(AGAIN_SECONDS)
        self.crowd.counts.waits.append(time.monotonic() - began)
        return reply.body

    def ask(
        self, path: str, headers: dict[str, str], body: dict[str, Any] | None
    ) -> Reply:
        """Call once; status 0 if there was no whole answer."""
        try:
            response = self.exchange(path, headers, body)
            content = response.read()
        except (OSError, HTTPException):
            self.crowd.counts.met_nobody()
            self.connection.close()
            return Reply(0, {})
        self.crowd.counts.met(response.status, response.headers["Retry-After"])
        return Reply(response.status, json.loads(content))

    def exchange(
        self, path: str, headers: dict[str, str], body: dict[str, Any] | None
    ) -> HTTPResponse:
        content = None if body is None else json.dumps(body).encode()
        self.connection.request(
            "GET" if body is None else "POST",
            path,
            body=content,
            headers=headers | {"Content-Type": "application/json"},
        )
        return self.connection.getresponse()

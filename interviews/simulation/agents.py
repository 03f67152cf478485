"""Simulated voice agents: they talk to a running portal over HTTP, and trust nothing."""

import json
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from itertools import cycle
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from interviews.simulation.figures import Figures
from interviews.simulation.people import Interview, Stored

TIMEOUT_SECONDS = 30
ATTEMPTS = 3
# One call of so many is repeated on purpose, as agents do that heard no answer.
REPEAT_EVERY = 3


class GaveUp(Exception):
    """An interview that cannot go on; why, is counted as an error."""


class Simulation:
    """Some interviews, held by `parallel` agents at a time.

    Agents take the portal's addresses in turn, and another one when their own is away, as
    a balancer would have them do.
    """

    def __init__(
        self,
        interviews: list[Interview],
        base_urls: Sequence[str],
        think_seconds: float = 0,
    ) -> None:
        self.interviews = interviews
        self.base_urls = base_urls
        self.think_seconds = think_seconds
        self.figures = Figures()
        self.sent: set[tuple[UUID, int]] = set()
        self.acknowledged: dict[tuple[UUID, int], str] = {}
        self.stopped = Event()
        self.waiting: SimpleQueue[Interview] = SimpleQueue()
        for interview in interviews:
            self.waiting.put(interview)

    @contextmanager
    def running(self, parallel: int) -> Iterator[list[Future[None]]]:
        """Hold the interviews while the block runs; leaving it early stops them."""
        started = time.monotonic()
        with ThreadPoolExecutor(parallel) as pool:
            try:
                yield [pool.submit(self.serve, place) for place in range(parallel)]
            except BaseException:
                self.stopped.set()
                raise
        self.figures.wall_seconds = time.monotonic() - started

    def serve(self, place: int) -> None:
        """Hold one interview after another on one connection (one thread's work)."""
        line = Line(self.base_urls, place, self.figures)
        try:
            while not self.stopped.is_set():
                Agent(self.waiting.get_nowait(), line, self).hold_interview()
        except Empty:
            return
        finally:
            line.close()

    def think(self) -> None:
        if self.think_seconds:
            self.stopped.wait(random.expovariate(1 / self.think_seconds))
        if self.stopped.is_set():
            raise GaveUp

    def verify(self, stored: Stored) -> None:
        """Hold what was said and acknowledged against what the database has."""
        acknowledged, ended = self.acknowledged.items(), self.figures.finished
        cases = {
            "acknowledged answer is lost": [
                key for key, text in acknowledged if stored.answers.get(key) != text
            ],
            "answer nobody gave": stored.answers.keys() - self.sent,
            "retry made a revision": range(stored.revisions),
            "ended, but not finished": set(ended) - stored.finished,
            "finished more or less than once": [
                session_id for session_id in ended if stored.endings[session_id] != 1
            ],
        }
        for kind, found in cases.items():
            self.figures.violations += [kind] * len(found)


class Agent:
    """The voice agent of one interview."""

    def __init__(
        self, interview: Interview, line: "Line", simulation: Simulation
    ) -> None:
        self.interview = interview
        self.line = line
        self.simulation = simulation
        self.headers = interview.headers
        self.calls = 0

    def hold_interview(self) -> None:
        try:
            self.ask_and_answer()
            self.end()
        except GaveUp:
            return
        self.simulation.figures.finished.append(self.interview.session_id)

    def ask_and_answer(self) -> None:
        for position, question_id in enumerate(self.interview.questions, start=1):
            self.expect(self.step(position), "next")
            self.simulation.think()
            self.answer(position, question_id)
        self.expect(self.step(position + 1), "next")

    def answer(self, position: int, question_id: int) -> None:
        text = f"Ответ {position} 🙂 {uuid4()}"
        key = self.interview.session_id, question_id
        following = self.step(position + 1)
        self.simulation.sent.add(key)
        self.expect(
            {"saved": True, "questionId": question_id, "next": following},
            "answer",
            {"questionId": question_id, "answerText": text, "confidence": 0.9},
        )
        self.simulation.acknowledged[key] = text

    def end(self) -> None:
        first = self.call("end", {"reason": "completed"})
        again = self.call("end", {"reason": "completed"})
        if first != again or first != {
            "finished": True,
            "finishedAt": str(first.get("finishedAt")),
        }:
            self.violation("end answered wrongly")

    def expect(
        self, wanted: dict[str, Any], action: str, body: dict[str, Any] | None = None
    ) -> None:
        """Call, now and then twice, and compare each whole answer."""
        self.calls += 1
        for _ in range(2 if self.calls % REPEAT_EVERY == 0 else 1):
            given = self.call(action, body)
            if given != wanted:
                self.violation(self.difference(given.get("next", given), wanted))

    def call(self, action: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        path = f"/api/interview/{self.interview.session_id}/{action}"
        return self.line.call(action, path, body, self.headers)

    def violation(self, kind: str) -> None:
        """Note it, and leave this interview: what follows would be wrong by it."""
        self.simulation.figures.violations.append(kind)
        raise GaveUp

    def step(self, position: int) -> dict[str, Any]:
        """Return what the portal has to say at this place of this interview."""
        questions = list(self.interview.questions.items())
        if position > len(questions):
            question_id, text = None, self.interview.closing
        else:
            question_id, text = questions[position - 1]
        return {
            "done": question_id is None,
            "questionId": question_id,
            "text": text,
            "position": position if question_id else None,
            "total": len(questions),
        }

    def difference(self, given: dict[str, Any], wanted: dict[str, Any]) -> str:
        question_id = given.get("questionId")
        if question_id is not None and question_id not in self.interview.questions:
            return "question of another vacancy"
        if question_id != wanted.get("next", wanted)["questionId"]:
            return "question out of order"
        return "answered wrongly"


class Line:
    """One kept connection to the portal; when it breaks, the next address has its turn."""

    def __init__(self, base_urls: Sequence[str], place: int, figures: Figures) -> None:
        first = place % len(base_urls)
        self.addresses = cycle([*base_urls[first:], *base_urls[:first]])
        self.figures = figures
        self.turn_to_next()

    def turn_to_next(self) -> None:
        url = urlsplit(next(self.addresses))
        kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
        self.connection = kind(url.netloc, timeout=TIMEOUT_SECONDS)
        self.prefix = url.path.rstrip("/")

    def close(self) -> None:
        self.connection.close()

    def call(
        self,
        action: str,
        path: str,
        body: dict[str, Any] | None,
        headers: dict[str, str],
    ) -> dict[str, Any]:
        """Return the decoded body of a 200; anything else is an error, and GaveUp."""
        for _ in range(ATTEMPTS):
            try:
                status, content = self.exchange(action, path, body, headers)
            except (OSError, HTTPException) as error:
                self.figures.errors.append(f"{action}: {type(error).__name__}")
                self.close()
                self.turn_to_next()
                continue
            if status == 200:
                return decoded(content)
            self.figures.errors.append(f"{action}: status {status}")
            break
        raise GaveUp

    def exchange(
        self,
        action: str,
        path: str,
        body: dict[str, Any] | None,
        headers: dict[str, str],
    ) -> tuple[int, bytes]:
        started = time.perf_counter()
        self.connection.request(
            "GET" if body is None else "POST",
            self.prefix + path,
            body=None
            if body is None
            else json.dumps(body, ensure_ascii=False).encode(),
            headers=headers | {"Content-Type": "application/json"},
        )
        response = self.connection.getresponse()
        content = response.read()
        self.figures.seconds[action].append(time.perf_counter() - started)
        return response.status, content


def decoded(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}

"""What the client asks: /next, /answer, whole turns; and what must be answered.

It knows of each session which questions are answered, for nobody else answers them: so
the one right answer to every request is known before it is sent.
"""

import random
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from bench.harness.client import Exhausted, Request, WrongAnswer
from vacancies.scripts import FrozenScript

PHRASES = [
    "Однажды заказчик поменял требования за неделю до сдачи. ",
    "Мы собрались, разобрали задачу на части и договорились, кто что делает. ",
    "В итоге всё успели вовремя, и «после» стало понятно, что “до” было хуже.\n",
]
ROUTE = "/api/interview/{session}/{action}"
HEAD = (
    "{method} {path} HTTP/1.1\r\n"
    "Host: 127.0.0.1\r\n"
    "User-Agent: bench\r\n"
    "Accept: */*\r\n"
    "Authorization: Bearer {key}\r\n"
    "X-Session-Token: {token}\r\n"
)
SHOWN_BYTES = 300


class Interview(NamedTuple):
    """A session in progress: its key, its script's, how many questions are answered."""

    session: UUID
    script: int
    answered: int
    token: str


class Asked(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The step an answer names."""

    done: bool
    question_id: int | None
    text: str
    position: int | None
    total: int


class Saved(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What must come back for an answer; `next` only where it is part of the answer."""

    saved: bool
    question_id: int
    next: Asked | None = None


class Texts(NamedTuple):
    """The bodies of answers to choose from, as JSON without the question."""

    tails: list[bytes]

    @classmethod
    def made(cls) -> "Texts":
        texts = ["".join(PHRASES[:part]) * 2 for part in range(1, len(PHRASES) + 1)]
        return cls(
            [
                b', "answerText": '
                + msgspec.json.encode(text)
                + b', "durationMs": 42000, "confidence": 0.93}'
                for text in texts
            ]
        )

    def body(self, question: int, number: int) -> bytes:
        return b'{"questionId": %d%b' % (question, self.tails[number % len(self.tails)])


class Turns:
    """The work of the client (bench.harness.client.Work).

    Kinds: "next" asks where a session stands. "answer" answers its open question, and is
    told the next. "two calls" answers it, and asks for the next by a second call.
    `answers` counts what was acknowledged.
    """

    def __init__(
        self,
        interviews: Sequence[Interview],
        scripts: Mapping[int, FrozenScript],
        agent_key: str,
    ) -> None:
        self.steps = {number: steps_of(script) for number, script in scripts.items()}
        self.scripts = [each.script for each in interviews]
        self.answered = [each.answered for each in interviews]
        self.heads = [heads_of(each, agent_key) for each in interviews]
        self.open = deque(range(len(interviews)))
        self.texts = Texts.made()
        # The same choice in every run.
        self.random = random.Random(6)  # noqa: S311
        self.answers = 0

    def begin(self, kind: str) -> Request:
        if kind == "next":
            return self.ask(self.random.randrange(len(self.answered)))
        if not self.open:
            raise Exhausted("Every question is answered: seed more --sessions.")
        index = self.open.popleft()
        return self.answer(index, kind)

    def step(self, index: int) -> Asked:
        return self.steps[self.scripts[index]][self.answered[index]]

    def ask(self, index: int) -> Request:
        expected = self.step(index)

        def check(status: int, body: bytes) -> None:
            if status != 200 or decoded(body, Asked) != expected:
                raise wrong(status, body, expected)

        return Request(self.heads[index]["next"], check)

    def answer(self, index: int, kind: str) -> Request:
        question = self.step(index).question_id
        assert question is not None  # only sessions with open questions are asked
        body = self.texts.body(question, self.answers)
        action = "answer" if kind == "answer" else "save"

        def check(status: int, received: bytes) -> Request | None:
            self.answered[index] += 1
            self.answers += 1
            then = self.step(index)
            expected = Saved(True, question, then if kind == "answer" else None)
            if status != 200 or decoded(received, Saved) != expected:
                raise wrong(status, received, expected)
            if not then.done:
                self.open.append(index)
            return None if kind == "answer" else self.ask(index)

        head = self.heads[index][action]
        return Request(head % (len(body), body), check)


def steps_of(script: FrozenScript) -> list[Asked]:
    """Return where a session stands after 0, 1, 2 … answers."""
    total = len(script.questions)
    asked = [
        Asked(False, question.id, question.text, position, total)
        for position, question in enumerate(script.questions, start=1)
    ]
    return [*asked, Asked(True, None, script.closing, None, total)]


def heads_of(interview: Interview, agent_key: str) -> dict[str, bytes]:
    """Return what the requests of a session begin with, by what is asked."""

    def head(method: str, action: str) -> bytes:
        path = ROUTE.format(session=interview.session, action=action)
        return HEAD.format(
            method=method, path=path, key=agent_key, token=interview.token
        ).encode()

    with_body = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    return {
        "next": head("GET", "next") + b"\r\n",
        "answer": head("POST", "answer") + with_body,
        "save": head("POST", "save") + with_body,
    }


def decoded(body: bytes, message: type[Any]) -> Any:
    try:
        return msgspec.json.decode(body, type=message)
    except msgspec.DecodeError:
        return None


def wrong(status: int, body: bytes, expected: object) -> WrongAnswer:
    return WrongAnswer(f"{status} {body[:SHOWN_BYTES]!r} in place of {expected}")

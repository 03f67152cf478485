"""What the session protocol promises, said as plainly as a program can.

No database, no clock, no HTTP: a session is a few values, and each call says what must be
answered. `faults.protocol` compares it with the portal, step by step.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

CLOSING = "Goodbye."
NOT_FOUND = (404, {"code": "not_found"})


class Asked(NamedTuple):
    """A question as it is worded at some moment."""

    id: int
    text: str
    required: bool


class Said(NamedTuple):
    """An answer; a skipped question has one without text."""

    text: str
    channel: str


# Status and body; of a refusal `detail`, which is for a language model, is left out.
Expected = tuple[int, dict[str, Any]]


@dataclass
class Model:
    """One session. `vacancy` is what would be asked of somebody who started now."""

    vacancy: list[Asked]
    script: list[Asked] | None = None
    status: str = "invited"
    is_expired: bool = False
    is_declined: bool = False
    call: str = ""
    page: str = ""
    reason: str = ""
    answers: dict[int, Said] = field(default_factory=dict)
    revisions: dict[int, list[Said]] = field(default_factory=dict)

    # What is the case

    @property
    def is_closed(self) -> bool:
        return self.status in {"finished", "cancelled"}

    @property
    def refusal(self) -> str | None:
        """The code with which everything is refused now."""
        if self.is_expired and not self.is_closed:
            return "expired"
        return {"invited": "not_started", "in_progress": None}.get(
            self.status, self.status
        )

    @property
    def goes_on(self) -> bool:
        return self.refusal is None

    @property
    def asked(self) -> list[Asked]:
        return self.vacancy if self.script is None else self.script

    @property
    def current(self) -> Asked | None:
        open_questions = [each for each in self.asked if each.id not in self.answers]
        return open_questions[0] if open_questions else None

    @property
    def step(self) -> dict[str, Any]:
        question, total = self.current, len(self.asked)
        return {
            "done": question is None,
            "questionId": question and question.id,
            "text": question.text if question else CLOSING,
            "position": question and self.asked.index(question) + 1,
            "total": total,
        }

    def question(self, key: int) -> Asked | None:
        return next((each for each in self.asked if each.id == key), None)

    def is_replaced(self, call: str) -> bool:
        """Tell whether the call is one that another has taken the session over from."""
        return bool(call and self.call) and call != self.call

    def is_elsewhere(self, page: str) -> bool:
        return bool(page and self.page) and page != self.page

    # The session endpoints

    def next(self, call: str) -> Expected:
        if self.is_replaced(call):
            return NOT_FOUND
        if self.refusal:
            return 409, {"code": self.refusal, "next": None}
        return 200, self.step

    def answer(self, call: str, key: int, said: Said) -> Expected:
        if self.is_replaced(call):
            return NOT_FOUND
        if self.refusal:
            return 409, {"code": self.refusal, "next": None}
        question = self.question(key)
        if question is None:
            return 409, {"code": "wrong_question", "next": self.step}
        if question.required and not said.text:
            return 400, {"code": "invalid"}
        self.store(key, said)
        return 200, {"saved": True, "questionId": key, "next": self.step}

    def store(self, key: int, said: Said) -> None:
        before = self.answers.get(key)
        if before and before.text == said.text:
            return
        if before:
            self.revisions.setdefault(key, []).append(before)
        self.answers[key] = said

    def end(self, call: str, reason: str) -> Expected:
        if self.is_replaced(call):
            return NOT_FOUND
        if self.status != "finished":
            if self.refusal:
                return 409, {"code": self.refusal, "next": None}
            self.finish(reason)
        return 200, {"finished": True}

    def finish(self, reason: str) -> None:
        self.status, self.reason = "finished", reason

    # The candidate's pages

    def start(self) -> None:
        if self.refusal == "not_started":
            self.status, self.script = "in_progress", list(self.vacancy)
            self.is_declined = False

    def decline(self) -> None:
        if self.refusal == "not_started":
            self.is_declined = True

    def page_answer(self, page: str, key: int, text: str) -> int:
        """Return the status of what a page is told that sends an answer, or skips."""
        if not self.goes_on:
            return 302
        if self.is_elsewhere(page):
            return 409
        question = self.question(key)
        if question and (text or not question.required):
            self.store(key, Said(text, "written"))
            self.look()
        return 302

    def look(self) -> None:
        """A page finishes what has no open question."""
        if self.goes_on and self.current is None:
            self.finish("completed")

    def take_over(self, page: str) -> int:
        if not self.goes_on:
            return 409
        self.page = page
        return 200

    # HR, and the voice service

    def begin_call(self, call: str) -> bool:
        if self.goes_on:
            self.call, self.page = call, "call"
        return self.goes_on

    def cancel(self) -> None:
        if not self.is_closed:
            self.status = "cancelled"

    def move_deadline(self, *, is_past: bool) -> None:
        if not self.is_closed:
            self.is_expired = is_past

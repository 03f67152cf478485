"""The rules of a turn in plain Python, for the bare and the FastAPI application.

The least that answers as Parley does: the same credentials, the same state of a session,
the same script, kept once read. Nothing of Django.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, Self
from uuid import UUID

SALT = "interviews.session-token"
SCRIPT = "SELECT content FROM script WHERE id = {}"
AGENT_KEY = os.environ.get("AGENT_API_KEY", "").encode()
MAX_TEXT_LENGTH = 20_000


class Refused(Exception):
    """The request cannot be taken: a status, and what to say."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class Question(NamedTuple):
    """A question of a script."""

    id: int
    text: str


class Script(NamedTuple):
    """What a session asks; it never changes."""

    questions: tuple[Question, ...]
    closing: str

    @classmethod
    def from_content(cls, content: Any) -> Self:
        questions = (
            Question(each["id"], each["text"]) for each in content["questions"]
        )
        return cls(tuple(questions), content["closing"])

    def step(self, answered: Collection[int]) -> dict[str, Any]:
        """Return the first question that is not among the answered, as it is sent."""
        total = len(self.questions)
        for position, question in enumerate(self.questions, start=1):
            if question.id not in answered:
                return as_sent(False, question.id, question.text, position, total)
        return as_sent(True, None, self.closing, None, total)


def as_sent(
    done: bool, question: int | None, text: str, position: int | None, total: int
) -> dict[str, Any]:
    return {
        "done": done,
        "questionId": question,
        "text": text,
        "position": position,
        "total": total,
    }


def token_key(secret: str) -> bytes:
    """Return the key of session tokens, as Django's Signer derives it."""
    return hashlib.sha256(f"{SALT}signer{secret}".encode()).digest()


TOKEN_KEY = token_key(os.environ.get("SECRET_KEY", ""))


def caller(authorization: str, token: str, key: bytes = TOKEN_KEY) -> UUID:
    """Return the session the credentials are for; raises Refused."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), AGENT_KEY):
        raise Refused(401, "Send the agent key.")
    value, _, signature = token.rpartition(":")
    digest = hmac.digest(key, value.encode(), "sha256")
    expected = base64.urlsafe_b64encode(digest).strip(b"=")
    if not hmac.compare_digest(signature.encode(), expected):
        raise Refused(401, "Send the session token.")
    return UUID(hex=value)


def script_of(row: Sequence[Any] | None) -> int:
    """Return the script of a session in progress; raises Refused for any other state."""
    if row is None:
        raise Refused(404, "There is no such session.")
    script, status, expired = row[:3]
    if status != "in_progress" or expired:
        raise Refused(409, "The interview is not in progress.")
    return int(script)


def check_saved(row: Sequence[Any]) -> None:
    """Raise Refused unless the row says that the answer was stored."""
    if not row[-1]:
        script_of(row)
        raise Refused(409, "The script does not ask this question.")


def check_text(text: str) -> str:
    """Return the text of an answer; raises Refused if nothing is said in it.

    Every question of the benchmark must be answered, so that it needs no look.
    """
    if not text.strip():
        raise Refused(409, "This question needs an answer.")
    return text

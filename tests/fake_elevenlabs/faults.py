"""What a test may make go wrong at the vendor."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Refusal(NamedTuple):
    """What the vendor answers instead of what was asked: its status, word and sentence."""

    status: int
    code: str
    message: str


# As the vendor refuses an account that has used up what it paid for.
QUOTA_EXCEEDED = Refusal(
    401, "quota_exceeded", "This request exceeds your quota of 10000 credits."
)


@dataclass
class Faults:
    """All off by default; may be changed at any time, even during a call.

    Questions are numbered from 1, as the portal's `position` numbers them. Where a fault
    breaks the socket off, it does so once for each session (the variable `session_id`), so
    that the candidate who comes back gets on.
    """

    # The agent's model calls /answer in parallel, or again with other words.
    duplicate_answer: bool = False
    answer_twice_other_text: bool = False
    # The socket breaks (1011) once the question was answered, or before it is stored.
    drop_after_answer: int | None = None
    drop_before_answer: int | None = None
    # The model never calls /answer for these. It asks /next, is given the same question, and
    # goes on by itself: with the next text of `known_questions`, at the last with goodbye.
    skip_answer: set[int] = field(default_factory=set)
    known_questions: list[str] = field(default_factory=list)
    no_end: bool = False
    # The model's own words: instead of the question, and instead of the candidate's.
    paraphrase: dict[int, str] = field(default_factory=dict)
    retell: dict[int, str] = field(default_factory=dict)
    # The question is put again after a first reply; the answer is both replies.
    ask_twice: set[int] = field(default_factory=set)
    # Connected, but never a word.
    silent: bool = False

    # 503 for every REST call, and no new socket.
    outage: bool = False
    # Every REST call is refused so, the key notwithstanding.
    refusal: Refusal | None = None
    slow_rest: float = 0  # seconds before each REST answer
    processing_forever: bool = False
    no_audio: bool = False
    conversation_404: bool = False

    no_webhook: bool = False
    webhook_duplicates: int = 0  # further copies of each delivery
    webhook_audio_first: bool = False

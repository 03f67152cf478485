"""What the candidate said to which question: stretches of a call's turns."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from vacancies.scripts import FrozenScript
from voice.askings import Asking, Spoken, askings, words
from voice.models import Speaker
from voice.tool_config import ANSWER_TOOL, END_TOOL, NEXT_TOOL

# They end an answer. Hanging up does not: the agent hangs up for a pause as well.
CLOSING_TOOLS = {ANSWER_TOOL, END_TOOL}


class Span(NamedTuple):
    """The candidate's words to one question; times in seconds of the call.

    `is_complete`: the agent went on after these words, so they were all the candidate
    had to say. Otherwise the call broke off, and the question may be asked again.
    """

    question_id: int
    text: str
    asked_at: int
    start: int
    end: int
    is_complete: bool

    @property
    def duration_ms(self) -> int:
        return (self.end - self.start) * 1000


def spans(
    script: FrozenScript, turns: Sequence[Spoken], *, duration: int | None
) -> list[Span]:
    """Return what the candidate said from each question to the next, where any was.

    The same question put again, with no other between, is one span.
    """
    runs = [
        list(run)
        for _, run in groupby(askings(script, turns), key=lambda a: a.question.id)
    ]
    ends = [*(run[0].turn for run in runs), len(turns)][1:]
    found = [
        span(script, run[0], turns, end, duration)
        for run, end in zip(runs, ends, strict=True)
    ]
    return [one for one in found if one]


def span(
    script: FrozenScript,
    asking: Asking,
    turns: Sequence[Spoken],
    end: int,
    duration: int | None,
) -> Span | None:
    """Return what was said from the asking to the turn `end`, None if nothing was."""
    spoken = [
        number
        for number in range(asking.turn, end)
        if turns[number].speaker == Speaker.CANDIDATE
    ]
    if not spoken:
        return None
    first, last = spoken[0], spoken[-1]
    after = turns[last + 1 :]
    start = turns[first].seconds
    stop = after[0].seconds if after else duration or 0
    return Span(
        question_id=asking.question.id,
        text="\n".join(turns[number].text for number in spoken),
        asked_at=turns[asking.turn].seconds,
        start=start,
        # A turn's time is in whole seconds: a short word takes none.
        end=max(stop, turns[last].seconds, start + 1),
        is_complete=end < len(turns) or has_moved_on(script, after),
    )


def has_moved_on(script: FrozenScript, after: Sequence[Spoken]) -> bool:
    """Tell whether the agent took the answer as given, by what it did afterwards.

    It saved it, ended the interview, said goodbye, or looked for what comes next and
    then went on talking (where it put the same question again, that is in the span).
    """
    has_looked = False
    for turn in after:
        if turn.speaker == Speaker.TOOL:
            if turn.text in CLOSING_TOOLS:
                return True
            has_looked |= turn.text == NEXT_TOOL
        elif turn.speaker == Speaker.AGENT and (
            has_looked or says(script.closing, turn.text)
        ):
            return True
    return False


def says(line: str, text: str) -> bool:
    return bool(line) and " ".join(words(line)) in " ".join(words(text))

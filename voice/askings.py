"""Which question an agent's words put: a comparison of texts, the same every time.

Word for word means the same words in the same order; case, punctuation, spaces and ё/е
do not count, and more may be said before and after. Failing that, the question is taken
to be put in other words if enough of its own words are there, in any form and order. A
word weighs by its length and by how few of the script's questions have it, so that
questions that are nearly alike are told apart by what differs.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple, Protocol

from vacancies.scripts import FrozenQuestion, FrozenScript
from voice.models import Speaker
from voice.tool_config import ANSWER_TOOL, NEXT_TOOL

# Enough of a question's words; more where a chance likeness is likelier.
LIKE = 0.55
VERY_LIKE = 0.75
# Fewer words than this may stand in any sentence by chance.
SHORT = 3
# Letters: beyond so many a word weighs no more; so many at least are a stem, and such a
# share of the longer word.
LONG_WORD = 8
SHORTEST_STEM = 3
STEM_SHARE = 0.55
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
CLAUSE_END = re.compile(r"[,;:!?…()«»“”\"—–]|\.(?=\s|$)")
GROUPED_DIGITS = re.compile(r"(?<=\d)[\s,](?=\d{3}(?!\d))")
# Stress marks, soft hyphens, zero-width characters: nobody hears them.
INAUDIBLE = re.compile("[\u0300\u0301\u00ad\u200b-\u200f\u2060\ufeff]")
THANKS = {"спасибо", "благодарю", "thank", "thanks"}


class Spoken(Protocol):
    """A turn: of the database, or just read."""

    @property
    def speaker(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def seconds(self) -> int: ...
    @property
    def question_id(self) -> int | None: ...


class Asking(NamedTuple):
    """One time a question was put; `similarity` is 1 when word for word.

    It is 0 when only the answer that was saved tells which question it was.
    """

    turn: int
    question: FrozenQuestion
    similarity: float
    said: str


class Place(NamedTuple):
    """A word of a turn and where it stands."""

    word: str
    sentence: int
    clause: int


def words(text: str) -> list[str]:
    """Return the words as they are compared."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    text = GROUPED_DIGITS.sub("", INAUDIBLE.sub("", text))
    return re.findall(r"\w+", text)


def askings(script: FrozenScript, turns: Sequence[Spoken]) -> list[Asking]:
    """Return the questions that the agent put in a call, in the order it put them."""
    matcher = Matcher(script)
    found: list[Asking] = []
    for number, turn in enumerate(turns):
        if turn.speaker == Speaker.AGENT:
            asked = {asking.question.id for asking in found}
            found += matcher.find(number, turn.text, asked)
    return with_unrecognised(script, without_greeting(found), turns)


def with_unrecognised(
    script: FrozenScript, found: list[Asking], turns: Sequence[Spoken]
) -> list[Asking]:
    """Add the questions of which no word was left, but whose answer was saved.

    The portal tells the agent which question is next, and the agent's tool which it
    saves, both past the language model: between the two it must have asked.
    """
    for begin, end in between_tools(turns):
        question = script.by_id.get(turns[end].question_id or 0)
        earlier = [asking for asking in found if asking.turn < end]
        is_current = earlier and earlier[-1].question == question
        if question and not is_current and all(one.turn < begin for one in earlier):
            said = said_first(turns[begin:end])
            asking = [Asking(begin, question, 0, said)] if said else []
            found = sorted([*found, *asking], key=lambda one: one.turn)
    return found


def between_tools(turns: Sequence[Spoken]) -> Iterator[tuple[int, int]]:
    """Yield where the talk before each saved answer begins, and where it was saved."""
    begin = 0
    for number, turn in enumerate(turns):
        if turn.speaker == Speaker.TOOL and turn.text in {NEXT_TOOL, ANSWER_TOOL}:
            if turn.text == ANSWER_TOOL:
                yield begin, number
            begin = number + 1


def said_first(turns: Sequence[Spoken]) -> str:
    """Return what the agent said before the candidate did."""
    talk = takewhile(lambda turn: turn.speaker != Speaker.CANDIDATE, turns)
    return " ".join(turn.text for turn in talk if turn.speaker == Speaker.AGENT)


def without_greeting(found: list[Asking]) -> list[Asking]:
    """Drop what resembles the first question before it is put word for word."""
    exact = next((i for i, one in enumerate(found) if one.similarity == 1), 0)
    if all(one.question == found[exact].question for one in found[:exact]):
        return found[exact:]
    return found


class Line:
    """An agent's turn, from which what has been recognised is taken out."""

    def __init__(self, text: str) -> None:
        self.sentences = SENTENCE_END.split(text)
        self.places = list(self.split())
        self.words = [place.word for place in self.places]
        self.is_free = [True] * len(self.words)
        self.by_start: dict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(self.words):
            self.by_start[word[:3]].append(number)

    def split(self) -> Iterator[Place]:
        for number, sentence in enumerate(self.sentences):
            for clause, part in enumerate(CLAUSE_END.split(sentence)):
                yield from (Place(word, number, clause) for word in words(part))

    def said(self, first: int, last: int) -> str:
        """Return the whole sentences around these words."""
        start, end = self.places[first].sentence, self.places[last].sentence
        return " ".join(self.sentences[start : end + 1]).strip()

    def take(self, first: int, last: int) -> None:
        self.is_free[first : last + 1] = [False] * (last + 1 - first)

    def take_thanks(self) -> None:
        """Take out the sentences that thank: they repeat what was asked before."""
        thankful = {place.sentence for place in self.places if place.word in THANKS}
        for number, place in enumerate(self.places):
            if place.sentence in thankful and not self.is_asking(place.sentence):
                self.take(number, number)

    def is_asking(self, sentence: int) -> bool:
        return self.sentences[sentence].rstrip().endswith("?")

    def find(self, sought: list[str]) -> Iterator[int]:
        """Yield where these words stand in this order, and take them."""
        length = len(sought)
        for start in range(len(self.words) - length + 1):
            if (
                self.words[start : start + length] == sought
                and all(self.is_free[start : start + length])
                and (length >= SHORT or self.fills_clause(start, length))
            ):
                self.take(start, start + length - 1)
                yield start

    def fills_clause(self, start: int, length: int) -> bool:
        here = self.places[start][1:]
        return sum(place[1:] == here for place in self.places) == length

    def like(self, sought: Iterable[str]) -> list[tuple[int, str]]:
        """Return the places of words akin to those sought, with the one each is like."""
        return sorted(
            (number, word)
            for word in sought
            for number in self.by_start[word[:3]]
            if self.is_free[number] and are_akin(word, self.words[number])
        )


def are_akin(one: str, other: str) -> bool:
    """Tell whether two words may be forms of one: "опыт" and "опыте", never 3 and 30."""
    if one == other:
        return True
    if one[0].isdigit() or min(len(one), len(other)) < SHORTEST_STEM:
        return False
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    common = sum(1 for _ in same)
    return common >= max(SHORTEST_STEM, STEM_SHARE * max(len(one), len(other)))


class Likeness(NamedTuple):
    """How much of a question some words have, and which words they are."""

    share: float
    first: int
    last: int


class Matcher:
    """The questions of a script, made ready to be looked for."""

    def __init__(self, script: FrozenScript) -> None:
        self.sought = {q.id: words(q.text) for q in script.questions}
        self.questions = [q for q in script.questions if self.sought[q.id]]
        self.frame = [words(script.greeting), words(script.closing)]
        spread = Counter(
            word for sought in self.sought.values() for word in set(sought)
        )
        self.weights = {
            word: min(len(word), LONG_WORD) / times for word, times in spread.items()
        }

    def find(self, turn: int, text: str, asked: Collection[int]) -> list[Asking]:
        """Return the questions put in one turn, in the order of their words."""
        line = Line(text)
        found = dict(self.exact(turn, line))
        for part in filter(None, self.frame):
            list(line.find(part))
        line.take_thanks()
        found |= self.alike(turn, line, self.thresholds(found.values(), asked))
        return [found[place] for place in sorted(found)]

    def exact(self, turn: int, line: Line) -> Iterator[tuple[int, Asking]]:
        """Yield what is word for word; the longest first, as it may hold a shorter one."""
        for question in sorted(self.questions, key=lambda q: -len(self.sought[q.id])):
            length = len(self.sought[question.id])
            for place in line.find(self.sought[question.id]):
                said = line.said(place, place + length - 1)
                yield place, Asking(turn, question, 1, said)

    def thresholds(
        self, found: Iterable[Asking], asked: Collection[int]
    ) -> dict[int, float]:
        """Say how alike a turn must be to each question that may be in it as well.

        Beside a question put word for word stands no second helping of an earlier one:
        it is a remark on the answer.
        """
        sure = {asking.question.id for asking in found}
        never = sure | set(asked) if sure else set()
        return {
            question.id: VERY_LIKE if sure or question.id in asked else LIKE
            for question in self.questions
            if question.id not in never and len(self.sought[question.id]) >= SHORT
        }

    def alike(
        self, turn: int, line: Line, thresholds: dict[int, float]
    ) -> Iterator[tuple[int, Asking]]:
        """Yield the questions put in other words, the most alike first."""
        rivals = [question for question in self.questions if question.id in thresholds]
        while rivals:
            likeness = {q.id: self.likeness(line, self.sought[q.id]) for q in rivals}
            best = max(rivals, key=lambda question: likeness[question.id].share)
            share, first, last = likeness[best.id]
            if share < thresholds[best.id]:
                return
            rivals.remove(best)
            line.take(first, last)
            yield first, Asking(turn, best, min(share, 0.99), line.said(first, last))

    def likeness(self, line: Line, sought: list[str]) -> Likeness:
        """Return the stretch of the line that has most of the words sought."""
        total = sum(self.weights[word] for word in set(sought))
        width = 2 * len(sought) + 2
        found = line.like(set(sought))
        best = Likeness(0, 0, 0)
        for number, (first, _) in enumerate(found):
            stretch = [hit for hit in found[number:] if hit[0] < first + width]
            weight = sum(self.weights[word] for word in {word for _, word in stretch})
            best = max(best, Likeness(weight / total, first, stretch[-1][0]))
        return best

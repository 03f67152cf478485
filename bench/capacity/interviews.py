"""What candidates, their pages and their voice agents do: one flow for each errand.

A flow yields what it waits for (see `loop`). What the portal answers is compared whole
where it can be told beforehand, which is so for every call of an agent.
"""

import random
import re
from collections.abc import Callable, Generator
from contextlib import suppress

from bench.capacity.calls import Calling, Calls
from bench.capacity.ledger import Ledger
from bench.capacity.loop import Flow, Loop
from bench.capacity.people import Live
from bench.capacity.rates import page_seconds
from bench.capacity.wire import Exchange, Request, Response

# Shorter than people take, so that whoever starts in a stage also arrives in it.
READING_SECONDS = 2
CSRF_FIELD = re.compile(rb'name="csrfmiddlewaretoken" value="(\w+)"')
CONVERSATION = re.compile(rb'"conversationId":"([\w-]+)"')
TEXT = (
    "В прошлой компании я отвечал за обслуживание клиентов и за обучение новых коллег. "
    "Сначала было непросто: заявок приходило много, а порядка в них не было. Мы завели "
    "общий список, договорились о сроках и каждую пятницу разбирали, что не получилось. "
    "Через полгода жалоб стало вдвое меньше, и мне поручили ещё две смены. Больше всего "
    "мне нравится, когда видно, что от моей работы кому-то стало легче. "
) * 2


class World(Calls):
    """The interviews that go on, and everything that is counted about them."""

    def __init__(
        self,
        loop: Loop,
        address: tuple[str, int],
        dice: random.Random,
        hr: list[Request],
    ) -> None:
        super().__init__(loop, address, dice)
        self.hr = hr
        self.live: list[Live] = []
        self.invited: list[Live] = []
        self.ledger = Ledger()
        self.texts = 0
        self.after_tool = page_seconds("afterTool")
        self.errands: dict[str, Callable[[Live], Flow]] = {
            "turn": self.turn,
            "next": self.ask_again,
            "drop": self.drop,
            "look": self.look,
            "alive": self.alive,
        }

    def arrive(self, kind: str) -> None:
        """Begin the errand that is due now."""
        if kind == "hr":
            return self.run(self.hr_page())
        if kind == "start":
            return self.run(self.begin(self.invited.pop()))
        if live := self.anybody():
            self.run(self.errands[kind](live))
        return None

    def anybody(self) -> Live | None:
        """Draw an interview whose agent waits for the candidate, as nearly all do."""
        for _ in range(100):
            if not self.live:
                return None
            live = self.dice.choice(self.live)
            if not live.is_busy:
                return live
        return None

    # The agent

    def turn(self, live: Live) -> Flow:
        """Answer the question at hand; after the last, end the interview."""
        live.is_busy, question = True, live.question
        # Not heard whether it was stored: the candidate says it once more.
        live.unsaved = live.unsaved or self.words()
        live.asked = live.answered + 1
        body = {
            "questionId": question,
            "answerText": live.unsaved,
            "durationMs": self.dice.randrange(5_000, 90_000),
            "confidence": 0.9,
        }
        wanted = live.script.saved[live.answered]
        saved = yield from self.call_until_answered(
            "answer",
            live.agent("POST", "/answer", body),
            lambda response: response.status == 200 and response.body == wanted,
        )
        live.is_busy = False
        if not saved:
            return
        self.ledger.acknowledge(live.id, question, live.unsaved)
        live.answered, live.unsaved = live.asked, ""
        if live.answered == live.script.total:
            self.leave(live)
        yield from self.look_after_tool(live)
        if live.answered == live.script.total:
            yield from self.end(live)

    def leave(self, live: Live) -> None:
        """Nothing more befalls the interview but its end."""
        with suppress(ValueError):  # a smaller stage has begun without it
            self.live.remove(live)

    def words(self) -> str:
        """Return an answer of 100 to 600 characters that nobody has given yet."""
        self.texts += 1
        start = self.dice.randrange(100)
        length = self.dice.randrange(90, 590)
        return f"{self.texts}. {TEXT[start : start + length]}"

    def ask_again(self, live: Live) -> Flow:
        """Ask for the question at hand, in the middle of a call."""
        live.is_busy = True
        yield from self.agent_next(live)
        live.is_busy = False

    def agent_next(self, live: Live) -> Flow:
        yield from self.call_until_answered(
            "next", live.agent("GET", "/next"), live.is_step()
        )
        yield from self.look_after_tool(live)

    def end(self, live: Live) -> Flow:
        """Say good-bye; the page notices, reports, and shows its last page."""
        yield READING_SECONDS
        live.is_ended = True
        ended = yield from self.call_until_answered(
            "end",
            live.agent("POST", "/end", {"reason": "completed"}),
            lambda response: response.body.startswith(b'{"finished":true,"finishedAt"'),
        )
        if ended is None:
            return  # given up: there is no last page yet
        yield from self.look_after_tool(live)
        yield from self.report(live, "disconnected", reason="agent")
        yield from self.look(live)
        yield from self.call_until_answered(
            "page of the end",
            live.page(),
            lambda response: b'data-page="finished"' in response.body,
        )

    # The candidate's page

    def look(self, live: Live) -> Flow:
        """Ask where the interview is, as the page does."""
        yield from self.call("look", live.browser("GET", "/next"), live.is_step())

    def look_after_tool(self, live: Live) -> Flow:
        """The page hears that its agent was answered, and looks."""
        yield self.after_tool
        yield from self.look(live)

    def alive(self, live: Live) -> Flow:
        yield from self.report(live, "alive")

    def report(self, live: Live, event: str, **more: str) -> Flow:
        call = live.conversation
        body = {"conversationId": call, "event": event, **more}
        yield from self.call(
            "report",
            live.browser("POST", "/call", body),
            # Of a call that is over, or replaced meanwhile, the portal wants no more.
            lambda response: (
                response.body == b'{"noted":true}'
                or (
                    response.status == 409
                    and (live.is_ended or live.conversation != call)
                )
            ),
        )

    def drop(self, live: Live) -> Flow:
        """Lose the call; the page begins another, and the agent asks where it was."""
        live.is_busy = True
        yield from self.report(live, "disconnected", reason="error")
        yield 1.5
        if (yield from self.connect(live)):
            yield from self.agent_next(live)
        else:
            self.leave(live)  # nobody speaks any more
        live.is_busy = False

    def connect(self, live: Live) -> Generator[float | Exchange, Response, bool]:
        """Get a call from the portal, and report that it is there."""
        ready = yield from self.call_until_answered(
            "call start",
            live.browser("POST", "/call/start", {}),
            lambda response: CONVERSATION.search(response.body) is not None,
        )
        found = ready and CONVERSATION.search(ready.body)
        if not found:
            return False
        live.conversation = found[1].decode()
        yield 1
        yield from self.report(live, "connected")
        yield from self.look(live)
        return True

    def begin(self, live: Live) -> Flow:
        """Open the link, agree, check the connection, and begin the call."""
        link = yield from self.open(
            live, "of the invitation", "", f"{live.path}/start".encode()
        )
        token = link and CSRF_FIELD.search(link.body)
        if not link or not token:
            return
        live.cookies = link.cookies()
        yield READING_SECONDS
        started = yield from self.call_until_answered(
            "start",
            live.form("/start", b"csrfmiddlewaretoken=" + token[1]),
            lambda response: response.status == 302,
        )
        if not started:
            return
        live.cookies += b"; " + started.cookies()
        yield from self.open(live, "of the check", "/check", b'data-page="check"')
        for _ in range(3):
            yield from self.call(
                "health",
                Request("GET", "/healthz"),
                lambda response: response.status == 200,
            )
        yield READING_SECONDS
        page = yield from self.open(
            live, "of the call", "?speaking", f'"{live.id}"'.encode()
        )
        yield 1
        if page and (yield from self.connect(live)):
            yield from self.agent_next(live)
            self.live.append(live)

    def open(self, live: Live, which: str, rest: str, holds: bytes) -> Calling:
        """Load a page; static files are in the browser's store after the first visit."""
        return (
            yield from self.call_until_answered(
                f"page {which}",
                live.page(rest),
                lambda response: response.status == 200 and holds in response.body,
            )
        )

    # HR

    def hr_page(self) -> Flow:
        """Open one of HR's pages."""
        yield from self.call(
            "hr",
            self.dice.choice(self.hr),
            lambda response: response.status == 200 and b"</html>" in response.body,
        )

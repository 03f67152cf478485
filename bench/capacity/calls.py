"""Calls of the portal: made when a flow asks for them, judged, and repeated when refused."""

import random
from collections.abc import Callable, Generator

from bench.capacity.figures import Figures
from bench.capacity.loop import Flow, Loop, Pool
from bench.capacity.wire import Exchange, Request, Response

# As the voice service waits for a tool's answer (voice.tool_config), and pages for theirs.
PATIENCE_SECONDS = 20
# So often is asked again what was refused or broke off; then somebody has to press a key.
ATTEMPTS = 6
PAUSE_SECONDS = 1

Calling = Generator[float | Exchange, Response, Response | None]
Check = Callable[[Response], bool]


class Calls:
    """Runs flows, and counts what becomes of their calls."""

    def __init__(
        self, loop: Loop, address: tuple[str, int], dice: random.Random
    ) -> None:
        self.loop = loop
        self.pool = Pool(loop, address, self.finished)
        self.dice = dice
        self.flows: dict[Exchange, Flow] = {}
        # Of the stage that goes on, and of those before it: late answers are theirs.
        self.books: list[Figures] = []

    @property
    def figures(self) -> Figures:
        return self.books[-1]

    def run(self, flow: Flow, response: Response | None = None) -> None:
        try:
            # A generator takes nothing but None before it has begun.
            wanted = flow.send(response)  # type: ignore[arg-type]
        except StopIteration:
            return
        if isinstance(wanted, Exchange):
            wanted.due = self.loop.due
            self.flows[wanted] = flow
            self.pool.send(wanted)
        else:
            self.loop.at(self.loop.due + wanted, self.run, flow)

    def finished(self, exchange: Exchange, response: Response) -> None:
        for figures in self.books:
            figures.note(exchange, response, self.loop.due)
        self.run(self.flows.pop(exchange), response)

    def call(self, kind: str, request: Request, check: Check) -> Calling:
        """Ask once; return the answer if it is right."""
        response = yield Exchange(kind, request.content(), PATIENCE_SECONDS)
        if not response.status or response.is_refusal:
            return None
        if check(response):
            return response
        self.figures.error(kind, f"status {response.status}, wrong answer")
        return None

    def call_until_answered(self, kind: str, request: Request, check: Check) -> Calling:
        """Ask, and ask again when told to; return the right answer, or None."""
        began = self.loop.due
        for attempt in range(ATTEMPTS):
            response = yield Exchange(kind, request.content(), PATIENCE_SECONDS)
            if response.status and not response.is_refusal:
                if attempt:
                    self.figures.repeated.append(self.loop.due - began)
                if check(response):
                    return response
                self.figures.error(kind, f"status {response.status}, wrong answer")
                return None
            pause = response.retry_after or PAUSE_SECONDS
            yield pause * self.dice.uniform(1, 1.5)
        self.figures.given_up[kind] += 1
        return None

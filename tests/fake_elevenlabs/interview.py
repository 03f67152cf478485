"""The agent's language model, played: always the same way, and wrong where a fault says so."""

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tests.fake_elevenlabs.admission import Setting
from tests.fake_elevenlabs.line import Line
from tests.fake_elevenlabs.phrases import PHRASES
from tests.fake_elevenlabs.tool_calls import ToolResult
from tests.fake_elevenlabs.toolbox import Toolbox
from tests.fake_elevenlabs.variables import rendered

if TYPE_CHECKING:
    from tests.fake_elevenlabs.server import FakeElevenLabs

TRIES = 3
# A model that goes round in circles is stopped: so many questions for each of the script.
ROUNDS = 4
MANY = 20

Step = dict[str, Any]


class Broken(Exception):
    """The vendor's end of the socket breaks."""


class Interview:
    """One agent on one line."""

    def __init__(
        self,
        fake: "FakeElevenLabs",
        line: Line,
        setting: Setting,
        tools: Toolbox,
        *,
        can_end: bool,
    ) -> None:
        self.fake, self.line, self.setting, self.tools = fake, line, setting, tools
        self.can_end = can_end
        self.phrases = PHRASES[setting.language]
        self.asked = 0

    async def hold(self) -> None:
        """Hold the interview; an agent that was not given end_call just falls silent."""
        if self.fake.faults.silent:
            await self.line.idle()
        if self.setting.first_message:
            await self.line.say(rendered(self.setting.first_message, self.tools.now()))
            if self.fake.awaits_readiness:
                await self.line.listen(lambda _: self.phrases["ready"])
        step = await self.next_step()
        while step and not step["done"]:
            self.asked += 1
            if self.asked > ROUNDS * step.get("total", MANY):
                step = None
                break
            step = await self.ask(step)
        await self.conclude(step)
        if self.can_end:
            await self.tools.end_call()
        else:
            await self.line.idle()

    async def ask(self, step: Step) -> Step | None:
        """Put one question and see to its answer; return what comes next."""
        faults, number = self.fake.faults, step.get("position") or self.asked
        text = faults.paraphrase.get(number) or step["text"]
        await self.line.say(text)
        words = await self.listen(number)
        if number in faults.ask_twice:
            await self.line.say(text)
            words = f"{words} {await self.listen(number)}"
        if number in faults.skip_answer:
            return await self.go_on_by_itself(step, number)
        self.break_off("drop_before_answer", number)
        return await self.answer(step, number, faults.retell.get(number, words))

    async def listen(self, number: int) -> str:
        def spoken(seconds: float) -> str:
            if self.line.voice:
                return self.phrases["speech"].format(round(seconds))
            return self.fake.spoken_answers(number)

        return await self.line.listen(spoken)

    def break_off(self, fault: str, number: int) -> None:
        key = (f"{fault} {number}", self.tools.variables.get("session_id"))
        if getattr(self.fake.faults, fault) == number and key not in self.fake.dropped:
            self.fake.dropped.add(key)
            raise Broken

    async def answer(self, step: Step, number: int, words: str) -> Step | None:
        """Hand in an answer, and return the question that the portal gives in return."""
        faults, before = self.fake.faults, dict(self.tools.variables)
        arguments = {"questionId": step["questionId"], "answerText": words}
        result = await self.hand_in(arguments, before)
        if faults.answer_twice_other_text:
            arguments["answerText"] += f" {self.phrases['more']}"
            result = await self.hand_in(arguments, before)
        if result.is_error:
            # Refused: /next says where the interview stands.
            return await self.next_step()
        self.break_off("drop_after_answer", number)
        return step_in(result, "next") or await self.next_step()

    async def hand_in(
        self, arguments: dict[str, Any], variables: dict[str, Any]
    ) -> ToolResult:
        """Call /answer with the variables as they were: again if it fails, not if refused."""
        calls = 2 if self.fake.faults.duplicate_answer else 1
        for _ in range(TRIES):
            results = await asyncio.gather(
                *(self.tools.call("answer", arguments, variables) for _ in range(calls))
            )
            if not results[0].is_error or results[0].status == HTTPStatus.CONFLICT:
                break
            await asyncio.sleep(self.line.pace)
        return results[0]

    async def go_on_by_itself(self, step: Step, number: int) -> Step | None:
        """Forget to hand in the answer, and take the next question from memory."""
        again = await self.next_step()
        if again is None or again["done"] or again["questionId"] != step["questionId"]:
            return again
        if number >= step["total"]:
            return {"done": True, "text": self.phrases["goodbye"]}
        known = self.fake.faults.known_questions
        if number >= len(known):
            return again
        text = f"{self.phrases['thanks']} {known[number]}"
        return again | {"position": number + 1, "text": text}

    async def next_step(self) -> Step | None:
        """Ask the portal where the interview stands, with some patience."""
        for _ in range(TRIES):
            result = await self.tools.call("next", {})
            if not result.is_error:
                return step_in(result)
            if result.status == HTTPStatus.CONFLICT:
                return step_in(result, "next")
            await asyncio.sleep(self.line.pace)
        return None

    async def conclude(self, step: Step | None) -> None:
        await self.line.say(step["text"] if step else self.phrases["trouble"])
        if step and not self.fake.faults.no_end:
            await self.tools.call("end", {"reason": "completed"})


def step_in(result: ToolResult, key: str | None = None) -> Step | None:
    """Return the step that the model can read in a tool's answer, if there is one."""
    seen = (
        result.seen.get(key) if key and isinstance(result.seen, dict) else result.seen
    )
    return seen if isinstance(seen, dict) and "done" in seen else None

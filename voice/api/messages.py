"""What the candidate's page and the portal say to each other about a call."""

from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta

from core.api import InvalidField
from interviews.api.messages import WITHOUT_NUL, NextQuestion
from voice.calls import ReadyCall


class CallReady(msgspec.Struct, frozen=True, rename="camel"):
    """A call may begin: the address is good for one call, within fifteen minutes.

    The page names the conversation in its reports; it is empty if it is not known yet.
    """

    state: Literal["ready"]
    signed_url: str
    conversation_id: str
    dynamic_variables: dict[str, str | int]

    @classmethod
    def of(cls, call: ReadyCall) -> Self:
        return cls(
            "ready", call.signed_url, call.conversation_id, call.dynamic_variables
        )


class CallQueued(msgspec.Struct, frozen=True, rename="camel"):
    """All calls are taken: ask again after some seconds, or the place is given away."""

    state: Literal["waiting"]
    position: Annotated[int, Meta(ge=1)]
    retry_after_seconds: int


class CallEvent(msgspec.Struct, frozen=True, rename="camel"):
    """What the candidate's page saw of a call with the voice agent, and of which."""

    event: Literal["connected", "alive", "error", "disconnected"]
    conversation_id: Annotated[str, Meta(pattern=r"^[\w-]{0,100}(?!\s)$")] = ""
    reason: Annotated[str, Meta(max_length=50, extra_json_schema=WITHOUT_NUL)] = ""
    detail: Annotated[str, Meta(max_length=500, extra_json_schema=WITHOUT_NUL)] = ""

    def __post_init__(self) -> None:
        if "\0" in self.summary:
            raise InvalidField("detail", "Leave out the NUL character.")
        if self.event == "connected" and not self.conversation_id:
            raise InvalidField("conversationId", "This field is required.")

    @property
    def summary(self) -> str:
        return " ".join(filter(None, [self.reason, self.detail]))


class CallRefusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """No call can begin now: `next` is there where the interview itself refuses it."""

    code: str
    detail: str
    next: NextQuestion | None = None


class Noted(msgspec.Struct, frozen=True):
    """The report is on the session's timeline."""

    noted: bool = True

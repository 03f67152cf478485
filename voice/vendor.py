"""The vendor's API: the one place that holds the SDK's client.

Its errors leave here as `VendorError`, whose text says in words what is the matter and
quotes no candidate.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx
from django.utils.translation import gettext

from interviews.services import spoken_to_ai
from voice.workspaces import Workspace, workspaces

if TYPE_CHECKING:
    from elevenlabs import ElevenLabs
    from elevenlabs.core.api_error import ApiError

TIMEOUT_SECONDS = 10


class VendorError(Exception):
    """The vendor did not do what was asked.

    `status` is its HTTP status and `code` its own word for the reason, if it gave them.
    """

    def __init__(self, text: str, status: int | None = None, code: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.code = code

    @property
    def is_passing(self) -> bool:
        """Tell whether the same call may well succeed later."""
        return self.status is None or self.status in {408, 429} or self.status >= 500


def client(workspace: Workspace) -> ElevenLabs:
    """Return the SDK's client for the workspace; made once per process."""
    return client_for(workspace.api_key, workspace.base_url)


def warm_up() -> None:
    """Load what starting a call needs, or the first candidate of a process waits for it."""
    for workspace in workspaces() if spoken_to_ai() else ():
        _ = client(workspace).conversational_ai.conversations


@cache
def client_for(api_key: str, address: str) -> ElevenLabs:
    # Loading the SDK takes more than a second: not at every start of every command.
    from elevenlabs import ElevenLabs

    return ElevenLabs(
        api_key=api_key,
        base_url=address,
        timeout=TIMEOUT_SECONDS,
        # The key goes to the address that the administrator named, and nowhere else.
        follow_redirects=False,
    )


@contextmanager
def vendor_errors(workspace: Workspace) -> Iterator[None]:
    """Turn whatever goes wrong with the vendor into a VendorError."""
    from elevenlabs.core.api_error import ApiError
    from elevenlabs.core.parse_error import ParsingError
    from pydantic import ValidationError

    try:
        yield
    except ApiError as error:
        raise VendorError(described(error), error.status_code, code(error)) from error
    except httpx.HTTPError as error:
        raise VendorError(
            gettext("%(url)s cannot be reached (%(error)s)")
            % {"url": workspace.base_url, "error": type(error).__name__}
        ) from error
    except (ParsingError, ValidationError) as error:
        raise VendorError(
            gettext("This version does not understand the answer of ElevenLabs"), 502
        ) from error


def described(error: ApiError) -> str:
    """Say what the vendor answered, as shortly as it allows."""
    return gettext("ElevenLabs answered %(status)s: %(reason)s") % {
        "status": error.status_code,
        "reason": message(detail(error))[:300],
    }


def code(error: ApiError) -> str:
    """Return the vendor's own word for what is the matter, such as invalid_api_key."""
    reason = detail(error)
    return str(reason.get("status") or "") if isinstance(reason, dict) else ""


def detail(error: ApiError) -> Any:
    body = error.body
    return body.get("detail", body) if isinstance(body, dict) else body


def message(reason: Any) -> str:
    """Put a reason into words; refused fields come as a list, each with its place."""
    if isinstance(reason, list):
        return "; ".join(map(message, reason))
    if not isinstance(reason, dict):
        return " ".join(str(reason).split())
    place = ".".join(map(str, reason.get("loc", [])))
    text = str(reason.get("message") or reason.get("msg") or reason)
    return f"{place}: {text}" if place else text

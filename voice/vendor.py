"""The vendor's API: the one place that holds the SDK's client.

Its errors leave here as `VendorError`, whose text says in words what is the matter and
quotes no candidate.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import httpx
from django.conf import settings

from interviews.agent import base_url

if TYPE_CHECKING:
    from elevenlabs import ElevenLabs

TIMEOUT_SECONDS = 10


class VendorError(Exception):
    """The vendor did not do what was asked; `status` is its HTTP status, if it gave one."""

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status

    @property
    def is_passing(self) -> bool:
        """Tell whether the same call may well succeed later."""
        return self.status is None or self.status in {408, 429} or self.status >= 500


def client() -> ElevenLabs:
    """Return the SDK's client for the account; made once per process."""
    return client_for(settings.ELEVENLABS_API_KEY, base_url())


@cache
def client_for(api_key: str, address: str) -> ElevenLabs:
    # Loading the SDK takes more than a second: not at every start of every command.
    from elevenlabs import ElevenLabs

    return ElevenLabs(api_key=api_key, base_url=address, timeout=TIMEOUT_SECONDS)


@contextmanager
def vendor_errors() -> Iterator[None]:
    """Turn whatever goes wrong with the vendor into a VendorError."""
    from elevenlabs.core.api_error import ApiError
    from pydantic import ValidationError

    try:
        yield
    except ApiError as error:
        raise VendorError(described(error), error.status_code) from error
    except httpx.HTTPError as error:
        raise VendorError(
            f"{base_url()} cannot be reached ({type(error).__name__})"
        ) from error
    except ValidationError as error:
        raise VendorError(
            "The answer is not one this version understands", 502
        ) from error


def described(error: object) -> str:
    """Say what the vendor answered, as shortly as it allows."""
    body = getattr(error, "body", None)
    detail = body.get("detail", body) if isinstance(body, dict) else body
    message = detail.get("message", detail) if isinstance(detail, dict) else detail
    return (
        f"ElevenLabs answered {getattr(error, 'status_code', '')}: {str(message)[:300]}"
    )

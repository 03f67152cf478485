"""OpenAPI: the types of the call's endpoints."""

from typing import Any

from interviews.api.schema import with_types
from voice.api.messages import (
    CallEvent,
    CallQueued,
    CallReady,
    CallRefusal,
    Noted,
)


def add_messages(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Add the types to the schema (a drf-spectacular hook)."""
    return with_types(result, [CallReady, CallQueued, CallEvent, CallRefusal, Noted])

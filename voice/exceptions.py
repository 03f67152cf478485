"""Refusals of the voice service."""

from core.exceptions import DomainError


class VoiceUnavailable(DomainError):
    """The vendor cannot be reached, refuses us, or has no agent of ours."""

    status_code = 503
    code = "voice_unavailable"
    detail = (
        "The voice interviewer cannot be reached now. Try again in a minute, "
        "or continue in writing."
    )


class CallReplaced(DomainError):
    """The candidate has begun another call since, in another window or on another device."""

    code = "replaced"
    detail = "Another page holds this interview's call now; end this one."

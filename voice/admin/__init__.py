"""The voice service in the admin: whether it works, and what it sent."""

from voice.admin import events

__all__ = ["events"]

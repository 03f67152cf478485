"""Interviews in the admin: the list, the record of each, and invitations."""

from interviews.admin import sessions

__all__ = ["sessions"]

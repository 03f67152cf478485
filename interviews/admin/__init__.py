"""Interviews in the admin: the list, the record of each, invitations, requests."""

from interviews.admin import mail, requests, sessions

__all__ = ["mail", "requests", "sessions"]

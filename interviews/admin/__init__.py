"""Interviews in the admin: the list, the record of each, invitations, requests."""

from interviews.admin import requests, sessions

__all__ = ["requests", "sessions"]

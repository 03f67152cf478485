"""HR staff in the admin, and the log of what they did."""

from accounts.admin import users

__all__ = ["users"]

"""Rating, deciding, sharing and exporting, in the admin."""

from reviews.admin import sessions, shares

__all__ = ["sessions", "shares"]

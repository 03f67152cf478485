"""Rating, deciding, sharing and exporting, in the admin."""

from reviews.admin import sessions

__all__ = ["sessions"]

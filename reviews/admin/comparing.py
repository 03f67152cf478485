"""Candidates side by side, and how far reviewers agree."""


class CompareViews:
    """The part of the interviews' admin that compares."""

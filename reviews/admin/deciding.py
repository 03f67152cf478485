"""Stages and decisions, of one interview or of many."""


class DecisionViews:
    """The part of the interviews' admin that decides."""

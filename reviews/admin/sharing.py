"""Links for people without an account."""


class ShareViews:
    """The part of the interviews' admin that shares."""

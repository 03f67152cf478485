"""The page on which an interview is read, heard and rated."""


class ReviewViews:
    """The part of the interviews' admin that reviews."""

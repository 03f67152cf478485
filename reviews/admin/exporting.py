"""Files of interviews."""


class ExportViews:
    """The part of the interviews' admin that exports."""

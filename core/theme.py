"""A mend of the admin's theme, whose version is pinned for reasons like this."""

from typing import Any

from unfold.templatetags import unfold_list


def make_headings_once() -> None:
    """Have a list's headings made once a page; the theme makes all of them for each row."""
    make = unfold_list.result_headers

    def result_headers(changelist: Any) -> list[Any]:
        if not hasattr(changelist, "headings"):
            changelist.headings = list(make(changelist))
        return changelist.headings

    unfold_list.result_headers = result_headers

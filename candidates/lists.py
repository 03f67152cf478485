"""What lists of people do while names and addresses are encrypted."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from core import encryption


def sortable(columns: Iterable[str], *of_names: str) -> list[str]:
    """Return the columns by which a list can be ordered: not by what nobody can read."""
    hidden = of_names if encryption.has_keys() else ()
    return [column for column in columns if column not in hidden]


def search_help(text: str) -> str:
    """Return the words under a search box: `text`, and how encrypted names are found."""
    if not encryption.has_keys():
        return text
    how = _(
        "Names and addresses are encrypted: they are found by the first letters of a "
        "word, three or more."
    )
    return f"{text}. {how}" if text else how

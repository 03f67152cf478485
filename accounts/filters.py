"""Filters of the admin's lists that offer a reader no rows but their own."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.views.main import ChangeList
from unfold.contrib.filters.admin import AutocompleteSelectFilter


class VisibleSelectFilter(AutocompleteSelectFilter):
    """By a row of another table, found by typing.

    The theme's own would print the name of any row whose key stands in the address.
    """

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        for choice in super().choices(changelist):
            field = choice["form"].fields[self.lookup_kwarg]
            field.queryset = field.queryset.visible_to(self.request.user)
            yield choice


def limited(list_filter: Any) -> Any:
    """Return a filter of an admin's list, such that it names no row of somebody else's."""
    if isinstance(list_filter, tuple) and list_filter[1] is AutocompleteSelectFilter:
        return (list_filter[0], VisibleSelectFilter)
    return list_filter

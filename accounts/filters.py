"""Filters of the admin's lists: none offers a reader rows but their own."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter


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


class DaysFilter(RangeDateFilter):
    """From one day to another, both whole, in the time zone of the portal."""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        for end, lookup in (("from", "gte"), ("to", "lte")):
            text = self.used_parameters.get(f"{self.parameter_name}_{end}")
            if day := day_of(text):
                queryset = queryset.filter(
                    **{f"{self.parameter_name}__date__{lookup}": day}
                )
        return queryset


def day_of(text: str | None) -> date | None:
    """Read a day as the reader's language writes it."""
    try:
        return forms.DateField(required=False).clean(text)
    except forms.ValidationError:
        return None

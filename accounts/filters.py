"""Filters of the admin's lists: none offers a reader rows but their own."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
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
        first = day_of(self.used_parameters.get(f"{self.parameter_name}_from"))
        last = day_of(self.used_parameters.get(f"{self.parameter_name}_to"))
        # By moments, not by days: an index knows no time zone.
        if first:
            queryset = queryset.filter(
                **{f"{self.parameter_name}__gte": midnight(first)}
            )
        if last and last < date.max:
            after = midnight(last + timedelta(days=1))
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": after})
        return queryset


def midnight(day: date) -> datetime:
    """Return the moment at which the day begins in the portal's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def day_of(text: str | None) -> date | None:
    """Read a day as the reader's language writes it."""
    try:
        return forms.DateField(required=False).clean(text)
    except forms.ValidationError:
        return None

"""Filters of the list of interviews."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter

from interviews.models import SessionQuerySet, SessionState, SessionStatus


class StatusFilter(DropdownFilter):
    """By status, where what the clock has closed counts as expired and nothing else."""

    title = _("status")
    parameter_name = "state"

    def lookups(
        self, request: HttpRequest, model_admin: ModelAdmin
    ) -> list[tuple[str, Any]]:
        expired = (SessionState.EXPIRED.value, SessionState.EXPIRED.label)
        return [*SessionStatus.choices, expired]

    def queryset(
        self, request: HttpRequest, queryset: SessionQuerySet
    ) -> SessionQuerySet:
        status = self.value()
        if status == SessionState.EXPIRED:
            return queryset.expired()
        if status in {SessionStatus.INVITED, SessionStatus.IN_PROGRESS}:
            return queryset.filter(status=status).unexpired()
        return queryset.filter(status=status) if status else queryset


class DaysFilter(RangeDateFilter):
    """From one day to another, both whole, in the time zone of the portal."""

    def queryset(
        self, request: HttpRequest, queryset: SessionQuerySet
    ) -> SessionQuerySet:
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

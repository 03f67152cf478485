"""Filters of the list of interviews."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

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

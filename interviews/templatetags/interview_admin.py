"""What the admin's templates need to show an interview."""

import re
from datetime import timedelta

from django import template
from django.urls import reverse
from django.utils.translation import gettext

from interviews.models import SessionState

COLOURS = {
    SessionState.NOT_OPEN: "default",
    SessionState.INVITED: "info",
    SessionState.DECLINED: "danger",
    SessionState.IN_PROGRESS: "warning",
    SessionState.FINISHED: "success",
    SessionState.EXPIRED: "danger",
    SessionState.CANCELLED: "default",
    SessionState.VACANCY_CLOSED: "default",
}

register = template.Library()


@register.filter
def state_colour(state: SessionState) -> str:
    return COLOURS[state]


@register.filter
def seconds(duration_ms: int) -> str:
    """Write milliseconds the way people say them."""
    return human(round(duration_ms / 1000))


@register.filter
def elapsed(duration: timedelta) -> str:
    return human(round(duration.total_seconds()))


def human(total: int) -> str:
    minutes, left = divmod(total, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return gettext("%(hours)d h %(minutes)d min") % {
            "hours": hours,
            "minutes": minutes,
        }
    if minutes:
        return gettext("%(minutes)d min %(seconds)d s") % {
            "minutes": minutes,
            "seconds": left,
        }
    return gettext("%(seconds)d s") % {"seconds": left}


@register.filter
def percent(share: float) -> str:
    """Write a share from 0 to 1 in whole percent."""
    return f"{share:.0%}"


@register.filter
def is_playable(url: str) -> bool:
    """Tell whether a recording's address may go into the page: no data:, no script.

    It leads to the web, or to a recording of the portal's own.
    """
    if url.lower().startswith(("https://", "http://")):
        return True
    address, _, _ = url.partition("#")
    own = reverse("recording", args=["-"]).removesuffix("-")
    return address.startswith(own) and bool(
        re.fullmatch(r"[\w-]+", address.removeprefix(own))
    )

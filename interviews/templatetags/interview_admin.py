"""What the admin's templates need to show an interview."""

import re
from datetime import timedelta

from django import template
from django.urls import Resolver404, resolve
from django.utils.translation import gettext

from interviews.models import Answer, SessionState, Take
from interviews.takes import take_url
from interviews.transcript import Turn

COLOURS = {
    SessionState.NOT_OPEN: "default",
    SessionState.INVITED: "info",
    SessionState.DECLINED: "danger",
    SessionState.IN_PROGRESS: "warning",
    SessionState.FINISHED: "success",
    SessionState.EXPIRED: "danger",
    SessionState.CANCELLED: "default",
    SessionState.VACANCY_CLOSED: "default",
    SessionState.WITHDRAWN: "danger",
}

OWN_RECORDING = re.compile(r"/[\w/-]+")

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
    return OWN_RECORDING.fullmatch(address) is not None and is_own(address)


def is_own(address: str) -> bool:
    try:
        return resolve(address).url_name in {"recording", "take_recording"}
    except Resolver404:
        return False


@register.filter
def take_of(turn: Turn, answer: Answer) -> Take | None:
    """Return the take that was sent as this answer."""
    return turn.take_of(answer)


@register.filter
def over_limit(turn: Turn, answer: Answer) -> str:
    """Write by how much a spoken answer is over its time limit, "1:05"; or nothing."""
    total = round(turn.over_limit_ms(answer) / 1000)
    return f"{total // 60}:{total % 60:02}" if total else ""


@register.filter
def address(take: Take) -> str:
    return take_url(take.pk)


@register.filter
def parts(take: Take) -> range:
    """Return the numbers of a take's parts, as it came."""
    return range(1, 1 + (getattr(take, "parts", None) or 1))

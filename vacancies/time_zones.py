"""Names of time zones, for a person to choose from."""

from functools import cache
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import gettext

# Doubles and curiosities of the database, which name no place.
ODD = ("Etc/", "US/", "Canada/", "Brazil/", "Mexico/", "Chile/")


@cache
def places() -> tuple[str, ...]:
    """Return the zones that are named by a place, and UTC, in their order."""
    named = (zone for zone in available_timezones() if "/" in zone)
    return ("UTC", *sorted(zone for zone in named if not zone.startswith(ODD)))


def choices(present: str = "") -> list[tuple[str, str]]:
    """Return the choices of a field; whatever is stored, however odd, is among them."""
    portals = gettext("The portal’s: %(zone)s") % {"zone": settings.TIME_ZONE}
    others = [present] if present and present not in places() else []
    return [
        ("", portals),
        *((zone, zone.replace("_", " ")) for zone in [*others, *places()]),
    ]

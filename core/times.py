"""Moments as people of another place read them: with the name of the place."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

# What people call the zones that they are likely to meet; the others go by their own name.
PLACES = {
    "Europe/Kaliningrad": _("Kaliningrad"),
    "Europe/Moscow": _("Moscow"),
    "Europe/Samara": _("Samara"),
    "Asia/Yekaterinburg": _("Yekaterinburg"),
    "Asia/Omsk": _("Omsk"),
    "Asia/Novosibirsk": _("Novosibirsk"),
    "Asia/Krasnoyarsk": _("Krasnoyarsk"),
    "Asia/Irkutsk": _("Irkutsk"),
    "Asia/Yakutsk": _("Yakutsk"),
    "Asia/Vladivostok": _("Vladivostok"),
    "Asia/Magadan": _("Magadan"),
    "Asia/Kamchatka": _("Kamchatka"),
    "Europe/Minsk": _("Minsk"),
    "Europe/Kyiv": _("Kyiv"),
    "Asia/Almaty": _("Almaty"),
    "Asia/Tashkent": _("Tashkent"),
    "Asia/Tbilisi": _("Tbilisi"),
    "Asia/Yerevan": _("Yerevan"),
    "Asia/Baku": _("Baku"),
    "Europe/Berlin": _("Berlin"),
    "Europe/London": _("London"),
    "Europe/Paris": _("Paris"),
    "Europe/Warsaw": _("Warsaw"),
    "America/New_York": _("New York"),
}
UNIVERSAL = {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Universal", "Zulu"}


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of this name, or the portal's own for an empty one."""
    return ZoneInfo(name or settings.TIME_ZONE)


def zone_label(zone: ZoneInfo, moment: datetime) -> str:
    """Name a zone the way people do, "Moscow, GMT+3"; its offset is that of the moment."""
    if zone.key in UNIVERSAL:
        return "UTC"
    place = PLACES.get(zone.key, zone.key.rpartition("/")[2].replace("_", " "))
    return f"{place}, {offset(moment.astimezone(zone))}"


def offset(moment: datetime) -> str:
    minutes = (moment.utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, left = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return f"GMT{sign}{hours}{f':{left:02}' if left else ''}" if minutes else "GMT"


def written(moment: datetime, zone: ZoneInfo) -> str:
    """Write a moment for a letter: "3 December, 18:00 (Moscow, GMT+3)"."""
    shown = moment.astimezone(zone)
    is_this_year = shown.year == timezone.now().astimezone(zone).year
    words = date_format(shown, "j E, H:i" if is_this_year else "j E Y, H:i")
    return f"{words} ({zone_label(zone, moment)})"

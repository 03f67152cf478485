"""What any page may need."""

from datetime import datetime

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from core.times import written, zone_of

register = template.Library()


@register.simple_tag
def local_time(moment: datetime, zone: str = "") -> SafeString:
    """Return the moment with its zone; static/js/times.js puts it into the reader's own.

    With a `zone` by name it stays what it is, and the reader's own time joins it.
    """
    if zone:
        return format_html(
            '<time datetime="{}" data-zoned>{}</time>',
            moment.astimezone(zone_of(zone)).isoformat(timespec="seconds"),
            written(moment, zone_of(zone)),
        )
    shown = localtime(moment)
    return format_html(
        '<time datetime="{}" data-local>{} ({})</time>',
        shown.isoformat(timespec="seconds"),
        date_format(shown, "DATETIME_FORMAT"),
        date_format(shown, "T"),
    )

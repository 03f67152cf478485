"""What any page may need."""

from datetime import datetime

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

register = template.Library()


@register.simple_tag
def local_time(moment: datetime) -> SafeString:
    """Return the moment with its zone; static/js/times.js puts it into the reader's own."""
    shown = localtime(moment)
    return format_html(
        '<time datetime="{}" data-local>{} ({})</time>',
        shown.isoformat(timespec="seconds"),
        date_format(shown, "DATETIME_FORMAT"),
        date_format(shown, "T"),
    )

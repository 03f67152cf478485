"""Times of moments, for the review page."""

from django import template

register = template.Library()


@register.filter
def clock_of_ms(at_ms: int | None) -> str:
    """Write a time as minutes and seconds, 1:05; nothing of none."""
    if at_ms is None:
        return ""
    minutes, seconds = divmod(at_ms // 1000, 60)
    return f"{minutes}:{seconds:02}"

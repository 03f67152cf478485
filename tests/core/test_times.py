"""Moments as people of another place read them."""

from datetime import UTC, datetime

import pytest
from django.template import engines
from django.utils import timezone

from core.times import written, zone_of

NOON = datetime(2031, 12, 3, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Moscow", "3 December 2031, 15:00 (Moscow, GMT+3)"),
        ("America/New_York", "3 December 2031, 07:00 (New York, GMT-5)"),
        ("Asia/Kolkata", "3 December 2031, 17:30 (Kolkata, GMT+5:30)"),
        ("America/St_Johns", "3 December 2031, 08:30 (St Johns, GMT-3:30)"),
        ("Europe/London", "3 December 2031, 12:00 (London, GMT)"),
        ("", "3 December 2031, 12:00 (UTC)"),
    ],
)
def test_a_moment_is_written_with_its_place(settings, zone, expected):
    settings.TIME_ZONE = "UTC"

    assert written(NOON, zone_of(zone)) == expected


def test_the_year_is_left_out_while_it_is_this_one():
    now = timezone.now()

    assert str(now.year) not in written(now, zone_of("")).partition(",")[0]


def test_a_page_keeps_the_hour_of_a_named_zone():
    template = engines["django"].from_string(
        "{% load portal %}{% local_time moment zone as shown %}{{ shown }}"
    )

    shown = template.render({"moment": NOON, "zone": "Europe/Moscow"})

    assert shown == (
        '<time datetime="2031-12-03T15:00:00+03:00" data-zoned>'
        "3 December 2031, 15:00 (Moscow, GMT+3)</time>"
    )

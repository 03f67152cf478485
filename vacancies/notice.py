"""Notice: how long before its first question a candidate is told of an interview.

New York City (6 RCNY 5-304) asks for ten business days where a tool helps to decide.
Monday to Friday count; holidays differ by place and are not known here.
"""

from datetime import date, datetime, time, timedelta

from core.times import zone_of
from vacancies.models import Vacancy

SATURDAY = 5


def earliest_opening(vacancy: Vacancy, invited_at: datetime) -> datetime | None:
    """Return when an invitation of that moment may open at the earliest.

    After the vacancy's working days, all of them in full: the day of the invitation does
    not count. None if the vacancy gives no notice.
    """
    if not vacancy.notice_days:
        return None
    zone = zone_of(vacancy.time_zone)
    last = after_working_days(invited_at.astimezone(zone).date(), vacancy.notice_days)
    return datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone)


def after_working_days(day: date, number: int) -> date:
    """Return the working day that is so many working days after a day."""
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < SATURDAY
    return day

"""How long a vacancy keeps what candidates said; the portal's word where it has none."""

from django.conf import settings

from vacancies.models import Vacancy


def kept_days(vacancy: Vacancy) -> int:
    """Return for how many days interviews are kept; 0: for ever."""
    if vacancy.retention_days is None:
        return int(settings.RETENTION_DAYS)
    return vacancy.retention_days


def recordings_kept_days(vacancy: Vacancy) -> int:
    """Return for how many days recordings are kept; 0: as long as the interview."""
    days = vacancy.audio_retention_days
    if days is None:
        days = int(settings.RECORDING_RETENTION_DAYS)
    whole = kept_days(vacancy)
    return 0 if whole and days >= whole else days

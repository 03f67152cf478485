"""Who interviews: the employer, as candidates read of it."""

from django.conf import settings
from django.utils.translation import gettext


def company_name() -> str:
    """Name the employer; call it within the language of the text around it."""
    return settings.COMPANY_NAME or gettext("the hiring team")

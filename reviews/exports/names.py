"""What files of interviews are called."""

import re

from django.utils.timezone import localtime
from django.utils.translation import gettext

from interviews.models import InterviewSession


def file_name(extension: str, session: InterviewSession | None = None) -> str:
    """Name a file after what is in it, in letters that any disk takes."""
    if session is None:
        title = f"{gettext('Interviews')} {localtime():%Y-%m-%d %H-%M}"
    else:
        title = f"{session.candidate.name} – {session.vacancy.title}"
    return f"{plain(title)}.{extension}"


def plain(title: str) -> str:
    return " ".join(re.sub(r"[^\w–-]+", " ", title).split())[:100] or "Parley"

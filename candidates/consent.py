"""The consent text: what a candidate is told before the first question.

Changing a word of it in either language means raising `VERSION`.
"""

import hashlib

from django.conf import settings
from django.utils.translation import gettext, override

from core.company import company_name

VERSION = "2026-11-22"


def consent_paragraphs(language: str, *, spoken_to_ai: bool) -> list[str]:
    """Return the paragraphs of the consent text in `language`."""
    with override(language):
        paragraphs = [
            gettext(
                "Your answers are stored for %(company)s. People of the hiring team read "
                "and listen to them, and a person, never a program, decides."
            )
            % {"company": company_name()},
            retention(settings.RETENTION_DAYS),
        ]
        if spoken_to_ai:
            paragraphs.insert(
                0,
                gettext(
                    "You will talk to an AI voice, not to a person. It only asks the "
                    "questions. The call is recorded and put into writing; our provider, "
                    "ElevenLabs, processes your voice for that. If you would rather not, "
                    "you may answer in writing: it counts the same."
                ),
            )
        return paragraphs


def retention(days: int) -> str:
    """Say how long answers are kept; 0 days means that no period is promised."""
    if not days:
        return gettext(
            "Your answers are kept as long as this hiring needs them. You may ask for a "
            "copy or for deletion at any time."
        )
    return gettext(
        "Your answers are kept for at most %(days)d days after the decision, "
        "then deleted. You may ask for a copy or for deletion at any time."
    ) % {"days": days}


def consent_hash(paragraphs: list[str]) -> str:
    return hashlib.sha256("\n\n".join(paragraphs).encode()).hexdigest()

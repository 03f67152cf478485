"""The consent text: what a candidate is told before the first question.

Changing a word of it in either language means raising `VERSION`.
"""

import hashlib

from django.conf import settings
from django.utils.translation import gettext, override

from vacancies.companies import Employer

VERSION = "2026-11-23"


def consent_paragraphs(
    language: str, *, employer: Employer, spoken_to_ai: bool
) -> list[str]:
    """Return the paragraphs of the consent text in `language`."""
    with override(language):
        return [
            *([about_the_call()] if spoken_to_ai else []),
            gettext(
                "Your answers are stored for %(company)s. People of the hiring team read "
                "and listen to them, and a person, never a program, decides."
            )
            % {"company": employer.name},
            about_speaking(),
            retention(settings.RETENTION_DAYS),
        ]


def about_the_call() -> str:
    return gettext(
        "You will talk to an AI voice, not to a person. It only asks the questions. The "
        "call is recorded and put into writing; our provider, ElevenLabs, processes your "
        "voice for that. If you would rather not, you may answer in writing: it counts "
        "the same."
    )


def about_speaking() -> str:
    """Say who hears what is spoken to this page, without a call."""
    return gettext(
        "If you answer aloud on this page, the recording is stored with us. Your browser "
        "can write your words down while you speak, only if you switch that on; the "
        "speech service of its maker may then hear them (in Chrome: Google)."
    )


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

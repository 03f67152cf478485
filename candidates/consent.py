"""The consent text: what a candidate is told before the first question.

Changing a word of it in either language means raising `VERSION`.
"""

import hashlib

from django.utils.translation import gettext, override

from vacancies.companies import Employer
from vacancies.models import Vacancy
from vacancies.retention import kept_days, recordings_kept_days

VERSION = "2026-11-23.3"


def consent_paragraphs(
    vacancy: Vacancy, *, employer: Employer, spoken_to_ai: bool
) -> list[str]:
    """Return the paragraphs of the consent text, in the vacancy's language.

    `spoken_to_ai`: whether this vacancy offers the call with the voice agent.
    """
    with override(vacancy.language):
        return [
            *([about_the_call()] if spoken_to_ai else []),
            gettext(
                "Your answers are stored for %(company)s. People of the hiring team read "
                "and listen to them, and a person, never a program, decides."
            )
            % {"company": employer.name},
            *([about_scores()] if vacancy.uses_ai_scores else []),
            about_voice_here() if vacancy.keeps_voice_here else about_speaking(),
            *retention(kept_days(vacancy), recordings_kept_days(vacancy)),
            about_withdrawing(),
        ]


def about_the_call() -> str:
    return gettext(
        "You will talk to an AI voice, not to a person. It only asks the questions. The "
        "call is recorded and put into writing; our provider, ElevenLabs, processes your "
        "voice for that. If you would rather not, you may answer in writing: it counts "
        "the same."
    )


def about_scores() -> str:
    """Say what an AI that suggests scores looks at, and that it may be refused."""
    return gettext(
        "An AI program suggests a score for each answer, by its words in writing and "
        "what the question asks for: never by your voice, accent, pauses or mood. People "
        "check it and decide. You may say no to this here, now or later: your answers "
        "are then read by people alone, which counts the same."
    )


def about_speaking() -> str:
    """Say who hears what is spoken to this page, without a call."""
    return gettext(
        "If you answer aloud on this page, the recording is stored with us. Your browser "
        "can write your words down while you speak, only if you switch that on; the "
        "speech service of its maker may then hear them (in Chrome: Google)."
    )


def about_voice_here() -> str:
    """Say that nobody else hears it: for vacancies whose voices stay on this server."""
    return gettext(
        "If you answer aloud, the recording goes to our own server and stays there. No "
        "foreign service hears your voice: there is no call with an outside provider, and "
        "your browser is not asked to write your words down."
    )


def retention(days: int, recordings: int) -> list[str]:
    """Say how long answers and recordings are kept; 0 days: no period is promised."""
    about = [about_recordings(recordings)] if recordings else []
    if not days:
        return [
            *about,
            gettext(
                "Your answers are kept as long as this hiring needs them. You may ask for "
                "a copy or for deletion at any time."
            ),
        ]
    return [
        *about,
        gettext(
            "Your answers are kept for at most %(days)d days after the decision, or after "
            "the interview’s end if nothing is decided; then they are deleted. You may "
            "ask for a copy or for deletion at any time."
        )
        % {"days": days},
    ]


def about_recordings(days: int) -> str:
    return gettext(
        "Recordings of your voice are deleted earlier: %(days)d days after the decision, "
        "or after the interview’s end."
    ) % {"days": days}


def about_withdrawing() -> str:
    return gettext(
        "You may take your consent back at any time, on this same page. The interview "
        "then ends, and you can have your answers erased. What was done before stays "
        "lawful."
    )


def consent_hash(paragraphs: list[str]) -> str:
    return hashlib.sha256("\n\n".join(paragraphs).encode()).hexdigest()

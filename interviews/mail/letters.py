"""A letter to a candidate: its words with their facts, as text and as a simple page."""

from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, override

from core.times import written, zone_of
from interviews.mail.wording import Wording, fill, wording
from interviews.models import InterviewSession, default_deadline
from interviews.transcript import script_shown
from vacancies.companies import Employer, employer

SAMPLE_KEY = UUID(int=0)


class Letter(NamedTuple):
    """What is sent; `sender` is the name beside the portal's address."""

    subject: str
    text: str
    html: str
    sender: str
    reply_to: str


def compose(session: InterviewSession, kind: str) -> Letter:
    """Write the letter as of now, in the language of the interview."""
    vacancy = session.vacancy
    whose = employer(vacancy)
    with override(vacancy.language):
        return letter(
            wording(kind, vacancy.language),
            facts(session, whose),
            sender=str(whose.name),
            reply_to=whose.contact_email,
        )


def letter(
    words: Wording, facts: dict[str, str], *, sender: str, reply_to: str = ""
) -> Letter:
    """Fill the wording in; a subject is one line, whatever a name holds."""
    subject = " ".join(fill(words.subject, facts).split())
    text = fill(words.body, facts)
    context = {
        "subject": subject,
        "paragraphs": text.split("\n\n"),
        "link": facts["link"],
    }
    html = render_to_string("interviews/mail/letter.html", context)
    return Letter(subject, text, html, " ".join(sender.split()), reply_to)


def facts(session: InterviewSession, whose: Employer) -> dict[str, str]:
    """Return what the placeholders stand for, in the language that is active."""
    script = script_shown(session)
    zone = zone_of(session.vacancy.time_zone)
    opens = session.opens_at
    return {
        "name": session.candidate.name,
        "vacancy": session.vacancy.title,
        "company": str(whose.name),
        "link": f"{settings.PUBLIC_URL}{session.get_absolute_url()}",
        "deadline": written(session.expires_at, zone),
        "opens": opening(written(opens, zone))
        if opens and opens > timezone.now()
        else "",
        "questions": questions(len(script.questions)),
        "minutes": minutes(script.minutes),
        "contact": contact(whose),
    }


def sample_facts(language: str) -> dict[str, str]:
    """Return facts of nobody, to show what a wording becomes."""
    whose = employer(None)
    zone = zone_of("")
    path = reverse("interviews:session_detail", args=[SAMPLE_KEY])
    with override(language):
        return {
            "name": gettext("Anna Petrova"),
            "vacancy": gettext("Baker"),
            "company": str(whose.name),
            "link": f"{settings.PUBLIC_URL or 'https://…'}{path}",
            "deadline": written(default_deadline(), zone),
            "opens": opening(written(timezone.now(), zone)),
            "questions": questions(7),
            "minutes": minutes(15),
            "contact": contact(whose) or gettext("Olga Smirnova"),
        }


def opening(moment: str) -> str:
    return gettext("The interview opens on %s.") % moment


def questions(number: int) -> str:
    return ngettext("%d question", "%d questions", number) % number


def minutes(number: int) -> str:
    return ngettext("%d minute", "%d minutes", number) % number


def contact(whose: Employer) -> str:
    """Name the person who answers; empty where there is no address to answer from."""
    return (whose.contact_name or str(whose.name)) if whose.contact_email else ""

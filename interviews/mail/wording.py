"""What letters to candidates say: the portal's wording, and HR's own in its place."""

import re
import unicodedata
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from interviews.models import EmailTemplate, MessageKind

PLACEHOLDER = re.compile(r"\{(\w+)\}")
LINK = "link"
# Control characters, line and paragraph separators, halves of characters.
NOT_OF_ONE_LINE = frozenset({"Cc", "Zl", "Zp", "Cs"})
# In the order in which HR reads them.
PLACEHOLDERS: dict[str, str | Promise] = {
    "name": _("the candidate’s name"),
    "vacancy": _("the title of the vacancy"),
    "company": _("who is hiring"),
    LINK: _("the candidate’s own link; alone in its paragraph, it becomes a button"),
    "deadline": _("until when the link works, with the time zone"),
    "opens": _(
        "“The interview opens on …”; a paragraph with it is left out if it is open already"
    ),
    "questions": _("how many questions: “7 questions”"),
    "minutes": _("how long it takes: “15 minutes”"),
    "contact": _(
        "the person to ask; a paragraph with it is left out where nobody is named"
    ),
}
# Letters that make no sense without the way to the interview.
WITH_A_LINK = frozenset(MessageKind.values) - {MessageKind.CANCELLED}


class Wording(NamedTuple):
    subject: str
    body: str


SUBJECTS = {
    MessageKind.INVITATION: _("Your interview: {vacancy}"),
    MessageKind.REMINDER_DAYS: _("Your interview is still open: {vacancy}"),
    MessageKind.REMINDER_HOURS: _("Your interview closes soon: {vacancy}"),
    MessageKind.DEADLINE_MOVED: _("You have a new deadline: {vacancy}"),
    MessageKind.CANCELLED: _("The interview is cancelled: {vacancy}"),
}
BODIES = {
    MessageKind.INVITATION: _(
        "Hello {name},\n\n"
        "Thank you for your interest in the position “{vacancy}” ({company}). We would "
        "like to hear more about you and invite you to an interview that you take online, "
        "at a time that suits you.\n\n"
        "It has {questions} and takes about {minutes}. Answer aloud or in writing, on a "
        "phone or a computer; there is nothing to install.\n\n"
        "{opens}\n\n"
        "{link}\n\n"
        "The link is yours alone and works until {deadline}. You may take a break: the "
        "same link brings you back to where you stopped.\n\n"
        "Any questions? Just reply to this e-mail: {contact} will gladly help.\n\n"
        "Good luck!\n"
        "{company}"
    ),
    MessageKind.REMINDER_DAYS: _(
        "Hello {name},\n\n"
        "Your interview for the position “{vacancy}” is open until {deadline}. It takes "
        "about {minutes}, and what you have answered already is kept.\n\n"
        "{link}\n\n"
        "If you need more time, just reply to this e-mail: {contact} will gladly help.\n\n"
        "{company}"
    ),
    MessageKind.REMINDER_HOURS: _(
        "Hello {name},\n\n"
        "Your interview for the position “{vacancy}” closes soon: it is open until "
        "{deadline}. If you would still like to take part, now is a good moment.\n\n"
        "{link}\n\n"
        "It does not fit in today? Just reply to this e-mail: {contact} will gladly "
        "help.\n\n"
        "{company}"
    ),
    MessageKind.DEADLINE_MOVED: _(
        "Hello {name},\n\n"
        "You have a new deadline for the interview for the position “{vacancy}”: it is "
        "open until {deadline}. Your link is the same, and what you have answered already "
        "is kept.\n\n"
        "{link}\n\n"
        "Any questions? Just reply to this e-mail: {contact} will gladly help.\n\n"
        "{company}"
    ),
    MessageKind.CANCELLED: _(
        "Hello {name},\n\n"
        "The interview for the position “{vacancy}” is cancelled, and your link works no "
        "more. You need not do anything. We are sorry for the change of plans, and thank "
        "you for your time.\n\n"
        "Any questions? Just reply to this e-mail: {contact} will gladly help.\n\n"
        "{company}"
    ),
}


def default_wording(kind: str, language: str) -> Wording:
    """Return the portal's own wording."""
    occasion = MessageKind(kind)
    with override(language):
        return Wording(str(SUBJECTS[occasion]), str(BODIES[occasion]))


def wording(kind: str, language: str) -> Wording:
    """Return what the letter says: HR's own wording, if there is one."""
    own = EmailTemplate.objects.filter(kind=kind, language=language).first()
    return Wording(own.subject, own.body) if own else default_wording(kind, language)


def fill(text: str, facts: dict[str, str]) -> str:
    """Put the facts into the text, once: what looks like a placeholder in a name stays.

    A paragraph that needs a fact which is empty is left out.
    """
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return "\n\n".join(
        PLACEHOLDER.sub(lambda found: facts.get(found[1], found[0]), paragraph)
        for paragraph in paragraphs
        if all(facts.get(name, "-") for name in PLACEHOLDER.findall(paragraph))
    )


def check_subject(text: str) -> None:
    """Raise ValidationError for what cannot stand in a subject."""
    if any(unicodedata.category(letter) in NOT_OF_ONE_LINE for letter in text):
        raise ValidationError(gettext("The subject is one line of plain text."))
    check_placeholders(text)


def check_body(kind: str, text: str) -> None:
    """Raise ValidationError for what the letter cannot say, or fails to say."""
    check_placeholders(text)
    if kind in WITH_A_LINK and LINK not in PLACEHOLDER.findall(text):
        raise ValidationError(
            gettext(
                "Put {link} where the candidate’s link belongs: without it nobody finds "
                "the interview."
            )
        )


def check_placeholders(text: str) -> None:
    unknown = [name for name in PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    if unknown:
        raise ValidationError(
            gettext("There is no placeholder %(unknown)s. These there are: %(known)s.")
            % {
                "unknown": ", ".join(f"{{{name}}}" for name in dict.fromkeys(unknown)),
                "known": ", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
            }
        )

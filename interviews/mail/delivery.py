"""Whether letters can be sent, and handing one to the mail server."""

import smtplib
from contextlib import suppress
from email.utils import formataddr, parseaddr

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext
from urllib3.exceptions import MaxRetryError

from core.message_ids import message_id
from interviews.mail.letters import Letter

DUMMY = "django.core.mail.backends.dummy.EmailBackend"
FOLDER = "django.core.mail.backends.filebased.EmailBackend"
TOO_MANY_REQUESTS, SERVER_ERRORS = 429, 500
# What a server says of a letter it may take later: 400 to 499.
LATER = range(400, 500)


class NotSent(Exception):
    """The letter did not go out; the text is why, in the words of whoever refused it."""


class TryLater(NotSent):
    """The server refused for the moment, and certainly has not sent it."""


class Unclear(NotSent):
    """The connection broke in the middle: the letter may have been sent, or not."""


def problem() -> str:
    """Say what keeps the portal from sending letters, and what to do; empty: nothing."""
    if settings.EMAIL_BACKEND == DUMMY:
        return gettext(
            "No mail server is set up: send candidates their links yourself."
        )
    if not settings.PUBLIC_URL:
        return gettext(
            "PUBLIC_URL is not set, so letters cannot hold links: send candidates their "
            "links yourself."
        )
    return ""


def is_on() -> bool:
    return not problem()


def note() -> str:
    """Say where letters go if they do not leave this machine; empty: they do."""
    if settings.EMAIL_BACKEND != FOLDER:
        return ""
    return gettext(
        "No mail server is set up: letters are written to the folder %s, and none is sent."
    ) % (settings.EMAIL_FILE_PATH)


def deliver(letter: Letter, *, to: str, key: str) -> str:
    """Hand the letter to the mail server; return its id there.

    `key` is the same when the same letter is handed over again: its Message-ID is made
    of it, by which mail servers know what they have already. Raises NotSent, or one of
    its kinds.
    """
    email = written(letter, to, key)
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise TryLater(words(error)) from error
    try:
        send(email, connection)
    finally:
        # What was taken is taken, however the goodbye goes.
        with suppress(OSError, smtplib.SMTPException):
            connection.close()
    status = getattr(email, "anymail_status", None)
    return str(status.message_id or "") if status else email.extra_headers["Message-ID"]


def written(letter: Letter, to: str, key: str) -> EmailMultiAlternatives:
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    email = EmailMultiAlternatives(
        letter.subject,
        letter.text,
        formataddr((letter.sender, address)),
        [to],
        reply_to=[letter.reply_to] if letter.reply_to else [],
        headers={
            "Message-ID": message_id(key, address),
            # Nobody's absence note should answer it.
            "Auto-Submitted": "auto-generated",
        },
    )
    email.attach_alternative(letter.html, "text/html")
    return email


def send(email: EmailMultiAlternatives, connection: BaseEmailBackend) -> None:
    try:
        connection.send_messages([email])
    except smtplib.SMTPRecipientsRefused as error:
        raise refusal(*next(iter(error.recipients.values()))) from error
    except smtplib.SMTPResponseException as error:
        raise refusal(error.smtp_code, error.smtp_error) from error
    except AnymailError as error:
        raise refusal_of_service(error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unclear(words(error)) from error
    except ValueError as error:
        # An address or a header that no letter can have.
        raise NotSent(words(error)) from error


def refusal(code: int, reply: bytes | str) -> NotSent:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    kind = TryLater if code in LATER else NotSent
    return kind(f"{code} {text}")


def refusal_of_service(error: AnymailError) -> NotSent:
    """Tell apart what a mail service refused, and what never reached it."""
    code = error.status_code
    if code is None:
        cause = error.__cause__
        never_reached = bool(
            cause and cause.args and isinstance(cause.args[0], MaxRetryError)
        )
        if never_reached:
            return TryLater(words(error))
        return Unclear(words(error)) if isinstance(cause, OSError) else refused(error)
    if code == TOO_MANY_REQUESTS or code >= SERVER_ERRORS:
        return TryLater(words(error))
    return refused(error)


def refused(error: Exception) -> NotSent:
    return NotSent(words(error))


def words(error: Exception) -> str:
    """Return an error's text in one line, or its name if it has none."""
    return " ".join(str(error).split()) or type(error).__name__

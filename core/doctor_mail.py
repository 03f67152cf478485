"""The doctor's look at e-mail: connects and signs in, and sends nothing unless asked."""

import smtplib
from collections.abc import Iterator

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend

from core.doctor import Finding, check, ok, problem, warning

TIMEOUT_SECONDS = 10
NOWHERE = {
    "django.core.mail.backends.dummy.EmailBackend",
    "django.core.mail.backends.filebased.EmailBackend",
}


@check("mail")
def mail_can_be_sent() -> Iterator[Finding]:
    if settings.EMAIL_BACKEND in NOWHERE:
        yield warning(
            "No mail server is set up: no letter leaves this machine.",
            "Set EMAIL_URL, or send candidates their links yourself.",
        )
        return
    backend = get_connection(timeout=TIMEOUT_SECONDS)
    if isinstance(backend, EmailBackend):
        yield signed_in(backend)
    else:
        yield ok(
            "Letters go by a mail service, which only a letter can try: "
            "manage.py doctor --send-test ADDRESS."
        )


def signed_in(backend: EmailBackend) -> Finding:
    try:
        backend.open()
        backend.close()
    except smtplib.SMTPAuthenticationError as error:
        return problem(
            f"The mail server does not accept our sign-in ({error.smtp_code}).",
            "Correct user and password in EMAIL_URL, special characters percent-encoded.",
        )
    except (OSError, smtplib.SMTPException) as error:
        return problem(
            f"The mail server cannot be reached ({type(error).__name__}).",
            "Look at host and port in EMAIL_URL, at the firewall, and at "
            "smtp+tls (587) or smtp+ssl (465).",
        )
    return ok("The mail server accepts our connection and sign-in.")


def sent_test(address: str) -> Finding:
    """Send a letter of one sentence."""
    letter = EmailMessage(
        "Parley: a test", "This portal can send e-mail.", to=[address]
    )
    try:
        letter.send()
    except Exception as error:  # noqa: BLE001 - each mail service has errors of its own
        return problem(
            f"The test letter was not sent ({type(error).__name__}).",
            "See what is said of mail above, and the mail service's own log.",
        )
    return ok("The test letter was handed over; see whether it arrives.")

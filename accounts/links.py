"""Links to choose a password by: for who forgot theirs, and for who is new."""

from uuid import uuid4

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, override

from accounts.models import User
from core.message_ids import message_id
from core.queue import queue_once


def send_password_link(
    *, user: User, request: HttpRequest, is_new: bool = False
) -> None:
    """Queue the mail; the link itself is made by the worker, and stands in no queue."""
    queue_once(
        "accounts.tasks.mail_password_link",
        str(user.pk),
        user_id=str(user.pk),
        base_url=request.build_absolute_uri("/"),
        language=get_language() or settings.LANGUAGE_CODE,
        kind="invited" if is_new else "reset",
        letter=uuid4().hex,
    )


def password_path(user: User) -> str:
    """Return where the person chooses a password; good once, for some days."""
    return reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        },
    )


def mail_password_link(
    *, user: User, base_url: str, language: str, kind: str, letter: str
) -> None:
    """Send the link, in the reader's language. The same `letter` again has the same Message-ID."""
    context = {
        "user": user,
        "link": base_url.rstrip("/") + password_path(user),
        "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
    }
    with override(language):
        subject = render_to_string(f"account/email/{kind}_subject.txt", context)
        text = render_to_string(f"account/email/{kind}_message.txt", context)
        EmailMessage(
            subject.strip(),
            text,
            to=[user.email],
            headers={"Message-ID": message_id(letter)},
        ).send()


def can_mail() -> bool:
    """Tell whether mail leaves this portal."""
    return not settings.EMAIL_BACKEND.endswith(".dummy.EmailBackend")

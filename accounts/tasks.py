"""Background work about accounts."""

from uuid import uuid4

from axes.models import AccessAttempt
from django.conf import settings
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts import links
from accounts.models import User
from core import limits


@app.task(
    name="accounts.tasks.mail_password_link",
    retry=RetryStrategy(max_attempts=5, exponential_wait=5),
)
def mail_password_link(
    user_id: str, base_url: str, language: str, kind: str, letter: str = ""
) -> None:
    """Send a link to choose a password by, if the account is still there and open.

    Jobs that were queued by an earlier version do not name the letter.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user:
        links.mail_password_link(
            user=user,
            base_url=base_url,
            language=language,
            kind=kind,
            letter=letter or uuid4().hex,
        )


@app.periodic(cron="37 * * * *")
@app.task(queueing_lock="forget_attempts")
def forget_attempts(timestamp: int) -> None:
    """Remove failed attempts that lock or limit nobody any more."""
    AccessAttempt.objects.filter(
        attempt_time__lt=timezone.now() - settings.AXES_COOLOFF_TIME
    ).delete()
    limits.forget_old()

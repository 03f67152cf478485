"""Sharing chosen interviews with people who have no account."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate, make_aware
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import AuditAction, User
from core.exceptions import DomainError
from interviews.models import InterviewSession
from reviews.models import Share, SharedSession

USUAL_DAYS, MOST_DAYS = 14, 90
MOST_SESSIONS = 50
# A player asks for a recording piece by piece: so long it is one listening.
ONE_LISTENING = timedelta(minutes=10)


class CannotShare(DomainError):
    """The interviews chosen cannot be shared by one link; says why, for HR."""

    code = "cannot_share"


# The link


def new_token() -> str:
    """Return what a link ends with: 256 random bits, which nobody guesses."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def offered_token() -> str:
    """Return a token for a form to bring back, signed.

    The form sent twice then makes one link, and shows it both times.
    """
    return Signer(salt="reviews.share-form").sign(new_token())


def read_offered(signed: str) -> str | None:
    """Return the token that a form brings back, None if it is not one of ours."""
    try:
        return Signer(salt="reviews.share-form").unsign(signed)
    except BadSignature:
        return None


def share_of_token(token: str) -> Share | None:
    """Return the share that a link leads to, while it works."""
    return Share.objects.working().filter(token_hash=hash_of(token)).first()


def browser_pass(share: Share) -> str:
    """Return what a browser keeps once it has opened the link.

    It is bound to the link's token, and so dies with it; the link cannot be had from it.
    """
    return signer().signature(share.token_hash)


def share_of_browser(key: UUID, kept: str) -> Share | None:
    """Return the share whose pages a browser asks for, if it has opened its link.

    None as well once the share has expired or was revoked: each request asks anew.
    """
    shares = Share.objects.working().select_related("vacancy__company")
    share = shares.defer("vacancy__company__logo").filter(key=key).first()
    return share if share and is_pass(share, kept) else None


def is_pass(share: Share, kept: str) -> bool:
    try:
        return bool(signer().unsign(f"{share.token_hash}:{kept}"))
    except BadSignature:
        return False


def signer() -> Signer:
    return Signer(salt="reviews.share-pass")


# By HR


@transaction.atomic
def share_interviews(
    *,
    sessions: Sequence[InterviewSession],
    user: User,
    token: str,
    recipient: str,
    until: date,
    hides_names: bool = False,
    asks_feedback: bool = True,
) -> tuple[Share, bool]:
    """Make a link to some interviews of one vacancy, working to the end of a day.

    They are numbered in the order given. Returns the share and True, or for a token that
    was used already its share, unchanged, and False. Raises CannotShare.
    """
    check_can_share(sessions, user)
    share, created = Share.objects.get_or_create(
        token_hash=hash_of(token),
        defaults={
            "vacancy_id": sessions[0].vacancy_id,
            "recipient": recipient,
            "hides_names": hides_names,
            "asks_feedback": asks_feedback,
            "created_by": user,
            "expires_at": end_of(until),
        },
    )
    if created:
        SharedSession.objects.bulk_create(
            SharedSession(share=share, session=session, number=number)
            for number, session in enumerate(sessions, start=1)
        )
        record_shared(share, user, f"interviews={len(sessions)}")
    return share, created


def record_shared(share: Share, user: User, detail: str) -> None:
    record(
        AuditAction.SHARED,
        share,
        user=user,
        vacancy_id=share.vacancy_id,
        detail=detail,
    )


def check_can_share(sessions: Sequence[InterviewSession], user: User) -> None:
    """Raise CannotShare unless one person may share these by one link."""
    keys = {session.pk for session in sessions}
    if not keys:
        raise CannotShare(_("Choose at least one interview."))
    if len(keys) > MOST_SESSIONS:
        raise CannotShare(
            _("One link shows at most %d interviews: choose fewer.") % MOST_SESSIONS
        )
    if len({session.vacancy_id for session in sessions}) > 1:
        raise CannotShare(
            _("One link shows interviews of one vacancy: choose those of one.")
        )
    managed = InterviewSession.objects.managed_by(user).filter(pk__in=keys)
    if managed.count() != len(keys):
        raise CannotShare(_("Interviews are shared by the recruiter of their vacancy."))


def end_of(day: date) -> datetime:
    """Return the moment at which a day is over, in the portal's time zone."""
    return make_aware(datetime.combine(day + timedelta(days=1), time.min))


def last_day() -> date:
    return localdate() + timedelta(days=MOST_DAYS)


def usual_day() -> date:
    return localdate() + timedelta(days=USUAL_DAYS)


@transaction.atomic
def revoke(*, share: Share, user: User) -> bool:
    """Close a link for ever, at once; False if somebody already had."""
    open_shares = Share.objects.filter(pk=share.pk, revoked_at=None)
    if not open_shares.update(revoked_at=timezone.now()):
        return False
    record(AuditAction.REVOKED, share, user=user, vacancy_id=share.vacancy_id)
    return True


@transaction.atomic
def renew_link(*, share: Share, user: User, token: str) -> bool:
    """Give a share another link; the one before it dies, with all its open pages.

    False if the share was revoked. The same token again changes nothing.
    """
    share = Share.objects.select_for_update().get(pk=share.pk)
    if share.revoked_at:
        return False
    if share.token_hash != hash_of(token):
        share.token_hash = hash_of(token)
        share.save(update_fields=["token_hash"])
        record_shared(share, user, "new link")
    return True


@transaction.atomic
def extend(*, share: Share, until: date) -> bool:
    """Let a link work to the end of another day; False if it was revoked."""
    return bool(
        Share.objects.filter(pk=share.pk, revoked_at=None).update(
            expires_at=end_of(until)
        )
    )


# By whoever has the link


@transaction.atomic
def note_view(
    *,
    share: Share,
    address: str | None,
    session: InterviewSession | None = None,
    position: int | None = None,
) -> None:
    """Keep that a link's list, or an interview, or an answer's recording was opened.

    A recording counts once in ten minutes, however often its player asks.
    """
    about = {"session": session, "position": position, "address": address}
    if (
        position is not None
        and share.views.filter(**about, at__gt=timezone.now() - ONE_LISTENING).exists()
    ):
        return
    share.views.create(**about)
    record(
        AuditAction.VIEWED if position is None else AuditAction.LISTENED,
        session or share,
        actor=f"shared link {share.pk}",
        vacancy_id=share.vacancy_id,
        detail=f"share={share.pk}" + (f" answer={position}" if position else ""),
    )

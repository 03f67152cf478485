"""The session token: what lets a caller act for one session, checked without a query.

It is the session's id, signed with `SECRET_KEY` (and, while keys rotate,
`SECRET_KEY_FALLBACKS`). It opens that session's endpoints only while the session itself
is in progress.
"""

from functools import cache
from uuid import UUID

from django.core.signing import BadSignature, Signer

from core.cookies import host_only


@cache
def signer() -> Signer:
    return Signer(salt="interviews.session-token")


def mint_token(session_id: UUID) -> str:
    return signer().sign(session_id.hex)


def read_token(token: str) -> UUID | None:
    """Return the id of the session the token was minted for, None if it is not ours."""
    try:
        return UUID(hex=signer().unsign(token))
    except (BadSignature, ValueError):
        return None


def cookie_name(session_id: UUID) -> str:
    """Name the cookie that holds the token in the candidate's browser.

    The id is part of the name, so that two interviews in one browser do not meet.
    """
    return host_only(f"interview-{session_id.hex}")

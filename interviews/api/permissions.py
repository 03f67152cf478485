"""What a caller may touch."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, cast

from rest_framework.exceptions import NotFound
from rest_framework.permissions import BasePermission

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

    from interviews.api.authentication import Caller

logger = logging.getLogger("parley.security")


class OwnSession(BasePermission):
    """The session of the URL is the one the caller's token was minted for.

    Another's session is answered like one that does not exist, and neither is looked up.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        caller = cast("Caller | None", request.auth)
        if caller is None:
            return False
        if caller.session_id != view.kwargs["session_id"]:
            # Somebody has changed an id by hand, or a page mixes two interviews up.
            logger.warning(
                "call for another session", extra={"channel": caller.channel.value}
            )
            raise NotFound
        return True

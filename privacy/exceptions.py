"""Why something is not erased."""

from typing import cast

from django.utils.translation import gettext_lazy as _

from core.exceptions import DomainError


class Held(DomainError):
    """A legal hold stands against it."""

    code = "held"
    detail = cast("str", _("A legal hold stands against it: release that first."))


class StillOpen(DomainError):
    """An interview is open: whoever erases must say that it ends."""

    code = "still_open"
    detail = cast(
        "str",
        _("An interview is still open: erasing ends it, which you must agree to."),
    )


class AlreadyErased(DomainError):
    """Somebody else has just done it."""

    code = "already_erased"
    detail = cast("str", _("It is erased already."))

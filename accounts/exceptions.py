"""What the product refuses to do to an account."""

from core.exceptions import DomainError


class LastAdministrator(DomainError):
    """Nobody would be left who may change accounts."""

    code = "last_administrator"
    detail = "Make somebody else an administrator first."

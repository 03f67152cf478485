"""Who asks."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User


def signed_in(request: HttpRequest) -> User:
    """Return the member of staff who asks; raises PermissionDenied if it is nobody."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user

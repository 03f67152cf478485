"""The Content Security Policy of the admin, whose theme needs more than our own pages."""

from collections.abc import Callable

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

# Unfold's Alpine build evaluates the attributes of its own templates, and sets styles
# in them. Escaping is the only wall there: nothing that candidates wrote is ever safe.
ADDITIONS = {
    "script-src": [UNSAFE_EVAL],
    "style-src": [UNSAFE_INLINE],
    # Recorded answers are played from wherever the voice agent keeps them.
    "media-src": ["https:", "http:"],
}


class AdminContentSecurityPolicyMiddleware:
    """Relax the policy for the admin's pages alone; stands below django-csp's own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # Some of its pages are not the admin site's own.
        is_found = request.resolver_match is not None
        if is_found and request.path_info.startswith(reverse("admin:index")):
            response._csp_update = ADDITIONS  # type: ignore[attr-defined]
        return response

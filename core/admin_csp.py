"""The Content Security Policy of the admin, whose theme needs more than our own pages."""

from collections.abc import Callable

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponseBase

# Unfold's Alpine build evaluates the attributes of its own templates, and sets styles
# in them. Escaping is the only wall there: nothing that candidates wrote is ever safe.
ADDITIONS = {
    "script-src": [UNSAFE_EVAL],
    "style-src": [UNSAFE_INLINE],
    # Recorded answers are played from wherever the voice agent keeps them.
    "media-src": ["https:", "http:"],
}
# Those with the theme that are not the admin site's own.
PAGES = {"consent_texts"}


class AdminContentSecurityPolicyMiddleware:
    """Relax the policy for the admin's pages alone; stands below django-csp's own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        found = request.resolver_match
        if found and ("admin" in found.app_names or found.url_name in PAGES):
            response._csp_update = ADDITIONS  # type: ignore[attr-defined]
        return response

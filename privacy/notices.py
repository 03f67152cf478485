"""The consent texts that candidates were shown: found by their version."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Max, Min, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from candidates.models import Consent

TEXTS_SHOWN = 20


def texts() -> QuerySet[Any, Any]:
    """Return each text that was ever shown, the latest first, with how many said what.

    A text is told by its hash: employers and vacancies differ within one version.
    """
    return (
        Consent.objects.values("version", "language", "text_hash")
        .order_by()
        .annotate(
            # All of one hash have the same; the oldest rows have the hash alone.
            words=Max("text"),
            agreed=Count("candidate", filter=Q(given=True), distinct=True),
            refused=Count("candidate", filter=Q(given=False), distinct=True),
            first=Min("decided_at"),
            last=Max("decided_at"),
        )
        .order_by("-last", "text_hash")
    )


@require_safe
def consent_texts(request: HttpRequest) -> HttpResponse:
    """Show the texts to whoever sees everything; who agreed stands in each interview."""
    if not signed_in(request).sees_everything:
        raise PermissionDenied
    page = Paginator(texts(), TEXTS_SHOWN).get_page(request.GET.get("page"))
    context = {
        **admin.site.each_context(request),
        "title": _("Consent texts"),
        "page": page,
        "newer": page.has_previous() and f"?page={page.previous_page_number()}",
        "older": page.has_next() and f"?page={page.next_page_number()}",
    }
    return TemplateResponse(request, "admin/privacy/consent_texts.html", context)

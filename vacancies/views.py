"""A company's logo and colours, as files that a browser keeps."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from vacancies.colours import look
from vacancies.companies import logo_version, version
from vacancies.models import Company


@require_safe
def company_logo(request: HttpRequest, company_id: int) -> HttpResponse:
    company = get_object_or_404(Company.objects.exclude(logo_type=""), pk=company_id)
    response = HttpResponse(bytes(company.logo), content_type=company.logo_type)
    return kept(request, response, logo_version(company))


@require_safe
def company_look(request: HttpRequest, company_id: int) -> HttpResponse:
    """Answer with the style sheet of the company's colour; it stands after base.css."""
    companies = Company.objects.defer("logo").exclude(colour="")
    style = look(get_object_or_404(companies, pk=company_id).colour)
    return kept(request, HttpResponse(style, content_type="text/css"), version(style))


def kept(request: HttpRequest, response: HttpResponse, current: str) -> HttpResponse:
    """Let the browser keep what its address names exactly, and ask anew for the rest."""
    is_exact = request.GET.get("v") == current
    response["Cache-Control"] = (
        "public, max-age=31536000, immutable" if is_exact else "no-cache"
    )
    # Also where a proxy serves the portal under settings of its own.
    response["X-Content-Type-Options"] = "nosniff"
    return response

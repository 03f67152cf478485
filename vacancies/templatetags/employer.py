"""Whose page this is."""

from typing import Any

from django import template

from vacancies import companies

register = template.Library()


@register.simple_tag(takes_context=True)
def employer(context: dict[str, Any]) -> companies.Employer:
    """Return the employer of the page: of its vacancy, if it has one.

    The one query a template may cost, where the vacancy names no company: only who shows
    a page needs it, and many answers to the page's own scripts do not. A page without a
    vacancy may be about a failure of the database, so it asks none.
    """
    if "employer" in context:
        return context["employer"]
    session = context.get("session")
    vacancy = session.vacancy if session else context.get("vacancy")
    return companies.employer(vacancy) if vacancy else companies.employer_of_settings()

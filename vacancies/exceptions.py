"""Refusals by rules about vacancies."""

from core.exceptions import DomainError


class EmptyVacancy(DomainError):
    """The vacancy has no questions, so there is nothing to interview about."""

    code = "empty_vacancy"
    detail = "This vacancy has no questions yet."

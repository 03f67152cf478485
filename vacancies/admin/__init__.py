"""Vacancies, companies and the question bank in the admin."""

from vacancies.admin import bank, companies, vacancies

__all__ = ["bank", "companies", "vacancies"]

"""Vacancies, their ordered questions, and the frozen copies that interviews follow."""

from vacancies.models.choices import (
    AnswerModeChoice,
    Language,
    Part,
    VacancyStatus,
)
from vacancies.models.companies import Company
from vacancies.models.members import VacancyMember
from vacancies.models.questions import (
    ASKED_FIELDS,
    LEAST_WEIGHT,
    LONGEST_LIMIT_SECONDS,
    MOST_RETAKES,
    MOST_WEIGHT,
    SHORTEST_LIMIT_SECONDS,
    AskedQuestion,
    BankQuestion,
    Question,
    QuestionQuerySet,
    Tag,
)
from vacancies.models.scripts import Script, ScriptQuestion
from vacancies.models.submissions import Submission
from vacancies.models.vacancies import (
    OfSessions,
    OfVacancies,
    Vacancy,
    VacancyQuerySet,
    check_time_zone,
)

__all__ = [
    "ASKED_FIELDS",
    "LEAST_WEIGHT",
    "LONGEST_LIMIT_SECONDS",
    "MOST_RETAKES",
    "MOST_WEIGHT",
    "SHORTEST_LIMIT_SECONDS",
    "AnswerModeChoice",
    "AskedQuestion",
    "BankQuestion",
    "Company",
    "Language",
    "OfSessions",
    "OfVacancies",
    "Part",
    "Question",
    "QuestionQuerySet",
    "Script",
    "ScriptQuestion",
    "Submission",
    "Tag",
    "Vacancy",
    "VacancyMember",
    "VacancyQuerySet",
    "VacancyStatus",
    "check_time_zone",
]

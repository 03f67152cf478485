"""Forms of the vacancies' part of the admin."""

from vacancies.forms.companies import CompanyForm
from vacancies.forms.members import MemberForm, MemberFormSet
from vacancies.forms.questions import QuestionForm, QuestionFormSet
from vacancies.forms.vacancies import VacancyForm

__all__ = [
    "CompanyForm",
    "MemberForm",
    "MemberFormSet",
    "QuestionForm",
    "QuestionFormSet",
    "VacancyForm",
]

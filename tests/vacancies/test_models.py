"""vacancies.models (their constraints: tests/core/test_constraints.py)"""

import pytest

from tests.factories import QuestionFactory, SessionFactory, VacancyFactory
from vacancies.models import Question, Vacancy, VacancyStatus
from vacancies.scripts import FrozenQuestion
from vacancies.services import freeze_script, remove_question

pytestmark = pytest.mark.django_db


def test_counts_leave_out_archived_questions_and_do_not_multiply():
    vacancy = VacancyFactory(questions=3)
    freeze_script(vacancy)
    remove_question(vacancy.questions.first())
    SessionFactory.create_batch(2, vacancy=vacancy)
    VacancyFactory()

    counted = Vacancy.objects.with_counts().order_by("pk")

    counts = counted.values_list("question_count", "session_count")
    assert list(counts) == [(2, 2), (0, 0)]


@pytest.mark.parametrize("row_count", [1, 3])
def test_counts_cost_one_query(django_assert_num_queries, row_count):
    VacancyFactory.create_batch(row_count, questions=2)

    with django_assert_num_queries(1):
        counted = list(Vacancy.objects.with_counts())

    assert [vacancy.question_count for vacancy in counted] == [2] * row_count


@pytest.mark.parametrize(
    ("status", "is_open"),
    [
        (VacancyStatus.DRAFT, False),
        (VacancyStatus.OPEN, True),
        (VacancyStatus.CLOSED, False),
    ],
)
def test_vacancy_is_open_by_its_status(status, is_open):
    assert Vacancy(status=status).is_open is is_open


@pytest.mark.parametrize(("length", "shown"), [(60, "a" * 60), (61, "a" * 59 + "…")])
def test_question_is_named_by_its_first_words(length, shown):
    assert str(Question(text="a" * length)) == shown


def test_names_cost_no_query(django_assert_num_queries):
    vacancy = VacancyFactory(title="Cook", questions=1)
    script = freeze_script(vacancy)

    with django_assert_num_queries(0):
        names = str(vacancy), str(script)

    assert names == ("Cook", f"Script {script.pk}")


def test_frozen_question_is_a_copy():
    question = QuestionFactory(text="Why?", required=False, time_limit_seconds=30)

    assert question.frozen() == FrozenQuestion(question.pk, "Why?", False, 30)

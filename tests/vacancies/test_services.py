"""vacancies.services: frozen scripts, the order of questions, their removal."""

import time
from threading import Event

import pytest
from django.db import connection, transaction
from django.db.models import ProtectedError

from tests.factories import ProgressFactory, SessionFactory, VacancyFactory
from tests.threads import race
from vacancies.exceptions import EmptyVacancy
from vacancies.models import Question, Script, ScriptQuestion
from vacancies.scripts import FrozenQuestion, FrozenScript
from vacancies.services import (
    current_script,
    freeze_script,
    order_questions,
    remove_question,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def vacancy():
    return VacancyFactory(questions=3)


def order(vacancy):
    return list(vacancy.questions.current().values_list("pk", "order"))


def test_current_script_is_all_that_an_interview_needs():
    vacancy = VacancyFactory(
        title="Cook", language="ru", greeting=" Привет! ", closing="Пока!"
    )
    question = vacancy.questions.create(
        text="Что вы готовите?", order=7, required=False, time_limit_seconds=60
    )

    script = current_script(vacancy)

    assert script == FrozenScript(
        title="Cook",
        language="ru",
        greeting="Привет!",
        closing="Пока!",
        questions=(FrozenQuestion(question.pk, "Что вы готовите?", False, 60),),
    )
    assert Script.objects.count() == 0


def test_current_script_without_words_of_its_own_is_friendly():
    script = current_script(VacancyFactory(closing="  \n"))

    assert script.greeting == "Hello! It is good to have you here."
    assert script.closing == "Thank you! Those were all the questions."


def test_current_script_follows_the_order_and_leaves_out_the_archived(vacancy):
    first, second, third = vacancy.questions.current()
    freeze_script(vacancy)
    remove_question(second)
    order_questions([third, first])

    script = current_script(vacancy)

    assert [question.id for question in script.questions] == [third.pk, first.pk]


def test_freeze_stores_what_is_asked_now(vacancy):
    script = freeze_script(vacancy)

    assert script.frozen() == current_script(vacancy)
    assert script.content_hash == current_script(vacancy).content_hash
    assert list(script.questions.all()) == list(vacancy.questions.all())


def test_equal_content_is_the_same_script(vacancy):
    assert freeze_script(vacancy) == freeze_script(vacancy)
    assert ScriptQuestion.objects.count() == 3


def test_content_that_comes_back_is_the_script_it_was(vacancy):
    before = freeze_script(vacancy)
    vacancy.questions.filter(order=1).update(text="Changed?")
    changed = freeze_script(vacancy)
    vacancy.questions.filter(order=1).update(
        text=before.content["questions"][0]["text"]
    )

    again = freeze_script(vacancy)

    assert changed != before
    assert again == before


def test_equal_content_of_two_vacancies_is_two_scripts():
    scripts = [freeze_script(VacancyFactory(questions=1)) for _ in range(2)]

    assert scripts[0] != scripts[1]


def test_freeze_without_questions_is_refused():
    with pytest.raises(EmptyVacancy):
        freeze_script(VacancyFactory())

    assert Script.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_freezing_at_once_makes_one_script(vacancy):
    scripts = race(*[lambda number: freeze_script(vacancy).pk] * 4)

    assert len({pk for [pk] in scripts}) == 1
    assert ScriptQuestion.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_question_added_while_freezing_is_whole_or_absent(vacancy):
    def add_once(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if "FOR UPDATE" in sql:
            race(lambda number: vacancy.questions.create(text="Late?", order=4).pk)
        return result

    with connection.execute_wrapper(add_once):
        script = freeze_script(vacancy)

    in_content = {question["id"] for question in script.content["questions"]}
    assert in_content == set(script.questions.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_freezing_waits_for_a_reordering_and_follows_it(vacancy):
    first, second, third = vacancy.questions.current()
    moved = Event()

    def reorder(number):
        with transaction.atomic():
            order_questions([third, first, second])
            moved.set()
            wait_for_a_blocked_statement()

    def freeze(number):
        moved.wait(10)
        return [
            question["id"] for question in freeze_script(vacancy).content["questions"]
        ]

    _, [asked] = race(reorder, freeze)

    assert asked == [third.pk, first.pk, second.pk]


def wait_for_a_blocked_statement():
    deadline = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone()[0]:
                return
    raise AssertionError("Nothing waited.")


def test_order_questions_counts_from_one(vacancy):
    first, second, third = vacancy.questions.current()

    order_questions([third, first, second])

    assert order(vacancy) == [(third.pk, 1), (first.pk, 2), (second.pk, 3)]


def test_order_questions_writes_only_what_moved(vacancy, django_assert_num_queries):
    questions = list(vacancy.questions.current())

    # A savepoint and its release; in a request of its own: BEGIN and COMMIT.
    with django_assert_num_queries(2):
        order_questions(questions)


def test_question_in_no_script_is_deleted(vacancy):
    question = vacancy.questions.get(order=2)

    remove_question(question)

    assert not Question.objects.filter(text=question.text).exists()
    assert [place for _, place in order(vacancy)] == [1, 3]


def test_question_in_a_script_is_archived(vacancy):
    freeze_script(vacancy)
    question = vacancy.questions.get(order=2)

    remove_question(question)

    question.refresh_from_db()
    assert question.order is None
    assert question.archived_at is not None
    assert [place for _, place in order(vacancy)] == [1, 3]


def test_answers_to_an_archived_question_stay(vacancy):
    answer = ProgressFactory(session=SessionFactory(vacancy=vacancy, started=True))

    remove_question(answer.question)

    answer.refresh_from_db()
    assert answer.question.archived_at is not None


def test_question_in_a_script_cannot_be_deleted(vacancy):
    freeze_script(vacancy)

    with pytest.raises(ProtectedError):
        vacancy.questions.first().delete()

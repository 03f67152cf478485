"""Clones, templates, the bank, and forms that act once."""

from uuid import uuid4

import pytest
from django.utils import timezone

from tests.factories import (
    BankQuestionFactory,
    CompanyFactory,
    MemberFactory,
    QuestionFactory,
    SessionFactory,
    UserFactory,
    VacancyFactory,
)
from tests.threads import race
from vacancies.copies import (
    add_from_bank,
    asked,
    copy_vacancy,
    save_to_bank,
    tags_named,
)
from vacancies.models import (
    ASKED_FIELDS,
    BankQuestion,
    Part,
    Question,
    Submission,
    Tag,
    Vacancy,
    VacancyStatus,
)
from vacancies.once import KEPT, once
from vacancies.services import freeze_script, remove_question

pytestmark = pytest.mark.django_db

EVERYTHING = {
    "text": "Почему мы? 🙂",
    "required": False,
    "answer_mode": "spoken",
    "time_limit_seconds": 90,
    "retakes": 2,
    "strong_answer": "Names a product",
    "weak_answer": "Flatters",
    "weight": 4,
}


def test_everything_is_everything():
    assert set(EVERYTHING) == set(ASKED_FIELDS)


def test_a_copy_has_the_words_and_questions_and_a_team_of_its_own():
    company = CompanyFactory()
    words = {
        "description": "Day shifts",
        "language": "ru",
        "company": company,
        "greeting": "Привет!",
        "closing": "Пока!",
        "time_zone": "Asia/Omsk",
        "sends_reminders": False,
    }
    vacancy = VacancyFactory(title="Baker", **words)
    QuestionFactory(vacancy=vacancy, order=1, **EVERYTHING)
    MemberFactory(vacancy=vacancy)
    user = UserFactory(is_staff=True)

    copy = copy_vacancy(vacancy=vacancy, title="Cook", user=user)

    copy.refresh_from_db()
    assert {name: getattr(copy, name) for name in words} == words
    assert (copy.title, copy.status, copy.is_template) == ("Cook", "draft", False)
    assert [asked(question) for question in copy.questions.all()] == [EVERYTHING]
    assert list(copy.members.values_list("user", "part")) == [(user.pk, Part.OWNER)]


def test_a_copy_leaves_out_what_was_removed_and_has_no_interviews():
    vacancy = VacancyFactory(questions=3)
    SessionFactory(vacancy=vacancy, started=True)
    remove_question(vacancy.questions.get(order=2))
    texts = list(vacancy.questions.current().values_list("text", flat=True))

    copy = copy_vacancy(vacancy=vacancy, title="Cook", user=UserFactory())

    copied = copy.questions.order_by("order").values_list("text", "order")
    assert list(copied) == [(texts[0], 1), (texts[1], 2)]
    assert copy.sessions.count() == 0


def test_a_template_of_an_open_vacancy_is_a_draft():
    vacancy = VacancyFactory(questions=1, status=VacancyStatus.OPEN)

    template = copy_vacancy(
        vacancy=vacancy, title="T", user=UserFactory(), is_template=True
    )

    assert (template.is_template, template.status) == (True, VacancyStatus.DRAFT)
    assert list(Vacancy.objects.actual()) == [vacancy]


def test_questions_of_the_bank_come_last_in_the_order_given():
    vacancy = VacancyFactory(questions=2)
    freeze_script(vacancy)
    remove_question(vacancy.questions.get(order=2))
    first, second = BankQuestionFactory(**EVERYTHING), BankQuestionFactory(text="B")

    number = add_from_bank(vacancy=vacancy, questions=[second, first])

    [own, *added] = vacancy.questions.current()
    assert (number, own.order) == (2, 1)
    assert [(one.order, one.text) for one in added] == [(2, "B"), (3, first.text)]
    assert asked(added[1]) == EVERYTHING


def test_what_is_copied_from_the_bank_goes_its_own_way():
    vacancy = VacancyFactory()
    kept = BankQuestionFactory(text="Before?")
    add_from_bank(vacancy=vacancy, questions=[kept])

    BankQuestion.objects.update(text="After?")

    assert vacancy.questions.get().text == "Before?"


def test_adding_tells_whoever_has_the_form_open():
    vacancy = VacancyFactory()

    add_from_bank(vacancy=vacancy, questions=[BankQuestionFactory()])

    before, vacancy = vacancy.updated_at, Vacancy.objects.get()
    assert vacancy.updated_at > before


@pytest.mark.django_db(transaction=True)
def test_two_who_add_at_once_get_different_places():
    vacancy = VacancyFactory()
    kept = BankQuestionFactory()

    race(*[lambda number: add_from_bank(vacancy=vacancy, questions=[kept])] * 3)

    assert [one.order for one in vacancy.questions.current()] == [1, 2, 3]


def test_the_bank_keeps_nothing_twice():
    user = UserFactory()
    question = QuestionFactory(order=1, **EVERYTHING)
    given = {"questions": [question], "tags": ["Sales"], "user": user}

    outcomes = [
        save_to_bank(language=language, **given) for language in ("ru", "ru", "en")
    ]

    assert outcomes == [(1, 0), (0, 1), (1, 0)]
    kept = BankQuestion.objects.get(language="ru")
    assert (asked(kept), kept.created_by) == (EVERYTHING, user)
    assert [tag.name for tag in kept.tags.all()] == ["Sales"]


def test_tags_are_found_in_any_case_of_letters():
    known = Tag.objects.create(name="Команда")

    named = tags_named(["КОМАНДА", "new"])

    assert named == [known, Tag.objects.get(name="new")]


# Once


def test_a_form_sent_twice_acts_once():
    key, done = uuid4(), []
    act = lambda: done.append(1) or "7"  # noqa: E731 (it counts and answers)

    outcomes = [once(key=key, content="a", act=act) for _ in range(2)]

    assert (outcomes, done) == (["7", "7"], [1])


def test_the_same_form_filled_in_otherwise_is_another():
    key, done = uuid4(), []

    for content in ("a", "b"):
        once(key=key, content=content, act=lambda: done.append(1) or "")

    assert done == [1, 1]


def test_a_form_that_failed_may_be_sent_again():
    key = uuid4()
    with pytest.raises(ZeroDivisionError):
        once(key=key, content="", act=lambda: str(1 // 0))

    assert once(key=key, content="", act=lambda: "done") == "done"


def test_forms_are_forgotten_after_a_day():
    once(key=uuid4(), content="", act=lambda: "")
    Submission.objects.update(created_at=timezone.now() - KEPT * 2)

    once(key=uuid4(), content="", act=lambda: "")

    assert Submission.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_question():
    vacancy, key = VacancyFactory(), uuid4()
    kept = BankQuestionFactory()

    def click(number):
        act = lambda: str(add_from_bank(vacancy=vacancy, questions=[kept]))  # noqa: E731
        return once(key=key, content="", act=act)

    assert race(*[click] * 3) == [["1"]] * 3
    assert Question.objects.count() == 1

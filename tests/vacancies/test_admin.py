"""Vacancies in the admin, and the order of their questions."""

import pytest
from django.urls import reverse

from accounts.models import Role
from tests.factories import (
    MemberFactory,
    QuestionFactory,
    SessionFactory,
    UserFactory,
    VacancyFactory,
)
from vacancies.models import Part, Question, Vacancy, VacancyStatus
from vacancies.services import freeze_script

pytestmark = pytest.mark.django_db


@pytest.fixture
def vacancy():
    return VacancyFactory(questions=3)


def change_url(vacancy):
    return reverse("admin:vacancies_vacancy_change", args=[vacancy.pk])


BLANK = {"required": "on", "answer_mode": "any", "weight": 1}


def form_data(vacancy, *rows, **fields):
    """Return what the form posts; `rows` are questions in place, or dictionaries."""
    existing = sum(1 for row in rows if row.get("id"))
    data = {
        "title": vacancy.title,
        "description": "",
        "language": "en",
        "status": vacancy.status,
        "greeting": "",
        "closing": "",
        "members-TOTAL_FORMS": 0,
        "members-INITIAL_FORMS": 0,
        "questions-TOTAL_FORMS": len(rows),
        "questions-INITIAL_FORMS": existing,
    } | fields
    for number, row in enumerate(rows):
        row = BLANK | {"vacancy": vacancy.pk} | row
        data |= {f"questions-{number}-{name}": value for name, value in row.items()}
    return data


def row(question, place, **changes):
    return {"id": question.pk, "text": question.text, "place": place} | changes


def texts(vacancy):
    """Return the questions' texts in order, and see that they are numbered 1, 2, 3 …"""
    questions = list(vacancy.questions.current())
    assert [question.order for question in questions] == [*range(1, len(questions) + 1)]
    return [question.text for question in questions]


def save(client, vacancy, *rows, **fields):
    response = client.post(change_url(vacancy), form_data(vacancy, *rows, **fields))
    if response.status_code == 200:
        formset = response.context["inline_admin_formsets"][0].formset
        errors = response.context["errors"], formset.errors, formset.non_form_errors()
        raise AssertionError(errors)
    assert response.status_code == 302


# Order


def test_two_questions_swap(hr_client, vacancy):
    first, second, third = vacancy.questions.all()

    save(hr_client, vacancy, row(first, 2), row(second, 1), row(third, 3))

    assert texts(vacancy) == [second.text, first.text, third.text]


def test_a_new_question_goes_between_two(hr_client, vacancy):
    first, second, third = vacancy.questions.all()

    save(
        hr_client,
        vacancy,
        row(first, 1),
        row(second, 3),
        row(third, 4),
        {"text": "New?", "place": 2},
    )

    assert texts(vacancy) == [first.text, "New?", second.text, third.text]


@pytest.mark.parametrize("place", ["", 99])
def test_a_new_question_lands_last(hr_client, vacancy, place):
    first, second, third = vacancy.questions.all()

    save(
        hr_client,
        vacancy,
        row(first, 1),
        row(second, 2),
        row(third, 3),
        {"text": "New?", "place": place},
    )

    assert texts(vacancy) == [first.text, second.text, third.text, "New?"]


def test_the_first_goes_while_another_comes(hr_client, vacancy):
    first, second, third = vacancy.questions.all()

    save(
        hr_client,
        vacancy,
        row(first, 1, DELETE="on"),
        row(second, 1),
        row(third, 2),
        {"text": "New?", "place": 3},
    )

    assert texts(vacancy) == [second.text, third.text, "New?"]
    assert not Question.objects.filter(pk=first.pk).exists()


def test_without_numbers_the_rows_keep_their_order(hr_client, vacancy):
    first, second, third = vacancy.questions.all()

    save(hr_client, vacancy, row(first, ""), row(second, ""), row(third, ""))

    assert texts(vacancy) == [first.text, second.text, third.text]


def test_equal_numbers_keep_the_order_of_the_rows(hr_client, vacancy):
    first, second, third = vacancy.questions.all()

    save(hr_client, vacancy, row(first, 2), row(second, 2), row(third, 1))

    assert texts(vacancy) == [third.text, first.text, second.text]


def test_numbers_from_zero_or_with_gaps_are_as_good(hr_client, vacancy):
    first, second, third = vacancy.questions.all()

    save(hr_client, vacancy, row(first, 100), row(second, 0), row(third, -5))

    assert texts(vacancy) == [third.text, second.text, first.text]


def test_an_empty_new_row_is_nothing(hr_client, vacancy):
    first, second, third = vacancy.questions.all()

    save(
        hr_client,
        vacancy,
        row(first, 1),
        row(second, 2),
        row(third, 3),
        {"text": "", "place": 4},
    )

    assert texts(vacancy) == [first.text, second.text, third.text]


def test_a_new_row_taken_back_is_nothing(hr_client, vacancy):
    first, second, third = vacancy.questions.all()

    save(
        hr_client,
        vacancy,
        row(first, 1),
        row(second, 2),
        row(third, 3),
        {"text": "Never mind", "place": 4, "DELETE": "on"},
    )

    assert texts(vacancy) == [first.text, second.text, third.text]


def test_a_word_for_a_number_is_an_error_of_its_field(hr_client, vacancy):
    first, second, third = vacancy.questions.all()
    rows = [row(first, "first"), row(second, 2), row(third, 3)]

    response = hr_client.post(change_url(vacancy), form_data(vacancy, *rows))

    formset = response.context["inline_admin_formsets"][0].formset
    assert [list(errors) for errors in formset.errors] == [["place"], [], []]


def test_a_new_vacancy_comes_with_its_questions(hr_client):
    hr_client.post(
        reverse("admin:vacancies_vacancy_add"),
        form_data(
            Vacancy(title="Baker", status=VacancyStatus.OPEN),
            {"text": "Second?", "place": 2, "vacancy": ""},
            {"text": "First?", "place": 1, "vacancy": ""},
        ),
    )

    assert texts(Vacancy.objects.get(title="Baker")) == ["First?", "Second?"]


# Questions that were asked


def test_an_asked_question_is_archived(hr_client, vacancy):
    freeze_script(vacancy)
    first, second, third = vacancy.questions.all()

    save(hr_client, vacancy, row(first, 1, DELETE="on"), row(second, 2), row(third, 3))

    assert texts(vacancy) == [second.text, third.text]
    first.refresh_from_db()
    assert (first.order, first.archived_at is not None) == (None, True)


def test_archived_questions_are_not_shown(hr_client, vacancy):
    SessionFactory(vacancy=vacancy, started=True)
    first, second, third = vacancy.questions.all()
    save(hr_client, vacancy, row(first, 1, DELETE="on"), row(second, 2), row(third, 3))

    response = hr_client.get(change_url(vacancy))

    formset = response.context["inline_admin_formsets"][0].formset
    shown = [form.instance.pk for form in formset.initial_forms]
    assert shown == [second.pk, third.pk]


# Two at once


def test_a_question_that_a_colleague_removed_is_passed_over(hr_client, vacancy):
    first, second, third = vacancy.questions.all()
    rows = [row(first, 3), row(second, 1), row(third, 2, text="Better?")]
    second.delete()

    save(hr_client, vacancy, *rows)

    assert texts(vacancy) == ["Better?", first.text]


def test_a_question_that_a_colleague_added_goes_last(hr_client, vacancy):
    first, second, third = vacancy.questions.all()
    rows = [row(first, 3), row(second, 2), row(third, 1), {"text": "Mine?"}]
    QuestionFactory(vacancy=vacancy, order=4, text="Theirs?")

    save(hr_client, vacancy, *rows)

    assert texts(vacancy) == [
        third.text,
        second.text,
        first.text,
        "Mine?",
        "Theirs?",
    ]


def test_what_a_colleague_saved_is_not_overwritten_unseen(hr_client, vacancy):
    page = hr_client.get(change_url(vacancy))
    seen = page.context["adminform"].form.initial["version"]
    first, second, third = vacancy.questions.all()
    rows = [row(first, 1), row(second, 2), row(third, 3)]
    vacancy.title = "Theirs"
    vacancy.save()

    refused = hr_client.post(
        change_url(vacancy), form_data(vacancy, *rows, title="Mine", version=seen)
    )

    vacancy.refresh_from_db()
    assert vacancy.title == "Theirs"
    assert "A colleague saved this vacancy" in refused.text

    present = refused.context["adminform"].form["version"].value()
    save(hr_client, vacancy, *rows, title="Mine", version=present)

    vacancy.refresh_from_db()
    assert vacancy.title == "Mine"


# Status


def test_an_open_vacancy_needs_a_question(hr_client):
    vacancy = VacancyFactory(status=VacancyStatus.DRAFT)

    response = hr_client.post(
        change_url(vacancy), form_data(vacancy, status=VacancyStatus.OPEN)
    )

    formset = response.context["inline_admin_formsets"][0].formset
    assert formset.non_form_errors() == ["An open vacancy needs at least one question."]


def test_removing_the_last_question_of_an_open_vacancy_is_refused(hr_client):
    vacancy = VacancyFactory(questions=1)

    response = hr_client.post(
        change_url(vacancy),
        form_data(vacancy, row(vacancy.questions.get(), 1, DELETE="on")),
    )

    assert response.status_code == 200
    assert vacancy.questions.current().count() == 1


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("open_selected", VacancyStatus.OPEN),
        ("close_selected", VacancyStatus.CLOSED),
    ],
)
def test_vacancies_are_opened_and_closed_from_the_list(hr_client, action, status):
    vacancy = VacancyFactory(questions=1, status=VacancyStatus.DRAFT)
    other = VacancyFactory(status=VacancyStatus.DRAFT)

    hr_client.post(
        reverse("admin:vacancies_vacancy_changelist"),
        {"action": action, "_selected_action": [vacancy.pk]},
    )

    vacancy.refresh_from_db()
    other.refresh_from_db()
    assert (vacancy.status, other.status) == (status, VacancyStatus.DRAFT)


def test_a_vacancy_without_questions_is_not_opened_from_the_list(hr_client):
    vacancy = VacancyFactory(status=VacancyStatus.DRAFT)

    response = hr_client.post(
        reverse("admin:vacancies_vacancy_changelist"),
        {"action": "open_selected", "_selected_action": [vacancy.pk]},
        follow=True,
    )

    vacancy.refresh_from_db()
    assert vacancy.status == VacancyStatus.DRAFT
    assert "has no questions yet" in response.text


# Deletion


def test_a_vacancy_with_interviews_is_not_deleted(hr_client):
    vacancy = SessionFactory().vacancy

    response = hr_client.post(
        reverse("admin:vacancies_vacancy_delete", args=[vacancy.pk]),
        {"post": "yes"},
        follow=True,
    )

    assert Vacancy.objects.filter(pk=vacancy.pk).exists()
    assert response.redirect_chain == [(change_url(vacancy), 302)]
    assert "has interviews, so it cannot be deleted" in response.text


def test_a_vacancy_without_interviews_is_deleted(hr_client, vacancy):
    hr_client.post(
        reverse("admin:vacancies_vacancy_delete", args=[vacancy.pk]), {"post": "yes"}
    )

    assert not Vacancy.objects.filter(pk=vacancy.pk).exists()


def test_vacancies_are_not_deleted_in_bulk(hr_client, vacancy):
    hr_client.post(
        reverse("admin:vacancies_vacancy_changelist"),
        {"action": "delete_selected", "_selected_action": [vacancy.pk], "post": "yes"},
    )

    assert Vacancy.objects.filter(pk=vacancy.pk).exists()


# Pages


@pytest.mark.parametrize("rows", [1, 3])
def test_list_has_constant_queries(hr_client, django_assert_num_queries, rows):
    for vacancy in VacancyFactory.create_batch(rows, questions=2):
        SessionFactory(vacancy=vacancy)

    with django_assert_num_queries(4):
        response = hr_client.get(reverse("admin:vacancies_vacancy_changelist"))

    shown = response.context["cl"].result_list
    assert [(one.question_count, one.session_count) for one in shown] == [(2, 1)] * rows


@pytest.mark.parametrize("rows", [1, 3])
def test_form_has_constant_queries(hr_client, django_assert_num_queries, rows):
    vacancy = VacancyFactory(questions=rows)

    with django_assert_num_queries(11):
        response = hr_client.get(change_url(vacancy))

    formset = response.context["inline_admin_formsets"][0].formset
    assert len(formset.initial_forms) == rows


def test_search_finds_cyrillic_in_any_case(hr_client):
    found = VacancyFactory(title="Менеджер по продажам")
    VacancyFactory(title="Повар")

    response = hr_client.get(
        reverse("admin:vacancies_vacancy_changelist"), {"q": "МЕНЕДЖЕР"}
    )

    assert list(response.context["cl"].result_list) == [found]


@pytest.mark.parametrize(
    ("button", "target"),
    [
        ("preview", "/interview/preview/{pk}"),
        ("invite", "/admin/interviews/interviewsession/invite/?vacancy={pk}"),
    ],
)
def test_buttons_of_the_form_lead_on(hr_client, vacancy, button, target):
    response = hr_client.get(
        reverse(f"admin:vacancies_vacancy_{button}", args=[vacancy.pk])
    )

    assert response.url == target.format(pk=vacancy.pk)


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.REVIEWER])
def test_staff_see_no_vacancy_that_is_not_theirs(client, vacancy, role):
    client.force_login(UserFactory(is_staff=True, role=role))

    page = client.get(change_url(vacancy), follow=True)
    shown = client.get(reverse("admin:vacancies_vacancy_changelist"))

    assert vacancy.title not in page.text
    assert list(shown.context["cl"].result_list) == []


def test_the_owner_of_a_vacancy_writes_its_questions(client, vacancy):
    client.force_login(recruiter(vacancy, Part.OWNER))
    first, second, third = vacancy.questions.all()

    save(client, vacancy, row(first, 2), row(second, 1), row(third, 3, DELETE="on"))

    assert texts(vacancy) == [second.text, first.text]


def recruiter(vacancy, part):
    user = UserFactory(is_staff=True, role=Role.RECRUITER)
    return MemberFactory(vacancy=vacancy, user=user, part=part).user


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.REVIEWER, Role.AUDITOR])
def test_whoever_only_reads_a_vacancy_changes_nothing(client, vacancy, role):
    user = UserFactory(is_staff=True, role=role)
    MemberFactory(vacancy=vacancy, user=user, part=Part.REVIEWER)
    client.force_login(user)
    before = texts(vacancy)
    first, second, third = vacancy.questions.all()

    page = client.get(change_url(vacancy))
    rows = [row(first, 2), row(second, 1), row(third, 3, DELETE="on")]
    posted = client.post(change_url(vacancy), form_data(vacancy, *rows))

    assert (page.status_code, posted.status_code) == (200, 403)
    assert first.text in page.text
    assert texts(vacancy) == before

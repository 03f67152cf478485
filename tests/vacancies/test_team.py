"""The team of a vacancy, in its form."""

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import AuditEvent, Role
from tests.factories import MemberFactory, UserFactory, VacancyFactory
from tests.vacancies.staff import person
from tests.vacancies.test_admin import change_url, form_data, row, texts
from vacancies.models import Part, Vacancy

pytestmark = pytest.mark.django_db


@pytest.fixture
def vacancy():
    return VacancyFactory(questions=1)


@pytest.fixture
def owner(client, vacancy):
    user = person(vacancy=vacancy)
    client.force_login(user)
    return user


def post(client, vacancy, *members):
    """Post the form with these lines of the team; `id` marks those that are there."""
    data = form_data(vacancy, row(vacancy.questions.get(), 1))
    data["members-TOTAL_FORMS"] = len(members)
    data["members-INITIAL_FORMS"] = sum("id" in member for member in members)
    for number, member in enumerate(members):
        for name, value in ({"vacancy": vacancy.pk} | member).items():
            data[f"members-{number}-{name}"] = value
    return client.post(change_url(vacancy), data)


def line(user, **changes):
    member = user.memberships.get()
    return {"id": member.pk, "user": user.pk, "part": member.part} | changes


def team(vacancy):
    return dict(vacancy.members.values_list("user", "part"))


def problems(response):
    formset = response.context["inline_admin_formsets"][1].formset
    return formset.errors, formset.non_form_errors()


def test_whoever_adds_a_vacancy_is_its_owner(client):
    user = person()
    client.force_login(user)
    data = form_data(
        Vacancy(title="Baker", status="draft"), {"text": "Why?", "vacancy": ""}
    )

    client.post(reverse("admin:vacancies_vacancy_add"), data)

    vacancy = Vacancy.objects.get()
    assert (team(vacancy), texts(vacancy)) == ({user.pk: Part.OWNER}, ["Why?"])


def test_an_owner_makes_the_team(client, owner, vacancy):
    reviewer, colleague = person(Role.REVIEWER), person()

    response = post(
        client,
        vacancy,
        line(owner),
        {"user": reviewer.pk, "part": Part.REVIEWER},
        {"user": colleague.pk, "part": Part.OWNER},
    )

    assert response.status_code == 302
    assert team(vacancy) == {
        owner.pk: Part.OWNER,
        reviewer.pk: Part.REVIEWER,
        colleague.pk: Part.OWNER,
    }
    assert f"team: +{reviewer.pk} reviewer, +{colleague.pk} owner" in set(
        AuditEvent.objects.values_list("detail", flat=True)
    )


@pytest.mark.parametrize("change", [{"DELETE": "on"}, {"part": Part.REVIEWER}])
def test_the_last_owner_stays(client, owner, vacancy, change):
    response = post(client, vacancy, line(owner, **change))

    assert problems(response)[1] == [
        "Somebody must stay responsible for this vacancy. Add another recruiter first, "
        "or ask an administrator."
    ]
    assert team(vacancy) == {owner.pk: Part.OWNER}


def test_an_owner_leaves_when_another_comes(client, owner, vacancy):
    colleague = person()

    post(
        client,
        vacancy,
        line(owner, DELETE="on"),
        {"user": colleague.pk, "part": Part.OWNER},
    )

    assert team(vacancy) == {colleague.pk: Part.OWNER}


def test_an_owner_whose_account_is_closed_is_none(client, owner, vacancy):
    gone = person(vacancy=vacancy)
    gone.is_active = False
    gone.save()

    response = post(client, vacancy, line(owner, DELETE="on"), line(gone))

    assert (response.status_code, len(team(vacancy))) == (200, 2)


def test_two_owners_cannot_remove_each_other_at_once(client, owner, vacancy):
    colleague = person(vacancy=vacancy)

    def they_were_first(execute, sql, params, many, context):
        if "FOR NO KEY UPDATE" in sql:
            vacancy.members.filter(user=owner).update(part=Part.REVIEWER)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(they_were_first):
        response = post(client, vacancy, line(owner), line(colleague, DELETE="on"))

    assert len(problems(response)[1]) == 1
    assert team(vacancy)[colleague.pk] == Part.OWNER


def test_an_administrator_may_leave_a_vacancy_to_nobody(hr_client, vacancy):
    user = person(vacancy=vacancy)

    post(hr_client, vacancy, line(user, DELETE="on"))

    assert team(vacancy) == {}


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
def test_only_a_recruiter_or_an_administrator_owns(client, owner, vacancy, role):
    user = person(role)

    response = post(client, vacancy, line(owner), {"user": user.pk, "part": Part.OWNER})

    assert problems(response)[0] == [
        {},
        {"part": ["Only a recruiter or an administrator can be responsible here."]},
    ]


@pytest.mark.parametrize("fields", [{"is_staff": False}, {"is_active": False}])
def test_whoever_is_no_active_staff_is_neither_offered_nor_taken(
    client, owner, vacancy, fields
):
    user = UserFactory(**({"is_staff": True, "email": "canary@example.com"} | fields))

    page = client.get(change_url(vacancy))
    response = post(
        client, vacancy, line(owner), {"user": user.pk, "part": Part.REVIEWER}
    )

    assert "canary@example.com" not in page.text
    assert list(problems(response)[0][1]) == ["user"]
    assert len(team(vacancy)) == 1


def test_nobody_is_in_a_team_twice(client, owner, vacancy):
    response = post(
        client, vacancy, line(owner), {"user": owner.pk, "part": Part.REVIEWER}
    )

    assert (response.status_code, len(team(vacancy))) == (200, 1)


def test_a_line_stays_about_the_same_person(client, owner, vacancy):
    other = person()

    post(client, vacancy, line(owner) | {"user": other.pk})

    assert team(vacancy) == {owner.pk: Part.OWNER}


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.RECRUITER])
def test_a_reviewer_of_the_vacancy_changes_no_team(client, vacancy, role):
    user = person(role, vacancy, Part.REVIEWER)
    client.force_login(user)

    response = post(client, vacancy, line(user, part=Part.OWNER))

    assert (response.status_code, team(vacancy)) == (403, {user.pk: Part.REVIEWER})


@pytest.mark.parametrize("size", [1, 3])
def test_the_team_costs_a_constant_number_of_queries(
    client, owner, vacancy, django_assert_num_queries, size
):
    for _ in range(size):
        MemberFactory(vacancy=vacancy)

    with django_assert_num_queries(12):
        client.get(change_url(vacancy))

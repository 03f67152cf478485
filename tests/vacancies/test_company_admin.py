"""Companies in the admin."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Role
from tests.factories import CompanyFactory, QuestionFactory, UserFactory, VacancyFactory
from tests.vacancies.test_admin import change_url, row, save
from tests.vacancies.test_companies import JPEG, PNG, WEBP
from vacancies.companies import LARGEST_LOGO_BYTES, logo_url
from vacancies.models import Company

pytestmark = pytest.mark.django_db

ADD, LIST = "/admin/vacancies/company/add/", "/admin/vacancies/company/"


def address(company, page="change"):
    return reverse(f"admin:vacancies_company_{page}", args=[company.pk])


def errors(response):
    return response.context["adminform"].form.errors


def upload(content, name="logo.png", content_type="image/png"):
    return SimpleUploadedFile(name, content, content_type)


def test_a_company_is_added(hr_client):
    hr_client.post(
        ADD,
        {
            "name": "Рога и копыта 🦌",
            "colour": "#FFEE00",
            "contact_name": "Анна",
            "contact_email": "anna@example.com",
            "is_default": "on",
            "logo_file": upload(PNG),
        },
    )

    [company] = Company.objects.values(
        "name", "colour", "logo_type", "contact_name", "contact_email", "is_default"
    )
    assert company == {
        "name": "Рога и копыта 🦌",
        "colour": "#FFEE00",
        "logo_type": "image/png",
        "contact_name": "Анна",
        "contact_email": "anna@example.com",
        "is_default": True,
    }
    assert bytes(Company.objects.get().logo) == PNG


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")],
)
def test_logo_is_told_by_its_content_alone(hr_client, content, kind):
    company = CompanyFactory()
    lying = upload(content, "logo.svg", "text/html")

    hr_client.post(address(company), {"name": "A", "logo_file": lying})

    company.refresh_from_db()
    assert (bytes(company.logo), company.logo_type) == (content, kind)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"<svg/>", "This is no PNG, JPEG or WebP picture, whatever it is called."),
        (b"GIF89a", "This is no PNG, JPEG or WebP picture, whatever it is called."),
        (
            PNG.ljust(LARGEST_LOGO_BYTES + 1, b"-"),
            "This file is too large: at most 256 KB, please.",
        ),
        (b"", "The submitted file is empty."),
    ],
)
def test_what_is_no_logo_is_refused_in_words(hr_client, content, error):
    company = CompanyFactory(logo=JPEG, logo_type="image/jpeg")

    response = hr_client.post(
        address(company), {"name": "A", "logo_file": upload(content)}
    )

    assert errors(response) == {"logo_file": [error]}
    company.refresh_from_db()
    assert (bytes(company.logo), company.logo_type) == (JPEG, "image/jpeg")


def test_the_largest_logo_is_taken(hr_client):
    content = PNG.ljust(LARGEST_LOGO_BYTES, b"-")

    hr_client.post(ADD, {"name": "A", "logo_file": upload(content)})

    assert bytes(Company.objects.get().logo) == content


def test_logo_is_shown_and_stays_when_something_else_is_saved(hr_client):
    company = CompanyFactory(logo=PNG, logo_type="image/png")

    page = hr_client.get(address(company)).text
    hr_client.post(address(company), {"name": "Renamed"})

    assert f'<img src="{logo_url(company)}"' in page
    company.refresh_from_db()
    assert (company.name, bytes(company.logo)) == ("Renamed", PNG)


def test_logo_is_removed(hr_client):
    company = CompanyFactory(logo=PNG, logo_type="image/png")

    hr_client.post(address(company), {"name": "A", "logo_file-clear": "on"})

    company.refresh_from_db()
    assert (bytes(company.logo), company.logo_type) == (b"", "")


@pytest.mark.parametrize(
    "colour", ["red", "#fff", "#ffee0", "#ffee00;", "#ffee0g", "url(x)", "#ffee00\n#"]
)
def test_what_is_no_colour_is_refused(hr_client, colour):
    response = hr_client.post(ADD, {"name": "A", "colour": colour})

    assert list(errors(response)) == ["colour"]
    assert not Company.objects.exists()


def test_a_second_portals_own_is_refused_in_words(hr_client):
    CompanyFactory(is_default=True)

    response = hr_client.post(ADD, {"name": "B", "is_default": "on"})

    assert "Another company is the portal’s own already" in response.text
    assert Company.objects.count() == 1


def test_a_company_with_vacancies_is_not_deleted(hr_client):
    company = CompanyFactory(name="Umbrella")
    VacancyFactory.create_batch(2, company=company)

    response = hr_client.post(address(company, "delete"), {"post": "yes"}, follow=True)

    assert response.redirect_chain == [(address(company), 302)]
    assert "“Umbrella” has 2 vacancies, so it cannot be deleted" in response.text
    assert Company.objects.exists()


def test_a_company_without_vacancies_is_deleted(hr_client):
    hr_client.post(address(CompanyFactory(), "delete"), {"post": "yes"})

    assert not Company.objects.exists()


def test_companies_are_not_deleted_in_bulk(hr_client):
    data = {"action": "delete_selected", "_selected_action": [CompanyFactory().pk]}

    hr_client.post(LIST, data | {"post": "yes"})

    assert Company.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_list_has_constant_queries_and_loads_no_logo(
    hr_client, django_assert_num_queries, rows
):
    for company in CompanyFactory.create_batch(rows, logo=PNG, logo_type="image/png"):
        VacancyFactory(company=company)

    with django_assert_num_queries(4) as queries:
        response = hr_client.get(LIST)

    shown = response.context["cl"].result_list
    assert [company.vacancy_count for company in shown] == [1] * rows
    assert not [query for query in queries if '"company"."logo",' in query["sql"]]


def test_companies_are_for_those_who_may_see_them(client):
    client.force_login(UserFactory(is_staff=True, role=Role.REVIEWER))

    assert client.get(LIST).status_code == 403
    assert client.post(ADD, {"name": "A"}).status_code == 403


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.AUDITOR])
def test_whoever_only_sees_companies_changes_none(client, role):
    client.force_login(UserFactory(is_staff=True, role=role))
    company = CompanyFactory(name="Umbrella", logo=PNG, logo_type="image/png")

    page = client.get(address(company))
    posted = client.post(address(company), {"name": "Mine"})

    assert (page.status_code, posted.status_code) == (200, 403)
    assert "Umbrella" in page.text


# In the form of a vacancy


def test_a_vacancy_is_given_a_company(hr_client):
    company = CompanyFactory(logo=PNG, logo_type="image/png")
    vacancy = VacancyFactory(questions=1)

    save(hr_client, vacancy, row(vacancy.questions.get(), 1), company=company.pk)

    vacancy.refresh_from_db()
    assert vacancy.company == company


@pytest.mark.parametrize(("posted", "kept"), [("", None), ("0", 0), ("20", 20)])
def test_a_question_is_given_retakes(hr_client, posted, kept):
    question = QuestionFactory(order=1)

    save(hr_client, question.vacancy, row(question, 1, retakes=posted))

    question.refresh_from_db()
    assert question.retakes == kept


@pytest.mark.parametrize("retakes", ["-1", "21", "often"])
def test_retakes_out_of_range_are_refused(hr_client, retakes):
    question = QuestionFactory(order=1)

    with pytest.raises(AssertionError, match="retakes"):
        save(hr_client, question.vacancy, row(question, 1, retakes=retakes))


def test_the_forms_choices_load_no_logo(hr_client, django_assert_num_queries):
    CompanyFactory.create_batch(3, logo=PNG, logo_type="image/png")
    vacancy = VacancyFactory(questions=1)

    with django_assert_num_queries(11) as queries:
        hr_client.get(change_url(vacancy))

    assert not [query for query in queries if '"company"."logo",' in query["sql"]]

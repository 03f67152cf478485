"""Whose page it is: the company of the vacancy, of the portal, of the settings."""

from io import BytesIO

import pytest
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from PIL import Image

from tests.factories import CompanyFactory, SessionFactory, VacancyFactory
from vacancies.colours import look
from vacancies.companies import Employer, employer, image_type, logo_url, stylesheet_url
from vacancies.models import Vacancy


def picture(kind):
    content = BytesIO()
    Image.new("RGB", (2, 1), "teal").save(content, kind)
    return content.getvalue()


PNG = picture("PNG")
JPEG = picture("JPEG")
WEBP = picture("WEBP")


@pytest.fixture
def umbrella(db):
    return CompanyFactory(
        name="Umbrella",
        colour="#ffee00",
        logo=PNG,
        logo_type="image/png",
        contact_name="Ann Lee",
        contact_email="ann@umbrella.example",
    )


# Whose it is


def test_a_vacancy_is_its_companys(umbrella):
    CompanyFactory(is_default=True)

    assert employer(VacancyFactory(company=umbrella)) == Employer(
        name="Umbrella",
        contact_name="Ann Lee",
        contact_email="ann@umbrella.example",
        logo_url=logo_url(umbrella),
        stylesheet_url=stylesheet_url(umbrella),
    )


@pytest.mark.django_db
@pytest.mark.parametrize("has_vacancy", [True, False])
def test_what_names_no_company_is_the_portals_own(has_vacancy):
    CompanyFactory(name="Another")
    CompanyFactory(name="Own", is_default=True)

    found = employer(VacancyFactory() if has_vacancy else None)

    assert found == Employer(name="Own")


@pytest.mark.django_db
def test_a_portal_without_companies_goes_by_its_settings(settings):
    settings.COMPANY_NAME = "Settings & Co"
    settings.CONTACT_EMAIL = "we@settings.example"
    CompanyFactory()

    assert employer(None) == Employer(
        name="Settings & Co", contact_email="we@settings.example"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "name"), [("en", "the hiring team"), ("ru", "команда найма")]
)
def test_a_portal_that_nobody_named_has_a_word_for_it(settings, language, name):
    settings.COMPANY_NAME = ""

    nameless = employer(None)

    with override(language):
        assert str(nameless.name) == name


@pytest.mark.django_db
def test_a_company_without_a_contact_has_that_of_the_settings(settings):
    settings.CONTACT_EMAIL = "we@settings.example"
    CompanyFactory(is_default=True, contact_name="Ann Lee")

    found = employer(None)

    assert (found.contact_name, found.contact_email) == (
        "Ann Lee",
        "we@settings.example",
    )


def test_employer_of_a_company_that_came_along_costs_no_query(
    umbrella, django_assert_num_queries
):
    VacancyFactory(company=umbrella)
    vacancy = Vacancy.objects.select_related("company").get()

    with django_assert_num_queries(0):
        assert employer(vacancy).name == "Umbrella"


@pytest.mark.django_db
def test_employer_of_the_portal_costs_one_query_and_no_logo(django_assert_num_queries):
    CompanyFactory(is_default=True, logo=PNG, logo_type="image/png")

    with django_assert_num_queries(1) as queries:
        employer(None)

    assert '"logo"' not in queries[0]["sql"]


# Pages


def test_candidates_page_shows_its_company(client, umbrella):
    session = SessionFactory(vacancy__company=umbrella)

    with CaptureQueriesContext(connection) as queries:
        page = client.get(session.get_absolute_url()).text

    assert f'<img class="logo" src="{logo_url(umbrella)}" alt="Umbrella">' in page
    # After base.css, which it overrules.
    assert -1 < page.index("css/base.css") < page.index(stylesheet_url(umbrella))
    assert 'Ann Lee, <a href="mailto:ann@umbrella.example">' in page
    assert "stored for Umbrella." in page
    # The joined rows hold no logo: 256 KB a page.
    assert not [query for query in queries if '"company"."logo",' in query["sql"]]


@pytest.mark.django_db
def test_page_names_a_company_without_a_logo(client):
    own = CompanyFactory(name="<b>Own", is_default=True)

    page = client.get(SessionFactory().get_absolute_url()).text

    assert "<strong>&lt;b&gt;Own</strong>" in page
    assert "<img" not in page
    assert f"/companies/{own.pk}/" not in page


@pytest.mark.django_db
def test_preview_shows_the_vacancys_company_and_an_unknown_link_the_portals(
    hr_client, umbrella
):
    own = CompanyFactory(name="Own", colour="#123456", is_default=True)
    vacancy = VacancyFactory(questions=1, company=umbrella)

    pages = [
        hr_client.get(f"/interview/preview/{vacancy.pk}").text,
        hr_client.get("/interview/nothing").text,
    ]

    looks = stylesheet_url(umbrella), stylesheet_url(own)
    assert [[one in page for one in looks] for page in pages] == [
        [True, False],
        [False, True],
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("template", ["404.html", "500.html", "503.html"])
def test_pages_of_failures_ask_no_database(
    settings, django_assert_num_queries, template
):
    settings.COMPANY_NAME = "Settings & Co"
    CompanyFactory(is_default=True)

    with django_assert_num_queries(0):
        page = Template(f'{{% extends "{template}" %}}').render(Context())

    assert "Settings &amp; Co" in page


# The logo


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (WEBP, "image/webp"),
        (b"", ""),
        (b"GIF89a", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ""),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", ""),
        (b"\x89PNG", ""),
        (b" " + PNG, ""),
    ],
)
def test_a_picture_is_known_by_its_content(content, kind):
    assert image_type(content) == kind


@pytest.mark.parametrize(
    ("kind", "content"), [("image/png", PNG), ("image/webp", WEBP)]
)
def test_logo_is_served_as_what_it_is_and_kept(client, umbrella, kind, content):
    umbrella.logo, umbrella.logo_type = content, kind
    umbrella.save()

    response = client.get(logo_url(umbrella))

    assert response.content == content
    assert response["Content-Type"] == kind
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies


@pytest.mark.parametrize("query", ["", "?v=", "?v=000000000000", "?v=\0"])
@pytest.mark.parametrize("name", ["logo", "look.css"])
def test_what_is_not_named_exactly_is_not_kept(client, umbrella, name, query):
    response = client.get(f"/companies/{umbrella.pk}/{name}{query}")

    assert (response.status_code, response["Cache-Control"]) == (200, "no-cache")


def test_another_logo_has_another_address(umbrella):
    before = logo_url(umbrella)
    umbrella.logo = PNG + b"2"
    umbrella.save()

    assert logo_url(umbrella) != before


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["logo", "look.css"])
@pytest.mark.parametrize("number", [None, 0, 10**30])
def test_what_is_not_there_is_not_found(client, name, number):
    number = CompanyFactory().pk if number is None else number

    assert client.get(f"/companies/{number}/{name}").status_code == 404


@pytest.mark.parametrize("name", ["logo", "look.css"])
def test_files_of_a_company_are_only_read(client, umbrella, name):
    address = f"/companies/{umbrella.pk}/{name}"

    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200


# The colour


def test_look_is_a_style_sheet_of_the_colour(client, umbrella):
    response = client.get(stylesheet_url(umbrella))

    assert response.text == look("#ffee00")
    assert response["Content-Type"] == "text/css"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_another_colour_has_another_address(umbrella):
    before = stylesheet_url(umbrella)
    umbrella.colour = "#ffee01"

    assert stylesheet_url(umbrella) != before

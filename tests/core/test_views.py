"""The pages that stand in for a failure."""

import pytest
from django.db import OperationalError
from django.test import Client, override_settings
from django.urls import path


def broken(request):
    raise RuntimeError("a fault")


def without_database(request):
    raise OperationalError("gone")


urlpatterns = [
    path("broken", broken),
    path("away", without_database),
    path("api/broken", broken),
    path("api/away", without_database),
]
handler404 = "core.views.page_not_found"
handler500 = "core.views.server_error"
HEADINGS = {
    "/nothing": (404, "По этому адресу ничего нет"),
    "/broken": (500, "У нас что-то сломалось"),
    "/away": (503, "Портал ненадолго недоступен"),
}
ANSWERS = {
    "/api/nothing": (404, "not_found"),
    "/api/broken": (500, "error"),
    "/api/away": (503, "unavailable"),
}


@pytest.fixture
def failing_client():
    with override_settings(ROOT_URLCONF="tests.core.test_views"):
        yield Client(raise_request_exception=False)


@pytest.mark.parametrize("path", HEADINGS)
def test_failure_is_explained_to_people_in_their_language(failing_client, path):
    response = failing_client.get(path, headers={"accept-language": "ru"})

    status, heading = HEADINGS[path]
    assert response.status_code == status
    assert f'<h1 tabindex="-1">{heading}</h1>' in response.content.decode()


@pytest.mark.parametrize("path", ANSWERS)
def test_failure_is_explained_to_programs(failing_client, path):
    response = failing_client.get(path)

    status, code = ANSWERS[path]
    assert response.status_code == status
    assert response.json()["code"] == code


@pytest.mark.parametrize("path", ["/away", "/api/away"])
def test_absent_database_says_when_to_come_back(failing_client, path):
    assert failing_client.get(path).headers["Retry-After"] == "3"


@pytest.mark.django_db
def test_form_without_its_token_is_explained():
    response = Client(enforce_csrf_checks=True).post(
        "/admin/login/", headers={"accept-language": "ru"}
    )

    assert response.status_code == 403
    assert "Вернитесь назад и попробуйте ещё раз" in response.content.decode()

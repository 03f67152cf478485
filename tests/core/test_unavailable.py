"""What fails and will be back is 503 with Retry-After; nothing that was sent is lost."""

import errno

import psycopg
import pytest
from django.db import DatabaseError, InternalError, OperationalError, connection
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from psycopg.errors import DiskFull, IdleInTransactionSessionTimeout, UndefinedTable

from core.api import exception_handler
from core.exceptions import DomainError
from core.views import sent

TEXT = "Half <b>an</b> answer"


def caused(error, cause):
    error.__cause__ = cause
    return error


FAILURES = {
    "unreachable": OperationalError("connection refused"),
    "cut": caused(DatabaseError("the connection is lost"), psycopg.DatabaseError()),
    "idle": caused(InternalError("ended"), IdleInTransactionSessionTimeout()),
    "database-full": caused(OperationalError("no space"), DiskFull()),
    "disk-full": OSError(errno.ENOSPC, "No space left on device"),
    "quota": OSError(errno.EDQUOT, "Disk quota exceeded"),
    "broken": OSError(errno.EIO, "Input/output error"),
    "wrong": caused(DatabaseError("no such table"), UndefinedTable()),
}
CODES = {
    "unreachable": "unavailable",
    "cut": "unavailable",
    "idle": "unavailable",
    "database-full": "disk_full",
    "disk-full": "disk_full",
    "quota": "disk_full",
}


def fail(request, name):
    raise FAILURES[name]


urlpatterns = [
    path("api/<name>", fail),
    path("interview/<name>", fail),
    path("admin/<name>", fail),
]
handler500 = "core.views.server_error"


@pytest.fixture
def failing_client():
    with override_settings(ROOT_URLCONF="tests.core.test_unavailable"):
        yield Client(raise_request_exception=False)


@pytest.mark.parametrize("name", CODES)
def test_what_will_be_back_is_503_with_retry_after(failing_client, name):
    response = failing_client.get(f"/api/{name}")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "3"
    assert "no-store" in response.headers["Cache-Control"]
    assert response.json()["code"] == CODES[name]


@pytest.mark.parametrize("name", FAILURES.keys() - CODES.keys())
def test_any_other_fault_is_500(failing_client, name):
    response = failing_client.get(f"/api/{name}")

    assert response.status_code == 500


@pytest.mark.django_db(transaction=True)
def test_database_that_fails_in_a_middleware_is_503(hr_client, settings):
    settings.SECOND_FACTOR = "required"
    hr_client.raise_request_exception = False

    def fail(*arguments):
        raise OperationalError("the connection is lost")

    with connection.execute_wrapper(fail):
        response = hr_client.get("/admin/")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "3"


def test_what_a_candidate_sent_stands_in_the_page_to_be_sent_again(failing_client):
    response = failing_client.post(
        "/interview/unreachable", {"text": TEXT, "question": "7"}
    )

    page = response.content.decode()
    assert response.status_code == 503
    assert 'action="/interview/unreachable" data-again' in page
    assert '<input type="hidden" name="question" value="7">' in page
    assert ">Half &lt;b&gt;an&lt;/b&gt; answer</textarea>" in page


def test_what_staff_sent_is_not_repeated_in_the_page(failing_client):
    response = failing_client.post("/admin/unreachable", {"password": "secret"})

    page = response.content.decode()
    assert "secret" not in page
    assert "Go back in your browser" in page


def test_page_that_was_asked_for_has_nothing_to_send():
    request = RequestFactory().get("/interview/x", {"text": TEXT})

    assert sent(request) == []


class Away(DomainError):
    status_code = 503


def test_refusal_of_a_part_that_is_away_says_when_to_come_again():
    away, refused = exception_handler(Away(), {}), exception_handler(DomainError(), {})

    assert (away.status_code, away.headers["Retry-After"]) == (503, "5")
    assert (refused.status_code, "Retry-After" in refused.headers) == (409, False)

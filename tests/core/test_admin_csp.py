"""Which pages may do what the strict policy forbids."""

import pytest

from tests.factories import SessionFactory

pytestmark = pytest.mark.django_db


def policy(response):
    directives = response["Content-Security-Policy"].split("; ")
    return {name: values for name, *values in (part.split() for part in directives)}


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/login/", "/admin/nowhere/", "/admin/consent-texts/"]
)
def test_the_admin_may_run_its_theme_and_play_answers(hr_client, path):
    found = policy(hr_client.get(path))

    assert found["script-src"] == ["'self'", "'unsafe-eval'"]
    assert found["style-src"] == ["'self'", "'unsafe-inline'"]
    assert found["media-src"] == ["'self'", "https:", "http:"]
    assert found["default-src"] == ["'none'"]


def test_candidates_pages_stay_strict(client):
    found = policy(client.get(SessionFactory().get_absolute_url()))

    assert "'unsafe-eval'" not in found["script-src"]
    assert "'unsafe-inline'" not in [*found["script-src"], *found["style-src"]]
    assert found["media-src"] == ["'self'"]

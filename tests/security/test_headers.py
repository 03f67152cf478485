"""What every class of page tells the browser to do, and to leave."""

import json

import pytest
from django.conf import settings as django_settings
from django.test import Client, RequestFactory, override_settings

from core import headers
from interviews.agent import policy as call_policy
from tests.config.test_settings import PRODUCTION, settings_with
from tests.factories import SessionFactory, UserFactory
from tests.security.pages import DATA, PAGES, PUBLIC, RECORDING, new_world

pytestmark = pytest.mark.django_db

STRICT = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "media-src": ["'self'"],
    "object-src": ["'none'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
# docs/security.md argues for each.
ADMIN = {
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "media-src": ["'self'", "https:", "http:"],
}
EXCEPTIONS = {
    "home": ADMIN,
    "list_of_interviews": ADMIN,
    "question": {"media-src": ["'self'", "blob:"]},
    "microphone_check": {"media-src": ["'self'", "blob:"]},
    "call": {
        "style-src": ["'self'", "'unsafe-inline'"],
        "connect-src": [
            "'self'",
            "wss://api.elevenlabs.io",
            "wss://api.eu.residency.elevenlabs.io",
            "wss://api.in.residency.elevenlabs.io",
            "wss://api.us.elevenlabs.io",
        ],
    },
    "docs": {"style-src": ["'self'", "'unsafe-inline'"]},
}


@pytest.fixture
def world(client, agent_headers, settings):
    return new_world(client, Client(), agent_headers, settings)


def directives(response):
    parts = response["Content-Security-Policy"].split("; ")
    return {name: values for name, *values in (part.split() for part in parts)}


@pytest.mark.parametrize("name", sorted(PAGES | DATA))
def test_every_response_has_its_headers(world, name):
    response = getattr(world, name)()
    response.close()

    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    found = directives(response)
    assert found["frame-ancestors"] == ["'none'"]
    assert found["base-uri"] == ["'none'"]
    is_kept = "no-store" not in response["Cache-Control"]
    assert is_kept is (name in PUBLIC)
    if name in PAGES:
        assert response["Content-Type"].startswith("text/html")
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response["X-Frame-Options"] == "DENY"
        # Other sites learn nothing; forms say where they come from.
        assert response["Referrer-Policy"] in {"same-origin", "no-referrer"}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_only_pages_that_record_may_use_the_microphone(world, name):
    response = getattr(world, name)()

    allowed = "(self)" if name in RECORDING else "()"
    assert response["Permissions-Policy"] == (
        "camera=(), display-capture=(), geolocation=(), microphone=" + allowed
    )


@pytest.mark.parametrize("name", sorted(PAGES))
def test_policy_of_each_class_of_page(world, name):
    response = getattr(world, name)()

    assert directives(response) == STRICT | EXCEPTIONS.get(name, {})


@pytest.mark.parametrize(
    "name", ["next_question", "refused_call", "refused_report", "health", "logo"]
)
def test_data_opened_by_itself_does_nothing(world, name):
    found = directives(getattr(world, name)())

    assert found["default-src"] == ["'none'"]
    assert not {value for values in found.values() for value in values} & {
        "'unsafe-inline'",
        "'unsafe-eval'",
    }


def test_the_calls_socket_is_encrypted():
    assert all(address.startswith("wss://") for address in call_policy()["connect-src"])


@pytest.mark.parametrize("name", ["next_question", "sign_in", "refused_call", "health"])
def test_no_other_origin_is_let_read(world, name):
    world.client.defaults["HTTP_ORIGIN"] = "https://evil.example"

    response = getattr(world, name)()

    assert not [
        header for header in response.headers if "access-control" in header.lower()
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sign_in", "text/html; charset=utf-8"),
        ("own_copy_as_a_file", "text/plain; charset=utf-8"),
        ("next_question", "application/json"),
        ("overload_for_people", "text/html; charset=utf-8"),
        ("overload_for_programs", "application/json"),
        ("logo", "image/png"),
    ],
)
def test_type_and_charset_are_told(world, name, kind):
    # JSON is UTF-8 by its definition (RFC 8259), and has no charset to tell.
    assert getattr(world, name)()["Content-Type"] == kind


# Failures


@pytest.mark.parametrize("path", ["/broken", "/away", "/api/broken", "/api/away"])
def test_failure_has_its_headers_too(path):
    with override_settings(ROOT_URLCONF="tests.core.test_views"):
        response = Client(raise_request_exception=False).get(path)

    assert response.status_code in {500, 503}
    assert "no-store" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert directives(response)["frame-ancestors"] == ["'none'"]


@pytest.mark.parametrize("path", ["/broken", "/api/broken"])
def test_failure_tells_nothing_of_the_inside(path):
    with override_settings(ROOT_URLCONF="tests.core.test_views"):
        response = Client(raise_request_exception=False).get(path)

    for word in ("a fault", "Traceback", "RuntimeError", "test_views", "SECRET"):
        assert word not in response.text


# HTTPS and cookies, as in production


NAMES = [
    *("HTTPS", "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_NAME"),
    *("CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY", "SECURE_SSL_REDIRECT"),
    *("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS"),
    *("SECURE_HSTS_PRELOAD", "ALLOWED_HOSTS", "DEBUG"),
]


@pytest.fixture(scope="module")
def settings_of_production():
    question = f"__import__('json').dumps({{n: getattr(settings, n) for n in {NAMES}}})"
    return json.loads(settings_with(PRODUCTION, question))


@pytest.fixture
def production(settings_of_production):
    """Let the portal go by what production goes by, of cookies and transport."""
    with override_settings(**settings_of_production):
        yield


HOST = PRODUCTION["ALLOWED_HOSTS"]


def test_https_is_demanded_for_a_year(production):
    answer = Client(headers={"host": HOST}).get("/healthz", secure=True)

    policy = "max-age=31536000; includeSubDomains; preload"
    assert answer["Strict-Transport-Security"] == policy
    assert (
        dict(headers.outside_django(is_page=True))["Strict-Transport-Security"]
        == policy
    )


def test_programs_are_not_led_from_http_to_https(production):
    """A key that went over HTTP is not to be sent so again without anybody's notice."""
    browser = Client(headers={"host": HOST})

    page = browser.get("/accounts/login/")
    calls = [
        browser.get("/api/interview/0d7a1f0e-0000-4000-8000-000000000000/next"),
        browser.post("/webhooks/elevenlabs", b"{}", content_type="application/json"),
    ]

    assert (page.status_code, page["Location"]) == (
        301,
        f"https://{HOST}/accounts/login/",
    )
    assert [(call.status_code, "Location" in call) for call in calls] == [
        (403, False)
    ] * 2


def test_cookies_are_for_this_host_alone(production):
    browser = Client(headers={"host": HOST})
    session = SessionFactory()
    UserFactory(hr=True, email="anna@example.com")
    given = {}

    for send in (
        lambda: browser.get("/accounts/login/", secure=True),
        lambda: browser.post(
            "/accounts/login/",
            {"login": "anna@example.com", "password": "correct horse battery"},
            secure=True,
        ),
        lambda: browser.post(f"{session.get_absolute_url()}/start", secure=True),
    ):
        given |= send().cookies

    assert {name.partition("-")[2].split("-")[0] for name in given} == {
        "csrftoken",
        "sessionid",
        "interview",
    }
    for name, cookie in given.items():
        assert name.startswith("__Host-")
        assert (cookie["path"], cookie["domain"], cookie["secure"]) == ("/", "", True)
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_messages_are_in_no_cookie(client):
    client.force_login(UserFactory(hr=True))

    response = client.post("/accounts/", {"first_name": "Анна", "last_name": "Ли"})

    assert response.status_code == 302
    assert "messages" not in response.cookies
    assert "Saved." in client.get("/accounts/").text


# What is not served


@pytest.mark.parametrize(
    "path",
    [
        *("/.git/config", "/.env", "/config/settings.py", "/manage.py", "/var/"),
        *("/static/", "/static/js/", "/static/../config/settings.py", "/templates/"),
        "/static/%2e%2e/manage.py",
    ],
)
def test_files_of_the_source_are_not_served(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/healthz", "/api/schema"])
def test_trace_is_refused(path):
    response = Client().generic("TRACE", path, headers={"x-secret": "CANARY"})

    assert response.status_code in {403, 405}
    assert b"CANARY" not in response.content


@pytest.mark.parametrize("path", ["/metrics", "/admin/", "/admin/doc/", "/debug/"])
def test_nothing_else_is_told_to_strangers(client, path):
    response = client.get(path)

    assert response.status_code in {302, 401, 403, 404}


def test_host_that_is_not_ours_is_refused(production):
    answer = Client(headers={"host": "evil.example"}).get(
        "/accounts/login/", secure=True
    )

    assert answer.status_code == 400


def test_parameter_sent_twice_is_one(client, agent_headers):
    """Of a form the last counts; of JSON an object has each field once."""
    session = SessionFactory(started=True)
    question = session.script.frozen().questions[0].id
    body = f'{{"questionId": {question}, "answerText": "a", "answerText": "b"}}'

    response = client.post(
        f"/api/interview/{session.pk}/answer?answerText=c",
        body,
        content_type="application/json",
        headers=agent_headers(session),
    )

    assert response.status_code == 200
    assert [answer.answer_text for answer in session.answers.all()] == ["b"]
    request = RequestFactory().post("/?text=query", {"text": ["first", "last"]})
    assert request.POST["text"] == "last"
    assert django_settings.DATA_UPLOAD_MAX_NUMBER_FIELDS == 2500

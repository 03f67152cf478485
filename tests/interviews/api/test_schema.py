"""The published OpenAPI schema and its page."""

from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client, override_settings

import core.limits
from interviews.tokens import cookie_name, mint_token
from tests.factories import ProgressFactory
from tests.interviews.api.conftest import schema

READ = {401, 404, 409, 429, 503}
WRITE = READ | {400, 403, 413}
DOCUMENTED = {("get", "next"): READ, ("post", "answer"): WRITE, ("post", "end"): WRITE}


def path(action):
    return "/api/interview/{session_id}/" + action


def test_schema_is_valid_and_complete(tmp_path):
    file = tmp_path / "schema.yml"

    call_command("spectacular", validate=True, fail_on_warn=True, file=str(file))

    assert file.read_text().startswith("openapi: 3.1.1")


@pytest.mark.parametrize(("method", "action"), DOCUMENTED)
def test_schema_names_every_status(method, action):
    operation = schema()["paths"][path(action)][method]

    statuses = {int(status) for status in operation["responses"]}
    assert statuses == {200} | DOCUMENTED[method, action]
    assert operation["security"] == [
        {"agentKey": [], "sessionToken": []},
        {"candidateCookie": []},
    ]


@pytest.mark.parametrize(
    ("action", "is_needed"), [("answer", True), ("call", True), ("end", False)]
)
def test_schema_says_which_call_needs_a_body(action, is_needed):
    body = schema()["paths"][path(action)]["post"]["requestBody"]

    assert body.get("required", False) is is_needed


class Caller:
    """Somebody who makes an endpoint refuse; each method is a way to."""

    def __init__(self, session, headers, method, action):
        self.session, self.headers = session, headers
        self.method, self.action = method, action

    def call(self, client=None, body=b"{}", **headers):
        client = client or Client()
        return client.generic(
            self.method.upper(),
            f"/api/interview/{self.session.pk}/{self.action}",
            body,
            content_type="application/json",
            headers=self.headers | headers,
        )

    def provoke_400(self):
        return self.call(body=b"[]")

    def provoke_401(self):
        return self.call(authorization="Bearer wrong")

    def provoke_403(self):
        browser = Client(enforce_csrf_checks=True)
        browser.cookies[cookie_name(self.session.pk)] = mint_token(self.session.pk)
        self.headers = {}
        return self.call(browser)

    def provoke_404(self):
        self.session.conversation_id = "conv_1"
        self.session.save()
        body = b'{"questionId": 1, "answerText": "a"}'
        return self.call(body=body, **{"x-conversation-id": "conv_2"})

    def provoke_409(self):
        self.session.cancelled_at = self.session.started_at
        self.session.save()
        return self.call(body=b'{"questionId": 1, "answerText": "a"}')

    def provoke_413(self):
        return self.call(body=b" " * 70_000)

    def provoke_429(self):
        one_attempt = {"failures": 0}
        limits = [limit._replace(**one_attempt) for limit in core.limits.LIMITS]
        with (
            override_settings(LIMIT_FAILED_ATTEMPTS=True),
            patch.object(core.limits, "LIMITS", limits),
        ):
            return self.call(authorization="Bearer wrong")

    def provoke_503(self):
        def fail(*args):
            raise OperationalError("the connection is lost")

        with connection.execute_wrapper(fail):
            return self.call(body=b'{"questionId": 1, "answerText": "a"}')


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "action", "status"),
    [(*call, status) for call, statuses in DOCUMENTED.items() for status in statuses],
)
def test_every_documented_refusal_can_be_had(
    session, agent_headers, method, action, status
):
    caller = Caller(session, agent_headers(session), method, action)

    response = getattr(caller, f"provoke_{status}")()

    assert response.status_code == status


@pytest.mark.parametrize("answered", [0, 3])
def test_refused_start_of_a_call_is_as_documented(client, session, answered):
    """Found by schemathesis: not every refusal names the question to go on with."""
    if answered:
        for question in session.vacancy.questions.all():
            ProgressFactory(session=session, question=question)
    else:
        session.cancelled_at = session.started_at
        session.save()
    client.cookies[cookie_name(session.pk)] = mint_token(session.pk)

    response = client.post(f"/api/interview/{session.pk}/call/start")

    body = {name for name in response.json() if name != "detail"}
    assert (response.status_code, body) == (
        409,
        {"code"} if answered else {"code", "next"},
    )


def test_schema_is_served_to_anyone(client):
    response = client.get("/api/schema")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == (
        "application/vnd.oai.openapi; charset=utf-8"
    )


def test_docs_page_renders(client):
    response = client.get("/api/docs")

    content = response.content.decode()
    assert response.status_code == 200
    assert "<title>Parley session endpoints</title>" in content
    assert 'src="/static/drf_spectacular_sidecar/swagger-ui-dist/' in content
    assert "https://cdn" not in content

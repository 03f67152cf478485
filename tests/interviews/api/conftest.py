"""What the tests of the session endpoints share.

Every answer that any of them gets is held against the published OpenAPI schema.
"""

import re
from datetime import UTC, datetime
from functools import cache

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from tests.factories import SessionFactory

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
A_DAY_LATER = datetime(2026, 1, 2, tzinfo=UTC)
CLOSED_STATES = {
    "not_started": {},
    "expired": {"started": True, "expires_at": LONG_AGO},
    "cancelled": {"started": True, "cancelled_at": A_DAY_LATER},
    "finished": {
        "started": True,
        "started_at": LONG_AGO,
        "finished_at": A_DAY_LATER,
    },
}
DETAILS = {
    "not_started": "The candidate has not started this interview yet; wait for the "
    "start, then call next again.",
    "expired": "The deadline of this interview has passed and the answers so far are "
    "kept; thank the candidate and end the call.",
    "cancelled": "This interview was cancelled; thank the candidate and end the call.",
    "finished": "This interview is finished; thank the candidate and end the call.",
}


@cache
def schema():
    return SchemaGenerator().get_schema(public=True)


def documented_operation(request):
    """Return what the schema says of the request's endpoint, None if it has none."""
    if request.resolver_match is None:
        return None
    path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", request.resolver_match.route)
    return schema()["paths"].get(path, {}).get(request.method.lower())


def check_against_schema(response):
    """Assert that the status is documented and the body as the schema has it."""
    operation = documented_operation(response.wsgi_request)
    if operation is None or response.status_code == 405:
        return
    documented = operation["responses"][str(response.status_code)]
    body_schema = documented["content"]["application/json"]["schema"]
    root = body_schema | {"components": schema()["components"]}
    Draft202012Validator(root).validate(response.json())


class CheckedClient(Client):
    def request(self, **request):
        response = super().request(**request)
        check_against_schema(response)
        return response


@pytest.fixture
def client():
    return CheckedClient()


@pytest.fixture
def session(db):
    """A started interview about a vacancy with three questions."""
    return SessionFactory(started=True)


@pytest.fixture(params=CLOSED_STATES)
def closed_session(db, request):
    """A session that takes no answers, and the refusal that says why."""
    session = SessionFactory(**CLOSED_STATES[request.param])
    return session, {
        "code": request.param,
        "detail": DETAILS[request.param],
        "next": None,
    }


@pytest.fixture
def post_answer(client, agent_headers):
    """Send one answer as the agent does; `body` replaces the fields by raw bytes."""

    def call(session, body=None, headers=None, content_type="application/json", **data):
        return client.post(
            f"/api/interview/{session.pk}/answer",
            data if body is None else body,
            content_type=content_type,
            headers=agent_headers(session) | (headers or {}),
        )

    return call
